// Gives each lesson a button that runs it on a Linux in this page. Nothing of that Linux is loaded before the reader presses it.
'use strict';
// The print page has no buttons.
for (const place of location.pathname.endsWith('/print.html') ? [] : document.querySelectorAll('.run-here')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Run it here';
    const about = document.createElement('span');
    about.setAttribute('role', 'status');
    place.append(button, about);

    const { assets, lesson: name, folder } = place.dataset;
    const source = document.querySelector('.tabs code.language-c')?.textContent ?? '';
    about.textContent = assets ? `on a Linux in this page (loads ${place.dataset.size})` : '';

    button.addEventListener('click', async () => {
        if (!assets) {
            about.textContent = 'This copy of the book was built without the Linux for the page. “cargo run -p ipc-workbook-book -- machine” makes it; then build the book again.';
            return;
        }
        // This page may be open in the frame of a page in which the machine runs already.
        const outer = parent.machinePanel ? parent : window;
        button.disabled = true;
        try {
            if (outer.machinePanel) {
                const panel = await outer.machinePanel;
                panel.open({ name, folder, source });
            } else {
                about.textContent = 'Linux is loading …';
                const address = new URL(assets, location.href);
                window.machinePanel = import(new URL('main.js', address)).then(({ start }) => start(address, { name, folder, source }));
                await window.machinePanel;
            }
            about.textContent = '';
            const panel = await outer.machinePanel;
            panel.run();
        } catch (error) {
            window.machinePanel = undefined;
            about.textContent = `Linux cannot be loaded: ${error.message}`;
        }
        button.disabled = false;
    });
}

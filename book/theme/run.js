// Gives each lesson and each lab a button that runs it on a Linux in this page. Nothing of that Linux is loaded before the
// reader presses it.
'use strict';
// The print page has no buttons.
for (const place of location.pathname.endsWith('/print.html') ? [] : document.querySelectorAll('.run-here')) {
    const button = document.createElement('button');
    button.type = 'button';
    const about = document.createElement('span');
    about.setAttribute('role', 'status');
    place.append(button, about);

    const { assets, lesson, folder, lab, file } = place.dataset;
    const source = document.querySelector(lab ? '.starter code' : '.tabs code.language-c')?.textContent ?? '';
    // What the panel needs to know: the name, where the source is in that Linux, and its text in this page.
    const program = lab
        ? { name: lab, isLab: true, path: `/labs/${lab}/${file}`, source }
        : { name: lesson, isLab: false, path: `/src/${folder}/c/${lesson}.c`, source };
    button.textContent = lab ? 'Try it here' : 'Run it here';
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
                panel.open(program);
            } else {
                about.textContent = 'Linux is loading …';
                const address = new URL(assets, location.href);
                window.machinePanel = import(new URL('main.js', address)).then(({ start }) => start(address, program));
                await window.machinePanel;
            }
            about.textContent = '';
            const panel = await outer.machinePanel;
            // A lab waits for its reader to write something.
            if (lab) panel.edit();
            else panel.run();
        } catch (error) {
            window.machinePanel = undefined;
            about.textContent = `Linux cannot be loaded: ${error.message}`;
        }
        button.disabled = false;
    });
}

// Marks the current step in the picture of a run. Its links open a step in the player.
'use strict';
for (const link of document.querySelectorAll('.picture a[href^="#"]')) {
    const id = decodeURIComponent(link.getAttribute('href').slice(1));
    document.addEventListener('step', event => {
        if (event.detail.step === id) link.setAttribute('aria-current', 'step');
        else if (event.detail.step.replace(/-\d+$/, '') === id.replace(/-\d+$/, '')) link.removeAttribute('aria-current');
    });
    link.addEventListener('click', event => {
        const heading = document.getElementById(id);
        const run = heading?.closest('.run');
        if (!run?.querySelector('.controls')) return;
        event.preventDefault();
        document.dispatchEvent(new CustomEvent('open-step', { detail: { step: id } }));
        run.scrollIntoView({ block: 'nearest' });
    });
}

// Shows one state of a picture at a time: with buttons, and with the arrow keys inside the picture.
'use strict';
// The print page shows all states.
const pictures = location.pathname.endsWith('/print.html') ? [] : document.querySelectorAll('.picture.stepped');
for (const picture of pictures) {
    const states = [...picture.querySelectorAll('.state')];
    let at = 0;

    const button = (text, by) => {
        const made = document.createElement('button');
        made.type = 'button';
        made.textContent = text;
        made.addEventListener('click', () => goTogether(at + by));
        return made;
    };
    const controls = document.createElement('div');
    controls.className = 'controls';
    const back = button('Previous', -1);
    const on = button('Next', 1);
    const where = document.createElement('span');
    where.setAttribute('aria-live', 'polite');
    controls.append(back, on, where);
    picture.querySelector('.states').before(controls);
    picture.classList.add('playing');

    function go(to) {
        at = Math.max(0, Math.min(states.length - 1, to));
        states.forEach((state, n) => { state.hidden = n !== at; });
        // A button that is disabled loses the focus, and the next arrow key would turn the page of the book.
        const focused = document.activeElement;
        back.disabled = at === 0;
        on.disabled = at === states.length - 1;
        if (focused === back && back.disabled) on.focus();
        if (focused === on && on.disabled) back.focus();
        where.textContent = `${at + 1} of ${states.length}`;
    }

    // A picture of a run follows the run, and the run follows the picture.
    function goTogether(to) {
        go(to);
        const step = states[at].dataset.step;
        if (step) document.dispatchEvent(new CustomEvent('open-step', { detail: { step, whole: true } }));
    }
    document.addEventListener('step', event => {
        const of = states.findIndex(state => state.dataset.step === event.detail.step);
        if (of >= 0) go(event.detail.whole ? of : of - 1);
    });

    picture.addEventListener('keydown', event => {
        const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        // In a picture that is wider than its box, the arrow keys scroll.
        const box = event.target.closest('.wide');
        if (!by) return;
        // Otherwise, mdBook would turn the page.
        event.stopPropagation();
        if (box && box.scrollWidth > box.clientWidth) return;
        event.preventDefault();
        goTogether(at + by);
    });
    go(0);
}

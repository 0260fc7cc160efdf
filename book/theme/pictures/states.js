// Shows one state of a picture at a time: with buttons, and with the arrow keys inside the picture.
'use strict';
// The print page shows all states.
const pictures = location.pathname.endsWith('/print.html') ? [] : document.querySelectorAll('.picture.stepped');
for (const picture of pictures) {
    const states = [...picture.querySelectorAll('.state')];
    let at = 0;

    const controls = frameControls(goTogether);
    picture.querySelector('.states').before(controls.element);
    picture.classList.add('playing');

    function go(to) {
        at = Math.max(0, Math.min(states.length - 1, to));
        states.forEach((state, n) => { state.hidden = n !== at; });
        controls.say(at, states.length);
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

    picture.addEventListener('keydown', controls.press);
    go(0);
}

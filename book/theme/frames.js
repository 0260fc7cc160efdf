// What a run in the player and a picture with several states have in common: one frame is shown at a time, and the
// reader goes to another one with buttons or with the arrow keys.
'use strict';
function frameControls(go) {
    let at = 0;
    const button = (text, by) => {
        const made = document.createElement('button');
        made.type = 'button';
        made.textContent = text;
        made.addEventListener('click', () => go(at + by));
        return made;
    };
    const element = document.createElement('div');
    element.className = 'controls';
    const back = button('Previous', -1);
    const on = button('Next', 1);
    const where = document.createElement('span');
    where.setAttribute('aria-live', 'polite');
    element.append(back, on, where);

    // Says which of the frames is shown.
    function say(frame, frames) {
        at = frame;
        // A button that is disabled loses the focus, and the next arrow key would turn the page of the book.
        const focused = document.activeElement;
        back.disabled = at === 0;
        on.disabled = at === frames - 1;
        if (focused === back && back.disabled) on.focus();
        if (focused === on && on.disabled) back.focus();
        where.textContent = `${at + 1} of ${frames}`;
    }

    // Goes to another frame if the key is an arrow.
    function press(event) {
        const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!by) return;
        // Otherwise, mdBook would turn the page.
        event.stopPropagation();
        // In a picture that is wider than its box, the arrow keys scroll.
        const box = event.target.closest('.wide');
        if (box && box.scrollWidth > box.clientWidth) return;
        event.preventDefault();
        go(at + by);
    }
    return { element, say, press };
}

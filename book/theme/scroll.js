// Shows which boxes can be scrolled sideways. The text fades at an edge behind which there is more (web.css), and
// the keyboard can reach the box. A box in which everything is visible is no stop for the Tab key.
'use strict';
{
    const measured = box => {
        const hidden = box.scrollWidth - box.clientWidth;
        const scrolls = hidden > 1 && getComputedStyle(box).overflowX !== 'visible';
        return { box, scrolls, before: scrolls && box.scrollLeft > 1, after: scrolls && box.scrollLeft < hidden - 1 };
    };
    const show = ({ box, scrolls, before, after }) => {
        box.classList.toggle('more-before', before);
        box.classList.toggle('more-after', after);
        if (scrolls) box.tabIndex = 0;
        else box.removeAttribute('tabindex');
    };
    // Called at first, and whenever a box changes its width: with the window, or when the reader opens what contains
    // it. All boxes are measured before the first one is changed, because each change makes the next measure slow.
    const changes = new ResizeObserver(entries => entries.map(entry => measured(entry.target)).forEach(show));
    // On paper nothing scrolls.
    const all = 'main .wide, main pre, main pre > code, main .table-wrapper';
    const boxes = location.pathname.endsWith('/print.html') ? [] : document.querySelectorAll(all);
    for (const box of boxes) {
        changes.observe(box);
        box.addEventListener('scroll', () => show(measured(box)), { passive: true });
    }
}

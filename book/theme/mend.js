// What mdBook's frame leaves out for who uses the keyboard or a screen reader.
'use strict';
{
    // A label cannot be focused, nor say whether it is pressed; a button can.
    const toggle = document.getElementById('mdbook-sidebar-toggle');
    toggle.setAttribute('role', 'button');
    toggle.tabIndex = 0;
    toggle.addEventListener('keydown', event => {
        if (event.key === 'Enter' || event.key === ' ') {
            event.preventDefault();
            toggle.click();
        }
    });

    // A block of code that is wider than the page is scrolled with the keyboard too.
    for (const block of document.querySelectorAll('main pre, main pre > code, main .table-wrapper')) block.tabIndex = 0;
}

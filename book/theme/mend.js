// Adds what mdBook's pages lack for readers who use a keyboard or a screen reader.
'use strict';
{
    // The toggle is a label, which cannot have the focus or say that it is pressed. A button can.
    const toggle = document.getElementById('mdbook-sidebar-toggle');
    toggle.setAttribute('role', 'button');
    toggle.tabIndex = 0;
    toggle.addEventListener('keydown', event => {
        if (event.key === 'Enter' || event.key === ' ') {
            event.preventDefault();
            toggle.click();
        }
    });
}

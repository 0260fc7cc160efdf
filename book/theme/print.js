// Opens what is folded while the page is printed. print.css shows the rest of the page.
'use strict';
{
    let opened = [];
    addEventListener('beforeprint', () => {
        opened = [...document.querySelectorAll('main details:not([open])')];
        for (const folded of opened) folded.open = true;
    });
    addEventListener('afterprint', () => {
        for (const folded of opened) folded.open = false;
    });
}

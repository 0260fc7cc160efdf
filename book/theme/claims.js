// The claims of all chapters were once on one page. This leads an old link to the page of the chapter.
'use strict';
{
    const [chapter] = decodeURIComponent(location.hash.slice(1)).split('/');
    const page = document.querySelector(`main a[data-claims="${CSS.escape(chapter)}/"]`);
    if (page) location.replace(page.href + location.hash);
}

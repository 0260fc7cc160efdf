// Turns sections that follow each other into tabs: the source of a lesson in Rust and in C. The choice
// of a reader is kept for the next page.
'use strict';
{
    const CHOICE = 'workbook-tab';
    const chosen = () => { try { return localStorage.getItem(CHOICE); } catch { return null; } };
    const choose = name => { try { localStorage.setItem(CHOICE, name); } catch { /* the browser does not allow storage */ } };

    // The print page shows all sections.
    const groups = location.pathname.endsWith('/print.html') ? [] : document.querySelectorAll('.tabs');
    for (const group of groups) {
        const panels = [...group.querySelectorAll(':scope > section')];
        const headings = panels.map(panel => panel.querySelector('h3'));
        const list = document.createElement('div');
        list.setAttribute('role', 'tablist');
        list.setAttribute('aria-label', group.dataset.label);
        const tabs = panels.map((panel, n) => {
            const tab = document.createElement('button');
            tab.type = 'button';
            tab.textContent = headings[n].textContent;
            tab.id = `tab-${headings[n].id}`;
            tab.setAttribute('role', 'tab');
            tab.setAttribute('aria-controls', panel.id = `panel-${headings[n].id}`);
            tab.addEventListener('click', () => { choose(tab.textContent); show(n); });
            panel.setAttribute('role', 'tabpanel');
            panel.setAttribute('aria-labelledby', tab.id);
            panel.tabIndex = 0;
            headings[n].hidden = true; // the tab has the same text
            return tab;
        });
        list.append(...tabs);
        group.prepend(list);

        function show(at) {
            tabs.forEach((tab, n) => {
                tab.setAttribute('aria-selected', n === at);
                tab.tabIndex = n === at ? 0 : -1;
                panels[n].hidden = n !== at;
            });
        }

        list.addEventListener('keydown', event => {
            const at = tabs.indexOf(document.activeElement);
            const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
            if (to === undefined) return;
            // Otherwise, mdBook would turn the page.
            event.preventDefault();
            event.stopPropagation();
            const tab = tabs[(to + tabs.length) % tabs.length];
            tab.focus();
            tab.click();
        });

        // A link to a heading, such as a search result, opens the heading's tab.
        function follow() {
            const at = headings.findIndex(heading => `#${heading.id}` === location.hash);
            if (at < 0) return;
            show(at);
            group.scrollIntoView();
        }
        show(Math.max(0, tabs.findIndex(tab => tab.textContent === chosen())));
        follow();
        addEventListener('hashchange', follow);
    }
}

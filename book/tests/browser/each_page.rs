//! The checks of each page.

use crate::book::{Book, texts};
use crate::chromium::Chromium;
use ipc_workbook_testing::root;
use std::fs;

/// The width of the narrowest telephone, and of a desktop window.
const WIDTHS: [u32; 2] = [360, 1280];

pub(crate) fn quiet(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    book.open(browser, page);
    browser.complaints(&book.home)
}

/// Finds elements that stick out of the window. mdBook's body hides what sticks out, and the container of
/// the text can be scrolled, so the width of the page shows nothing. Each element is checked, unless it or
/// an element around it in the text can be scrolled.
const STICKING_OUT: &str = r"
    [...document.querySelectorAll('main *, #mdbook-menu-bar *')]
        .filter(element => {
            const box = element.getBoundingClientRect();
            if (box.width === 0 || (box.right <= innerWidth + 1 && box.left >= -1)) return false;
            for (let outer = element; outer && !outer.matches('main, #mdbook-menu-bar'); outer = outer.parentElement) {
                if (['auto', 'scroll'].includes(getComputedStyle(outer).overflowX)) {
                    const edge = outer.getBoundingClientRect();
                    if (edge.right <= innerWidth + 1 && edge.left >= -1) return false;
                }
            }
            return true;
        })
        .map(element => element.outerHTML.slice(0, 150))
        .slice(0, 3)";

/// Opens what is folded away or behind a tab, because it belongs to the page.
const UNFOLD: &str = r"
    document.querySelectorAll('details').forEach(folded => folded.open = true);
    document.querySelectorAll('[role=tabpanel]').forEach(panel => panel.hidden = false)";

pub(crate) fn fits(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for width in WIDTHS {
        browser.width(width);
        book.open(browser, page);
        browser.js(UNFOLD);
        let out = browser.js(STICKING_OUT);
        wrong.extend(
            texts(&out).map(|element| format!("at {width} pixels this element sticks out: {element}")),
        );
    }
    wrong
}

pub(crate) const GET_AXE: &str = "npm install --prefix target/browser axe-core@4 installs it";

pub(crate) fn axe() -> Option<String> {
    fs::read_to_string(root().join("target/browser/node_modules/axe-core/axe.min.js")).ok()
}

const SERIOUS: &str = r"
    axe.run(document, { resultTypes: ['violations'] }).then(found => found.violations
        .filter(rule => ['serious', 'critical'].includes(rule.impact))
        .flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 150)} ${node.failureSummary}`))
        .slice(0, 5))";

pub(crate) fn accessible(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    let axe = axe().expect(GET_AXE);
    let mut wrong = Vec::new();
    for scheme in ["light", "dark"] {
        browser.scheme(scheme);
        book.open(browser, page);
        browser.js(UNFOLD);
        browser.js(&format!("{axe}; 0"));
        let found = browser.js(SERIOUS);
        wrong.extend(texts(&found).map(|rule| format!("in {scheme}: {rule}")));
    }
    wrong
}

/// Finds texts of the page's source that a reader cannot see. Each step must show all of its lines.
pub(crate) const UNREAD: &str = r"
    [...document.querySelectorAll('main h1, main h2, main h3, main .tabs pre, main .run .events > li')]
        .filter(element => !element.checkVisibility({ visibilityProperty: true }))
        .map(element => element.textContent.slice(0, 150))
        .slice(0, 3)";

pub(crate) fn without_scripts(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    browser.scripts(false);
    book.open(browser, page);
    let unread = browser.js(UNREAD);
    let mut wrong: Vec<String> = texts(&unread).map(|text| format!("not visible: {text}")).collect();
    let is_a_page =
        "document.querySelector('main h1, main a') !== null && !document.querySelector('.controls')";
    if browser.js(is_a_page) != true {
        wrong.push("it is not a page, or scripts ran".into());
    }
    let contents = "document.querySelector('noscript iframe, iframe.sidebar-iframe-outer') !== null";
    if browser.js(contents) != true {
        wrong.push("there is no table of contents".into());
    }
    wrong
}

/// Finds links within the book that lead nowhere, as the browser resolves them.
const DEAD: &str = r"
    (async () => {
        const pages = window.pages ??= new Map();
        const dead = [];
        for (const link of document.querySelectorAll('a[href]')) {
            const to = new URL(link.href);
            if (to.origin !== location.origin) continue;
            // The 404 page has no address of its own, so its link to a heading leads to the root.
            if (to.pathname === '/' && location.pathname === '/404.html') continue;
            const address = to.origin + to.pathname;
            if (!pages.has(address)) {
                const answer = await fetch(address);
                pages.set(address, answer.ok && new DOMParser().parseFromString(await answer.text(), 'text/html'));
            }
            const page = pages.get(address);
            const place = decodeURIComponent(to.hash.slice(1));
            if (!page || (place && !page.getElementById(place))) dead.push(link.getAttribute('href'));
        }
        return dead;
    })()";

pub(crate) fn links(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    book.open(browser, page);
    let dead = browser.js(DEAD);
    texts(&dead).map(|link| format!("the link to {link} leads nowhere")).collect()
}

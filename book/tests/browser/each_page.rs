//! What is tried with each page.

use crate::book::{Book, texts};
use crate::chromium::Chromium;
use ipc_workbook_testing::root;
use std::fs;

/// The narrowest telephone, and a desk.
const WIDTHS: [u32; 2] = [360, 1280];

pub(crate) fn quiet(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    book.open(browser, page);
    browser.complaints(&book.home)
}

/// mdBook's body hides what sticks out of it, and what the text lies in can be scrolled
/// as a whole, so the page's own width tells nothing: each element is asked, unless it, or
/// what it lies in within the text, can be scrolled.
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

/// What is folded away, or behind a tab, is on the page as well.
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
        wrong.extend(texts(&out).map(|element| format!("at {width} pixels, this sticks out: {element}")));
    }
    wrong
}

pub(crate) const GET_AXE: &str = "npm install --prefix target/browser axe-core@4 gets it";

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

/// What the source of the page says, is read: each step with all of its lines.
pub(crate) const UNREAD: &str = r"
    [...document.querySelectorAll('main h1, main h2, main h3, main .tabs pre, main .run .events > li')]
        .filter(element => !element.checkVisibility({ visibilityProperty: true }))
        .map(element => element.textContent.slice(0, 150))
        .slice(0, 3)";

pub(crate) fn without_scripts(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    browser.scripts(false);
    book.open(browser, page);
    let unread = browser.js(UNREAD);
    let mut wrong: Vec<String> = texts(&unread).map(|text| format!("not to be seen: {text}")).collect();
    let is_a_page =
        "document.querySelector('main h1, main a') !== null && !document.querySelector('.controls')";
    if browser.js(is_a_page) != true {
        wrong.push("it is no page, or scripts ran".into());
    }
    let contents = "document.querySelector('noscript iframe, iframe.sidebar-iframe-outer') !== null";
    if browser.js(contents) != true {
        wrong.push("there is no table of contents".into());
    }
    wrong
}

/// Links within the book, with what they lead to, as the browser resolves them.
const DEAD: &str = r"
    (async () => {
        const pages = window.pages ??= new Map();
        const dead = [];
        for (const link of document.querySelectorAll('a[href]')) {
            const to = new URL(link.href);
            if (to.origin !== location.origin) continue;
            // The page for any wrong address is at home nowhere, so a heading of it leads to the root.
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

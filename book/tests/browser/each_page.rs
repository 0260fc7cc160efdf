//! The checks of each page.

use crate::book::{Book, texts};
use crate::chromium::Chromium;
use ipc_workbook_testing::root;
use std::fs;

/// The width of the narrowest telephone, and of a desktop window.
const PHONE: u32 = 360;
const DESKTOP: u32 = 1280;

/// On a desktop the table of contents stands beside the text, and the text is narrower. Nothing moves slowly.
const SHOW_CONTENTS: &str = r"
    document.head.insertAdjacentHTML('beforeend', '<style>* { transition: none !important; }</style>');
    document.getElementById('mdbook-sidebar-toggle-anchor').click()";

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

/// Finds boxes that hide something at an edge and do not show it.
const WITHOUT_CUE: &str = r"
    [...document.querySelectorAll('main *')]
        .filter(box => box.scrollWidth > box.clientWidth + 1 && box.clientWidth > 0 && box.checkVisibility()
            && ['auto', 'scroll'].includes(getComputedStyle(box).overflowX)
            && getComputedStyle(box).maskImage === 'none')
        .map(box => box.outerHTML.slice(0, 150))
        .slice(0, 3)";

/// Finds marks and links to claims that a finger can miss. The middle of a mark must belong to it.
const SMALL: &str = r"
    [...document.querySelectorAll('main a.claim, main a.permalink')]
        .filter(link => link.checkVisibility())
        .map(link => [link, link.getBoundingClientRect()])
        .filter(([, { width, height }]) => width < 24 || height < 24)
        .map(([link, { width, height }]) => `${link.outerHTML.slice(0, 100)} ${width} × ${height}`)
        .slice(0, 3)";

/// Opens the page once, at the width of a phone, and widens its window afterwards.
pub(crate) fn opens(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    browser.width(PHONE);
    book.open(browser, page);
    let mut wrong = browser.complaints(&book.home);
    browser.js(UNFOLD);
    for width in [PHONE, DESKTOP] {
        if width == DESKTOP {
            browser.width(width);
            browser.js(SHOW_CONTENTS);
        }
        browser.next_frame();
        let mut find = |what: &str, elements: &str| {
            let found = browser.js(elements);
            wrong.extend(texts(&found).map(|element| format!("at {width} pixels {what}: {element}")));
        };
        find("this sticks out", STICKING_OUT);
        find("this hides something and has no cue", WITHOUT_CUE);
        find("this is too small for a finger", SMALL);
    }
    wrong
}

pub(crate) const GET_AXE: &str = "npm install --prefix target/browser axe-core@4 installs it";

pub(crate) fn axe() -> Option<String> {
    fs::read_to_string(root().join("target/browser/node_modules/axe-core/axe.min.js")).ok()
}

pub(crate) const SERIOUS: &str = r"
    axe.run(document, { resultTypes: ['violations'], ...OPTIONS }).then(found => found.violations
        .filter(rule => ['serious', 'critical'].includes(rule.impact))
        .flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 150)} ${node.failureSummary}`))
        .slice(0, 5))";

/// The colour schemes, and axe's options in each. In the second scheme only the colours are different.
pub(crate) const SCHEMES: [(&str, &str); 2] =
    [("light", "{}"), ("dark", "{ runOnly: ['color-contrast', 'link-in-text-block'] }")];

pub(crate) fn accessible(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    let axe = axe().expect(GET_AXE);
    let mut wrong = Vec::new();
    browser.scheme("light");
    book.open(browser, page);
    browser.js(UNFOLD);
    browser.next_frame();
    browser.js(&format!("{axe}; 0"));
    for (scheme, options) in SCHEMES {
        browser.scheme(scheme);
        let shown = "getComputedStyle(document.documentElement).colorScheme";
        if !browser.comes_true(&format!("{shown} === '{scheme}'")) {
            wrong.push(format!("it does not become {scheme}"));
        }
        let found = browser.js(&SERIOUS.replace("OPTIONS", options));
        wrong.extend(texts(&found).map(|rule| format!("in {scheme}: {rule}")));
    }
    wrong
}

/// Finds texts of the page's source that a reader cannot see. Each step must show all of its lines.
pub(crate) const UNREAD: &str = r"
    [...document.querySelectorAll('main h1, main h2, main h3, main .tabs pre, main .run .events > li, main .picture .state')]
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

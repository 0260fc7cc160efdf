//! A page on paper: everything that the page contains, and nothing to click.

use crate::book::{Book, texts};
use crate::chromium::Chromium;
use crate::each_page::UNREAD;
use serde_json::json;

/// A lesson with questions and tabs, a page of questions, and a page with hints.
const PAGES: [&str; 3] = [
    "13-refcount/refcount_demo.html",
    "13-refcount/questions.html",
    "12-permissions/labs/exact-mode/index.html",
];

/// Finds controls that a reader can see. The options of a prediction are buttons whose text belongs to the page.
const CONTROLS: &str = "[...document.querySelectorAll('button, [role=tablist], .nav-chapters')]
    .filter(control => control.checkVisibility() && !control.matches('.run .options button'))
    .map(control => control.outerHTML.slice(0, 150))";

/// Finds answers and hints that are folded.
const FOLDED: &str = "document.querySelectorAll('main details:not([open])').length";

pub(crate) fn paper(book: &Book, browser: &mut Chromium) -> Vec<String> {
    let mut wrong = Vec::new();
    for page in PAGES {
        book.open(browser, page);
        let shown = browser.js("document.querySelector('main').innerText");
        let folded = browser.js(FOLDED);
        browser.js(&format!("addEventListener('beforeprint', () => window.folded = {FOLDED})"));
        browser.call("Page.printToPDF", &json!({ "transferMode": "ReturnAsStream", "pageRanges": "1" }));
        if browser.js("window.folded") != 0 {
            wrong.push(format!("{page}: {} answers are folded on paper", browser.js("window.folded")));
        }
        browser.call("Emulation.setEmulatedMedia", &json!({ "media": "print" }));
        for text in texts(&browser.js(UNREAD)) {
            wrong.push(format!("{page}: not on paper: {text}"));
        }
        for control in texts(&browser.js(CONTROLS)) {
            wrong.push(format!("{page}: on paper: {control}"));
        }
        browser.call("Emulation.setEmulatedMedia", &json!({ "media": "" }));
        if browser.js("document.querySelector('main').innerText") != shown || browser.js(FOLDED) != folded {
            wrong.push(format!("{page}: looks different after it was printed"));
        }
    }
    wrong
}

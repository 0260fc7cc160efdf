//! The checks that run once for the whole book.

use crate::book::{Book, texts};
use crate::chromium::Chromium;
use crate::each_page::UNREAD;
use std::fs;

/// The largest size of a page, in bytes, without its images.
const HEAVIEST: u64 = 300_000;

pub(crate) fn light(book: &Book) -> Vec<String> {
    let pages = book.pages.values().flatten().filter(|page| *page != "print.html");
    let weigh = |page: &String| (fs::metadata(book.folder.join(page)).expect("a page").len(), page.clone());
    let heavy = pages.map(weigh).filter(|(weight, _)| *weight >= HEAVIEST);
    heavy.map(|(weight, page)| format!("{page}: {weight} bytes")).collect()
}

pub(crate) fn search(book: &Book, browser: &mut Chromium) -> Vec<String> {
    book.open(browser, "index.html");
    browser.press("s");
    let has_focus = "document.activeElement.id === 'mdbook-searchbar'";
    if !browser.comes_true(has_focus) {
        return vec!["the key s does not open the search".into()];
    }
    browser.call("Input.insertText", &serde_json::json!({ "text": "unlink" }));
    let found = "[...document.querySelectorAll('#mdbook-searchresults a')].some(link => link.textContent.includes('nlink'))";
    if !browser.comes_true(found) {
        return vec!["the search finds nothing".into()];
    }
    let mut wrong = browser.complaints(&book.home);
    let address = browser.js("document.querySelector('#mdbook-searchresults a').href");
    browser.open(address.as_str().unwrap_or_default());
    if browser.js("document.querySelector('main').textContent.includes('unlink')") != true {
        wrong.push(format!("{address} does not contain the word unlink"));
    }
    wrong
}

pub(crate) fn pictures(book: &Book, browser: &mut Chromium) -> Vec<String> {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for page in book.pages.values().flatten() {
        if !fs::read_to_string(book.folder.join(page))
            .is_ok_and(|text| text.contains("<svg class=\"timeline\""))
        {
            continue;
        }
        book.open(browser, page);
        let named = browser.js(
            r"[...document.querySelectorAll('svg.timeline')].map(svg => {
                const [title, description] = svg.getAttribute('aria-labelledby').split(' ').map(id => document.getElementById(id));
                return title?.tagName === 'title' && description?.tagName === 'desc' && title.textContent.length > 10
                    && description.textContent.length > 10 && svg.contains(title) && svg.contains(description) && svg.getAttribute('role') === 'img';
            })",
        );
        let named = named.as_array().cloned().unwrap_or_default();
        seen += named.len();
        if named.is_empty() || named.iter().any(|named| named != true) {
            wrong.push(format!("{page}: a picture has no title or description"));
        }
    }
    if seen < 10 {
        wrong.push(format!("there are only {seen} pictures"));
    }
    wrong
}

pub(crate) fn print_page(book: &Book, browser: &mut Chromium) -> Vec<String> {
    // The page opens the print dialog when it has loaded. A headless browser does not have one.
    book.open(browser, "print.html");
    let mut wrong = browser.complaints(&book.home);
    let unread = browser.js(UNREAD);
    wrong.extend(texts(&unread).map(|text| format!("not visible: {text}")));
    wrong
}

pub(crate) fn missing_page(book: &Book, browser: &mut Chromium) -> Vec<String> {
    book.open(browser, "13-refcount/nowhere.html");
    let mut wrong = Vec::new();
    if browser.js("document.querySelector('main').textContent.includes('not found')") != true {
        wrong.push("the page does not say that the address was not found".to_string());
    }
    // The browser may complain only about the wrong address itself.
    wrong.extend(
        browser.complaints(&book.home).into_iter().filter(|complaint| !complaint.contains("nowhere.html")),
    );
    wrong
}

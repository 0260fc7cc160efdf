//! What is tried once with the whole book.

use crate::book::{Book, texts};
use crate::chromium::Chromium;
use crate::each_page::UNREAD;
use std::fs;

/// What a page may weigh before its images.
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
        return vec!["the key s does not lead to the search".into()];
    }
    browser.call("Input.insertText", &serde_json::json!({ "text": "unlink" }));
    let found = "[...document.querySelectorAll('#mdbook-searchresults a')].some(link => link.textContent.includes('nlink'))";
    if !browser.comes_true(found) {
        return vec!["nothing is found".into()];
    }
    let mut wrong = browser.complaints(&book.home);
    let address = browser.js("document.querySelector('#mdbook-searchresults a').href");
    browser.open(address.as_str().unwrap_or_default());
    if browser.js("document.querySelector('main').textContent.includes('unlink')") != true {
        wrong.push(format!("{address} does not speak of unlink"));
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
            wrong.push(format!("{page}: a picture without its title and description"));
        }
    }
    if seen < 10 {
        wrong.push(format!("there are but {seen} pictures"));
    }
    wrong
}

pub(crate) fn print_page(book: &Book, browser: &mut Chromium) -> Vec<String> {
    // It asks the printer as soon as it is there, which a browser without a screen does not have.
    book.open(browser, "print.html");
    let mut wrong = browser.complaints(&book.home);
    let unread = browser.js(UNREAD);
    wrong.extend(texts(&unread).map(|text| format!("not to be seen: {text}")));
    wrong
}

pub(crate) fn missing_page(book: &Book, browser: &mut Chromium) -> Vec<String> {
    book.open(browser, "13-refcount/nowhere.html");
    let mut wrong = Vec::new();
    if browser.js("document.querySelector('main').textContent.includes('not found')") != true {
        wrong.push("it says something else".to_string());
    }
    // The address itself is refused, and nothing else.
    wrong.extend(
        browser.complaints(&book.home).into_iter().filter(|complaint| !complaint.contains("nowhere.html")),
    );
    wrong
}

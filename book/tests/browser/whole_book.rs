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
        if !book.has(page, "<svg class=\"timeline\"") {
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

pub(crate) fn old_link(book: &Book, browser: &mut Chromium) -> Vec<String> {
    let claim = "refcount/an-unlinked-queue-has-no-name";
    book.open(browser, &format!("claims.html#{claim}"));
    let arrived = format!(
        "location.pathname.endsWith('/13-refcount/claims.html') && document.querySelector(':target')?.id === '{claim}'"
    );
    if browser.comes_true(&arrived) {
        return Vec::new();
    }
    vec![format!("claims.html#{claim} leads to {}", browser.js("location.href"))]
}

/// Finds links within the book that lead nowhere, as the browser resolves them. It reads each page once.
const DEAD: &str = r"
    (async () => {
        const pages = new Map();
        const read = async address => {
            if (!pages.has(address)) {
                const answer = await fetch(address);
                pages.set(address, answer.ok && new DOMParser().parseFromString(await answer.text(), 'text/html'));
            }
            return pages.get(address);
        };
        const dead = [];
        for (const name of PAGES) {
            const from = new URL(name, HOME);
            for (const link of (await read(from.href)).querySelectorAll('a[href]')) {
                const to = new URL(link.getAttribute('href'), from);
                if (to.origin !== from.origin) continue;
                // The 404 page has no address of its own, so its link to a heading leads to the root.
                if (to.pathname === '/' && name === '404.html') continue;
                const page = await read(to.origin + to.pathname);
                const place = decodeURIComponent(to.hash.slice(1));
                if (!page || (place && !page.getElementById(place))) dead.push(`${name}: ${link.getAttribute('href')}`);
            }
        }
        return dead;
    })()";

pub(crate) fn links(book: &Book, browser: &mut Chromium) -> Vec<String> {
    book.open(browser, "index.html");
    let of_the_chapters = book.pages.values().flatten().filter(|page| *page != "print.html");
    // Each page shows the table of contents.
    let pages: Vec<&str> = of_the_chapters.map(String::as_str).chain(["toc.html"]).collect();
    let dead = DEAD.replace("PAGES", &serde_json::json!(pages).to_string());
    let dead = browser.js(&dead.replace("HOME", &serde_json::json!(book.home).to_string()));
    texts(&dead).map(|link| format!("this link leads nowhere: {link}")).collect()
}

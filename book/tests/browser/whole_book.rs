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

pub(crate) fn print_page(book: &Book, browser: &mut Chromium) -> Vec<String> {
    // The page opens the print dialog when it has loaded. A headless browser does not have one.
    book.open(browser, "print.html");
    let mut wrong = browser.complaints(&book.home);
    let unread = browser.js(UNREAD);
    wrong.extend(texts(&unread).map(|text| format!("not visible: {text}")));
    // mdBook has turned the links between pages into links within this page. The builder does not check them.
    let dead = r"[...document.querySelectorAll('main a[href^=\'#\']')].map(link => link.getAttribute('href'))
        .filter(href => !document.getElementById(decodeURIComponent(href.slice(1)))).slice(0, 5)";
    wrong.extend(texts(&browser.js(dead)).map(|href| format!("this link leads nowhere: {href}")));
    wrong
}

pub(crate) fn missing_page(book: &Book, browser: &mut Chromium) -> Vec<String> {
    book.open(browser, "13-refcount/nowhere.html");
    let mut wrong = Vec::new();
    if browser.js("document.querySelector('main').textContent.includes('no such page')") != true {
        wrong.push("the page does not say that the address was not found".to_string());
    }
    // The browser may complain only about the wrong address itself.
    wrong.extend(
        browser.complaints(&book.home).into_iter().filter(|complaint| !complaint.contains("nowhere.html")),
    );
    wrong
}

/// Addresses that were once right, and where they must lead now.
const MOVED: [(&str, &str); 2] = [
    (
        "claims.html#refcount/an-unlinked-queue-has-no-name",
        "13-refcount/claims.html#refcount/an-unlinked-queue-has-no-name",
    ),
    ("index.html#as-a-student", "how-to-use-this-book.html#as-a-student"),
];

pub(crate) fn old_links(book: &Book, browser: &mut Chromium) -> Vec<String> {
    let mut wrong = Vec::new();
    for (old, new) in MOVED {
        book.open(browser, old);
        let arrived =
            format!("location.href === '{}{new}' && document.querySelector(':target') !== null", book.home);
        if !browser.comes_true(&arrived) {
            wrong.push(format!("{old} leads to {}", browser.js("location.href")));
        }
    }
    wrong
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

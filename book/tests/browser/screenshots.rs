//! The pictures of the book in the README.

use crate::book::Book;
use crate::chromium::Chromium;
use std::fs;
use std::path::Path;

/// Takes the README's pictures of the book, for scripts/screenshots.
pub(crate) fn screenshots(book: &Book, browser: &mut Chromium) -> Vec<String> {
    let to = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    fs::create_dir_all(&to).expect("a folder");
    let shots = [
        ("chapter", "light", "13-refcount/index.html", "0"),
        ("player", "dark", "13-refcount/refcount_demo.html", PLAYED),
        ("interview", "light", "13-refcount/questions.html", ANSWERED),
    ];
    browser.width(800);
    for (name, scheme, page, first) in shots {
        browser.scheme(scheme);
        book.open(browser, page);
        browser.js(first);
        fs::write(to.join(format!("{name}.png")), browser.screenshot()).expect("a picture");
    }
    Vec::new()
}

/// Moves the player to the step that the README shows as text.
const PLAYED: &str = r"
    const run = document.querySelector('.run');
    const next = [...run.querySelectorAll('.controls button')].at(-1);
    while (!run.querySelector('.step:not([hidden]) h3').textContent.startsWith('4.')) next.click();
    next.click();
    run.scrollIntoView(); scrollBy(0, -60); 0";

/// Answers the first question.
const ANSWERED: &str = r"
    const asked = document.querySelector('main .asked');
    asked.querySelector('input').click();
    [...asked.querySelectorAll('button')].find(button => button.textContent === 'Check').click(); 0";

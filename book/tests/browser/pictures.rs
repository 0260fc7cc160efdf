//! The pictures of lessons and chapters, by keyboard.

use crate::book::Book;
use crate::chromium::Chromium;

const LESSON: &str = "13-refcount/refcount_demo.html";

pub(crate) fn described(book: &Book, browser: &mut Chromium) -> Vec<String> {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for page in book.pages.values().flatten().filter(|page| *page != "print.html") {
        if !book.has(page, "<figure class=\"picture") {
            continue;
        }
        book.open(browser, page);
        let named = browser.js(
            r"[...document.querySelectorAll('.picture .state svg')].map(svg => {
                const [title, description] = svg.getAttribute('aria-labelledby').split(' ').map(id => document.getElementById(id));
                return title?.tagName === 'title' && description?.tagName === 'desc' && title.textContent.length > 10
                    && description.textContent.length > 10 && svg.contains(title) && svg.contains(description)
                    && svg.getAttribute('role') === (svg.querySelector('a') ? 'group' : 'img');
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

const STEP: &str = "document.querySelector('.run .step:not([hidden]) h3').id";
const MARKED: &str = "[...document.querySelectorAll('.picture a[aria-current=step]')].map(link => link.getAttribute('href')).join()";
const STATE: &str =
    "document.querySelector('#picture-references-refcount_demo .state:not([hidden]) .heading').textContent";

/// Enter on a step of the picture opens the step in the player, and the picture marks it.
pub(crate) fn life_opens_a_step(book: &Book, browser: &mut Chromium) -> Vec<String> {
    book.open(browser, LESSON);
    browser.js("document.querySelector('.picture a[href=\"#refcount_demo-4\"]').focus()");
    browser.press("Enter");
    let mut wrong = Vec::new();
    for (what, seen, want) in [
        ("the player shows", browser.js(STEP), "refcount_demo-4"),
        ("the picture marks", browser.js(MARKED), "#refcount_demo-4"),
    ] {
        if seen != want {
            wrong.push(format!("after Enter on step 4, {what} {seen}"));
        }
    }
    // The picture is wider than a telephone: its box scrolls.
    browser.width(360);
    book.open(browser, LESSON);
    let scrolls = "(box => box.scrollWidth > box.clientWidth && getComputedStyle(box).backgroundImage.includes('gradient'))(document.querySelector('#picture-life-refcount_demo .wide'))";
    if browser.js(scrolls) != true {
        wrong.push(
            "at 360 pixels, the picture does not scroll in its box, or no shadow shows that it does".into(),
        );
    }
    wrong
}

/// What refers to what follows the player, forwards and backwards, and the player follows it.
pub(crate) fn references_follow(book: &Book, browser: &mut Chromium) -> Vec<String> {
    book.open(browser, LESSON);
    let mut seen = vec![browser.js(STATE)];
    browser.js("document.querySelector('.run').focus()");
    for key in ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"] {
        browser.press(key);
        seen.push(browser.js(STATE));
    }
    // Step 4 asks a question. Before the answer, the picture shows what was before the step.
    let want = [1, 2, 3, 3, 4, 3, 3];
    let mut wrong = Vec::new();
    for (n, (seen, want)) in seen.iter().zip(want).enumerate() {
        if !seen.as_str().is_some_and(|seen| seen.starts_with(&format!("After step {want}:"))) {
            wrong.push(format!("after {n} keys, the picture shows {seen}, not the state after step {want}"));
        }
    }
    browser.js(
        "document.querySelector('#picture-references-refcount_demo .controls button:nth-child(2)').focus()",
    );
    browser.press("Enter");
    let step = browser.js(STEP);
    if step != "refcount_demo-4" {
        wrong.push(format!("after Next in the picture, the player shows {step}"));
    }
    wrong
}

/// What each process learns at a removal: one state at a time, by keyboard.
pub(crate) fn states_by_keyboard(book: &Book, browser: &mut Chromium) -> Vec<String> {
    book.open(browser, "22-server-restart/index.html");
    let visible = "[...document.querySelectorAll('#picture-removal .state')].filter(state => state.checkVisibility({ visibilityProperty: true })).map(state => state.querySelector('.heading').textContent).join('; ')";
    browser.js("document.querySelector('#picture-removal .controls button:nth-child(2)').focus()");
    let mut seen = vec![browser.js(visible)];
    for key in ["Enter", "ArrowRight", "ArrowRight", "ArrowLeft"] {
        browser.press(key);
        seen.push(browser.js(visible));
    }
    let want =
        ["System V queue", "System V semaphore set", "System V segment", "POSIX queue", "System V segment"];
    let fits = seen
        .iter()
        .zip(want)
        .all(|(seen, want)| seen.as_str().is_some_and(|seen| seen.starts_with(want) && !seen.contains(';')));
    if fits { Vec::new() } else { vec![format!("the states are {seen:?}")] }
}

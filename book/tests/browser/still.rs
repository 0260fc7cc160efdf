//! Nothing jumps: when the player shows another frame, what the reader looks at stays where it is.

use crate::book::{Book, texts};
use crate::chromium::Chromium;

/// Goes through a run and answers its predictions. Finds what moves: the controls, the question that was
/// answered and its options, and the text below the run.
const MOVES: &str = r"
    (async () => {
        const drawn = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        const run = document.querySelector('.run');
        const [back, on] = run.querySelectorAll('.controls button');
        const tops = parts => parts.map(part => Math.round(part.getBoundingClientRect().top)).join(' ');
        const fixed = [back, on, run.nextElementSibling];
        const wrong = [], answered = new Set();
        run.scrollIntoView();
        const start = tops(fixed);
        for (;;) {
            const where = run.querySelector('.controls span').textContent;
            const asks = [...run.querySelectorAll('.step:not([hidden]) .question:not([hidden])')].find(question => !answered.has(question));
            if (asks) {
                answered.add(asks);
                const parts = [asks.closest('.step').querySelector('h3'), asks, ...asks.querySelectorAll('button')];
                const before = tops(parts);
                asks.querySelector('button').click();
                await drawn();
                if (tops(parts) !== before) wrong.push(`the answer in ${where} moves its question from ${before} to ${tops(parts)}`);
            } else if (on.disabled) {
                return wrong;
            } else {
                on.click();
                await drawn();
            }
            if (tops(fixed) !== start) wrong.push(`after ${where}, controls and text move from ${start} to ${tops(fixed)}`);
        }
    })()";

pub(crate) fn still(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    if !book.has(page, "class=\"run\"") {
        return Vec::new();
    }
    let mut wrong = Vec::new();
    for width in [1280, 360] {
        browser.width(width);
        book.open(browser, page);
        let moves = browser.js(MOVES);
        wrong.extend(texts(&moves).map(|what| format!("at {width} pixels: {what}")));
    }
    wrong
}

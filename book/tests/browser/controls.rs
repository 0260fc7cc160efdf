//! The controls of a page: the player, predictions, folded answers and tabs.

use crate::book::{Book, texts};
use crate::chromium::Chromium;
use ipc_workbook_testing::sample::{is_in_sample, sample};

/// Describes what the player shows, and what it hides of the step.
const SHOWN: &str = r"
    ({
        where: run.querySelector('.controls span').textContent,
        steps: [...run.querySelectorAll('.step')].filter(step => step.checkVisibility({ visibilityProperty: true })).length,
        hidden: [...run.querySelectorAll('.step:not([hidden]) .events > li')]
            .filter(item => !item.checkVisibility({ visibilityProperty: true })).length,
        asks: [...run.querySelectorAll('.step:not([hidden]) .events > li:not([hidden])')].at(-1)?.classList.contains('question'),
    })";

pub(crate) fn player(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    if !book.has(page, "class=\"run\"") {
        return Vec::new();
    }
    book.open(browser, page);
    browser.js("(window.run = document.querySelector('.run')).focus()");
    let mut wrong = Vec::new();
    let frames = browser.js(SHOWN)["where"].as_str().and_then(|text| text.rsplit(' ').next()?.parse().ok());
    let frames: u64 = frames.unwrap_or_default();
    let mut asked = 0;
    for frame in 1..=frames {
        let shown = browser.js(SHOWN);
        let hides = shown["hidden"].as_u64() > Some(0);
        if shown["where"] != format!("{frame} of {frames}") || shown["steps"] != 1 {
            wrong.push(format!("frame {frame} of {frames} shows {shown}"));
        }
        // The player may hide something only behind a question.
        if hides && shown["asks"] != true {
            wrong.push(format!("frame {frame} hides something without a question: {shown}"));
        }
        asked += u64::from(hides);
        browser.press("ArrowRight");
    }
    let steps = browser.js("run.querySelectorAll('.step').length").as_u64();
    let last =
        browser.js("run.querySelector('.step:last-of-type').checkVisibility({ visibilityProperty: true })");
    if steps != Some(frames - asked) || last != true {
        wrong.push(format!(
            "{steps:?} steps, {asked} questions, {frames} frames; the last step is visible: {last}"
        ));
    }
    browser.press("ArrowLeft");
    if frames > 1 && browser.js(SHOWN)["where"] != format!("{} of {frames}", frames - 1) {
        wrong.push("the left arrow key does not go back".into());
    }
    wrong
}

pub(crate) fn prediction(book: &Book, browser: &mut Chromium) -> Vec<String> {
    book.open(browser, "13-refcount/refcount_demo.html");
    browser.js("(window.run = document.querySelector('.run')).focus()");
    let asks = "run.querySelector('.step:not([hidden]) .question:not([hidden]) button') !== null";
    let mut presses = 0;
    while browser.js(asks) != true && presses < 20 {
        browser.press("ArrowRight");
        presses += 1;
    }
    let mut wrong = Vec::new();
    browser.js("window.question = run.querySelector('.step:not([hidden]) .question')");
    let answer = "[...run.querySelectorAll('.step:not([hidden]) .question ~ .claim')].some(claim => claim.checkVisibility({ visibilityProperty: true }))";
    if browser.js(answer) != false {
        wrong.push("the answer is visible before the question is answered".to_string());
    }
    // Reach the first option with the keyboard alone.
    let mut tabs = 0;
    while browser.js("question.contains(document.activeElement)") != true && tabs < 10 {
        browser.press("Tab");
        tabs += 1;
    }
    browser.press("Enter");
    let verdict = browser.js("question.querySelector('.verdict')?.textContent ?? 'none'");
    if !verdict.as_str().is_some_and(|verdict| verdict.contains("predicted")) {
        wrong.push(format!("after {presses} steps and {tabs} tabs, the verdict is {verdict}"));
    }
    if browser.js(answer) != true {
        wrong.push("the answer stays hidden".into());
    }
    wrong
}

/// How many answers of a page are opened each day.
const OPENED: usize = 4;

pub(crate) fn folding(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    if !book.has(page, "<details") {
        return Vec::new();
    }
    book.open(browser, page);
    let mut wrong = Vec::new();
    let count = browser.js("(window.folded = [...document.querySelectorAll('main details')]).length");
    if page.ends_with("questions.html") && count.as_u64() < Some(10) {
        wrong.push(format!("it has only {count} answers"));
    }
    for n in sample((0..count.as_u64().unwrap_or_default()).collect(), page, OPENED) {
        browser.js(&format!("folded[{n}].querySelector('summary').focus()"));
        let mut seen = Vec::new();
        for key in ["", "Enter", " "] {
            if !key.is_empty() {
                browser.press(key);
            }
            let first = format!("folded[{n}].querySelector(':scope > :not(summary)')");
            seen.push(browser.js(&format!("{first}.checkVisibility()")));
        }
        if seen != [false, true, false] {
            wrong.push(format!("answer {n} is visible at first, after Enter, after a space: {seen:?}"));
        }
    }
    let not_in_order = r"folded.map((answer, n) => [answer, n]).filter(([answer]) => {
            answer.open = true;
            const tops = [...answer.querySelectorAll('li')].map(option => option.getBoundingClientRect().top);
            answer.open = false;
            return !tops.every((top, n) => n === 0 || top > tops[n - 1]);
        }).map(([, n]) => `the options of answer ${n} are not below each other`)";
    wrong.extend(texts(&browser.js(not_in_order)).map(String::from));
    wrong
}

/// The tabs of all pages come from one place, so each day tries those of one page in so many.
const ONE_PAGE_IN: u64 = 4;

/// Describes each tab: whether it is selected, and whether its panel is visible.
const TABS: &str = r"
    [...document.querySelectorAll('.tabs [role=tab]')]
        .map(tab => [tab, document.getElementById(tab.getAttribute('aria-controls'))])
        .map(([tab, panel]) => `${tab.textContent} ${tab.getAttribute('aria-selected')} ${panel.checkVisibility()}`)
        .join(', ')";

pub(crate) fn tabs(book: &Book, browser: &mut Chromium, page: &str) -> Vec<String> {
    if !book.has(page, "class=\"tabs") || !is_in_sample(page, ONE_PAGE_IN) {
        return Vec::new();
    }
    let (rust, c) = ("Rust true true, C false false", "Rust false false, C true true");
    book.open(browser, page);
    // A reader who has chosen C on another page gets C here.
    browser.js("localStorage.clear()");
    book.open(browser, page);
    let mut seen = vec![("at first", browser.js(TABS), rust)];
    browser.js("document.querySelector('[role=tab][aria-selected=true]').focus()");
    browser.press("ArrowRight");
    seen.push(("after the right arrow", browser.js(TABS), c));
    browser.press("ArrowRight");
    seen.push(("after the right arrow again", browser.js(TABS), rust));
    browser.press("ArrowLeft");
    seen.push(("after the left arrow", browser.js(TABS), c));
    book.open(browser, page);
    seen.push(("after opening the page again", browser.js(TABS), c));
    browser.js("location.hash = '#rust'");
    browser.comes_true("document.getElementById('rust').parentElement.checkVisibility()");
    seen.push(("by a link to Rust", browser.js(TABS), rust));
    let wrong = seen.into_iter().filter(|(_, seen, want)| seen != want);
    wrong.map(|(when, seen, want)| format!("{when}, the tabs are {seen}, not {want}")).collect()
}

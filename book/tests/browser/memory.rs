//! What the browser remembers of the answers, and the pages that show it: the progress, and what is due.

use crate::book::Book;
use crate::chromium::Chromium;
use crate::questions::PAGE;
use ipc_workbook_testing::folder::Folder;
use serde_json::{Value, json};
use std::fs;

/// Answers of July 2026, one of which is right, as `interview` exports them.
fn export() -> Value {
    let review =
        |grade: &str| json!({ "due": 1_784_000_000_000_i64, "reviews": [[1_784_000_000_000_i64, grade]] });
    json!({ "schema": 2, "questions": {
        "refcount-unlink-while-open": review("good"), "refcount-what-is-counted": review("again"), "gone": review("good"),
    } })
}

/// Imports answers on the page of the progress, and looks at each page that shows them.
pub(crate) fn remembered(book: &Book, browser: &mut Chromium) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut expect = |what: &str, seen: Value, wanted: &str| {
        if !seen.as_str().is_some_and(|seen| seen.contains(wanted)) {
            wrong.push(format!("{what}: {seen} does not contain {wanted:?}"));
        }
    };
    book.open(browser, "progress.html");
    browser.js("localStorage.clear()");
    let folder = Folder::new("import");
    for (name, content) in [("answers.json", export().to_string()), ("poem.json", "Roses".into())] {
        let file = folder.join(name);
        fs::write(&file, content).expect("written");
        let input = browser
            .call("Runtime.evaluate", &json!({ "expression": "document.querySelector('.transfer input')" }));
        let params = json!({ "files": [file], "objectId": input["result"]["objectId"] });
        browser.call("DOM.setFileInputFiles", &params);
        let said = "document.querySelector('.said').textContent";
        browser.comes_true(&format!("{said}.includes('{}')", if name == "poem.json" { name } else { "new" }));
        expect(
            "the import",
            browser.js(said),
            if name == "poem.json" { "is not an export: it is not JSON" } else { "3 new answers." },
        );
    }
    let row = "[...document.querySelector('[data-questions~=refcount-what-is-counted]').cells].map(cell => cell.textContent).join(' ')";
    expect("the progress", browser.js(row), "29 2 1 2");
    let exported =
        browser.js("fetch(document.querySelector('a[download]').href).then(answer => answer.text())");
    let parsed: Value = serde_json::from_str(exported.as_str().unwrap_or_default()).unwrap_or_default();
    for (id, history) in export()["questions"].as_object().expect("questions") {
        if parsed["questions"][id]["reviews"] != history["reviews"] {
            expect("the export", exported.clone(), &history["reviews"].to_string());
        }
    }
    book.open(browser, "due.html");
    let due = "document.querySelector('.due').textContent";
    expect("the page of what is due", browser.js(due), "Due now: 2.");
    let links = "[...document.querySelectorAll('.due a')].map(link => link.getAttribute('href')).join(' ')";
    // After a wrong answer a question is due sooner.
    let sooner = "13-refcount/questions.html#refcount-what-is-counted 13-refcount/questions.html#refcount-unlink-while-open";
    expect("its links", browser.js(links), sooner);
    book.open(browser, PAGE);
    expect(
        "the chapter",
        browser.js("document.querySelector('.counts').textContent"),
        "Answered: 2 of 29. Right the last time: 1. Due now: 2.",
    );
    let about = "document.querySelector('#refcount-what-is-counted .about').textContent";
    expect("the question", browser.js(about), "answered once, due now");
    wrong
}

/// Opens a page with damaged answers, and with no storage at all: the reader is told, and can answer.
pub(crate) fn told(book: &Book, browser: &mut Chromium) -> Vec<String> {
    let mut wrong = Vec::new();
    book.open(browser, PAGE);
    browser.js("localStorage.setItem('workbook-answers', '{')");
    book.open(browser, PAGE);
    let notice = "document.querySelector('.notice')?.textContent ?? 'nothing'";
    let said = browser.js(notice);
    let aside = browser.js("localStorage.getItem('workbook-answers-aside-1')");
    if !said.as_str().is_some_and(|said| said.contains("it is not JSON")) || aside != "{" {
        wrong.push(format!("damaged answers: it says {said}, and keeps {aside}"));
    }
    let refuse = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused'); } })";
    let script = browser.call("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": refuse }));
    book.open(browser, PAGE);
    wrong.extend(browser.complaints(&book.home));
    let said = browser.js(notice);
    if !said.as_str().is_some_and(|said| said.contains("This browser stores nothing")) {
        wrong.push(format!("no storage: it says {said}"));
    }
    let answer = "(asked => {
        asked.querySelector('input').click();
        [...asked.querySelectorAll('button')].find(button => button.textContent === 'Check').click();
        return document.querySelector('.counts').textContent;
    })(document.querySelector('.asked[data-kind=choice]'))";
    let counts = browser.js(answer);
    if !counts.as_str().is_some_and(|counts| counts.starts_with("Answered: 1 of")) {
        wrong.push(format!("no storage: after an answer it says {counts}"));
    }
    // The next check uses the same browser.
    let added = json!({ "identifier": script["identifier"] });
    browser.call("Page.removeScriptToEvaluateOnNewDocument", &added);
    wrong
}

/// Prints a page without JavaScript: all answers are visible.
pub(crate) fn printed(book: &Book, browser: &mut Chromium) -> Vec<String> {
    browser.scripts(false);
    browser.call("Emulation.setEmulatedMedia", &json!({ "media": "print" }));
    book.open(browser, PAGE);
    let hidden = browser.js(
        "[...document.querySelectorAll('.answer')].filter(answer => !answer.querySelector(':scope > :not(summary)').checkVisibility()).length",
    );
    let all = browser.js("document.querySelectorAll('.answer').length");
    if hidden != 0 || all.as_u64() < Some(10) {
        return vec![format!("{hidden} of {all} answers are not printed")];
    }
    Vec::new()
}

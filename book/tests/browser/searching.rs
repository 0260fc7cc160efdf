//! The search: what it finds, in which order, and what it must not give away.

use crate::book::Book;
use crate::chromium::Chromium;
use serde_json::{Value, json};

/// A page with answers.
const QUESTIONS: &str = "13-refcount/questions.html";

/// Returns the longest paragraph or option in an element of the page.
const LONGEST: &str =
    "[...document.querySelectorAll('ELEMENT')].map(text => text.textContent.trim().replace(/\\s+/g, ' '))
        .sort((one, other) => other.length - one.length)[0]";

pub(crate) fn search(book: &Book, browser: &mut Chromium) -> Vec<String> {
    // A result of this text exists, so the search does look at long texts.
    book.open(browser, "13-refcount/index.html");
    let chapter = browser.js(&LONGEST.replace("ELEMENT", "main > p:not(:has(.claim))"));
    book.open(browser, QUESTIONS);
    let answer = browser.js(&LONGEST.replace("ELEMENT", "main details p"));

    book.open(browser, "index.html");
    browser.press("s");
    if !browser.comes_true("document.activeElement.id === 'mdbook-searchbar'") {
        return vec!["the key s does not open the search".into()];
    }
    let mut wrong = Vec::new();
    let found = browser.results("refcount");
    if !found.first().is_some_and(|first| first.contains("/13-refcount/index.html")) {
        wrong.push(format!("refcount does not lead to its chapter first, but to {found:?}"));
    }
    let found = browser.results("unlink");
    let is_question = |page: &String| page.contains("/questions.html") || page.contains("/claims.html");
    if found.len() < 5 || !found.is_sorted_by_key(is_question) {
        wrong.push(format!("questions or claims come before chapters: {found:?}"));
    }
    if found.iter().any(|page| page.contains("/due.html")) {
        wrong.push(format!("a question is found twice: {found:?}"));
    }
    let found = browser.results(chapter.as_str().unwrap_or_default());
    if !found.iter().any(|page| page.contains("/13-refcount/index.html")) {
        wrong.push(format!("{chapter} leads to {found:?}"));
    }
    let found = browser.results(answer.as_str().unwrap_or("no answer in the page"));
    if !found.is_empty() {
        wrong.push(format!("the search gives away the answer {answer} in {found:?}"));
    }
    wrong.extend(browser.complaints(&book.home));

    let found = browser.results("unlink");
    browser.open(found.first().map_or("", String::as_str));
    if browser.js("document.querySelector('main').textContent.includes('unlink')") != true {
        wrong.push(format!("{:?} does not contain the word unlink", found.first()));
    }
    wrong
}

impl Chromium {
    /// Types a query in the place of the one before, and returns the addresses of its results.
    fn results(&mut self, query: &str) -> Vec<String> {
        self.js("document.getElementById('mdbook-searchbar').select()");
        self.call("Input.insertText", &json!({ "text": query }));
        self.press("End");
        let shows = format!(
            "document.getElementById('mdbook-searchresults-header').innerText.includes({})",
            Value::from(query)
        );
        assert!(self.comes_true(&shows), "no answer to the search for {query:?}");
        let found =
            self.js("[...document.querySelectorAll('#mdbook-searchresults a')].map(link => link.href)");
        found.as_array().into_iter().flatten().filter_map(|link| link.as_str().map(String::from)).collect()
    }
}

//! The book in a real browser: it is built, served from a plain file server, and opened in headless
//! chromium. Without chromium the tests are reported as skipped, and in CI they fail.
//!
//! The pages are found in the built book.

mod book;
mod chromium;
mod controls;
mod each_page;
mod screenshots;
mod server;
#[path = "../support/mod.rs"]
mod support;
mod whole_book;

use book::Book;
use chromium::Chromium;
use controls::{folding, player, prediction, tabs};
use each_page::{GET_AXE, accessible, axe, opens, without_scripts};
use ipc_workbook_testing::folder::Folder;
use ipc_workbook_testing::requirement::skip;
use ipc_workbook_testing::trials::arguments;
use libtest_mimic::{Failed, Trial};
use screenshots::screenshots;
use std::process::ExitCode;
use std::sync::Arc;
use whole_book::{light, links, missing_page, old_link, pictures, print_page, search};

/// A check of the whole book. Returns what is wrong.
type Check = fn(&Book, &mut Chromium) -> Vec<String>;

fn main() -> ExitCode {
    let arguments = arguments();
    let ci = std::env::var("CI").is_ok_and(|value| value == "true");
    let lacks = |what: &str| {
        skip(what);
        !ci
    };
    let no_browser =
        chromium::installed().is_none() && lacks("the book in a browser: chromium is not installed");
    let no_axe = axe().is_none() && lacks(&format!("accessibility: axe-core is not installed; {GET_AXE}"));

    let built = Folder::new("book");
    let book = Arc::new(Book::build(&built));
    let mut trials = vec![
        weighed(&book),
        of_the_book("the search finds a word, and leads to it", search, &book, no_browser),
        of_the_book("a prediction is asked before the answer is shown", prediction, &book, no_browser),
        of_the_book("each picture has a title and a description", pictures, &book, no_browser),
        of_the_book("the print page shows every run completely", print_page, &book, no_browser),
        of_the_book("each link leads to a place", links, &book, no_browser),
        of_the_book("an old link to a claim still leads to it", old_link, &book, no_browser),
        of_the_book("a wrong address shows the page for wrong addresses", missing_page, &book, no_browser),
    ];
    for folder in book.pages.keys() {
        let mut of_each = |sentence: &str, check: OnPage, ignored: bool| {
            let (book, of) = (Arc::clone(&book), folder.clone());
            let name = if of.is_empty() { "the pages at the root" } else { of.trim_end_matches('/') };
            let trial = Trial::test(format!("{name}: {sentence}"), move || {
                judge(&of_each_page(&book, &of, &mut Chromium::start(), check))
            });
            trials.push(trial.with_ignored_flag(ignored));
        };
        of_each("no page has errors, asks other servers, or sticks out of its window", opens, no_browser);
        of_each("axe finds nothing serious in light and dark", accessible, no_browser || no_axe);
        of_each("the whole text is visible without JavaScript", without_scripts, no_browser);
        of_each("the player reaches the end by keyboard", player, no_browser);
        of_each("answers open and close by keyboard", folding, no_browser);
        of_each("tabs switch between Rust and C, by keyboard and by a link", tabs, no_browser);
    }
    if std::env::var("RECORD").is_ok() {
        trials = vec![of_the_book("the screenshots are taken", screenshots, &book, no_browser)];
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop(built);
    conclusion.exit_code()
}

/// A check of one page, which it opens. Returns what is wrong.
type OnPage = fn(&Book, &mut Chromium, &str) -> Vec<String>;

fn of_the_book(sentence: &str, check: Check, book: &Arc<Book>, ignored: bool) -> Trial {
    let book = Arc::clone(book);
    Trial::test(sentence, move || judge(&check(&book, &mut Chromium::start()))).with_ignored_flag(ignored)
}

/// The only trial that needs no browser.
fn weighed(book: &Arc<Book>) -> Trial {
    let book = Arc::clone(book);
    let sentence = "each page except the print page is smaller than 300 kB";
    Trial::test(sentence, move || judge(&light(&book)))
}

fn of_each_page(book: &Book, folder: &str, browser: &mut Chromium, check: OnPage) -> Vec<String> {
    // The print page contains the whole book, and its parts are checked one by one.
    let pages = book.pages[folder].iter().filter(|page| *page != "print.html");
    let all_wrong = pages.flat_map(|page| {
        let wrong = check(book, browser, page);
        wrong.into_iter().map(move |wrong| format!("{page}: {wrong}"))
    });
    all_wrong.collect()
}

fn judge(wrong: &[String]) -> Result<(), Failed> {
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

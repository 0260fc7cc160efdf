//! The book in a real browser: it is built, served from a plain file server, and
//! opened in headless chromium. Where there is no chromium, each test is reported
//! as skipped; in CI that is a failure.
//!
//! Every page is found by looking into the built book.

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
use each_page::{GET_AXE, accessible, axe, fits, links, quiet, without_scripts};
use ipc_workbook_testing::folder::Folder;
use ipc_workbook_testing::requirement::skip;
use libtest_mimic::{Arguments, Failed, Trial};
use screenshots::screenshots;
use std::process::ExitCode;
use std::sync::Arc;
use whole_book::{light, missing_page, pictures, print_page, search};

/// A sentence, and what puts it to the test. It returns what is wrong.
type Check = fn(&Book, &mut Chromium) -> Vec<String>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let ci = std::env::var("CI").is_ok_and(|value| value == "true");
    let lacks = |what: &str| {
        skip(what);
        !ci
    };
    let no_browser =
        chromium::installed().is_none() && lacks("the book in a browser: chromium is not installed");
    let no_axe =
        axe().is_none() && lacks(&format!("the rules of accessibility: there is no axe-core; {GET_AXE}"));

    let built = Folder::new("book");
    let book = Arc::new(Book::build(&built));
    let mut trials = vec![
        weighed(&book),
        of_the_book("search finds 'unlink', and leads to it", search, &book, no_browser),
        of_the_book("a prediction is asked for before the reveal", prediction, &book, no_browser),
        of_the_book("the pictures have a title and a description", pictures, &book, no_browser),
        of_the_book("the print page shows all of every run", print_page, &book, no_browser),
        of_the_book(
            "an address that leads nowhere shows the page that says so",
            missing_page,
            &book,
            no_browser,
        ),
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
        of_each("no page complains, or asks anybody else", quiet, no_browser);
        of_each("nothing sticks out, on a telephone or a desk", fits, no_browser);
        of_each("axe finds nothing serious, in light or dark", accessible, no_browser || no_axe);
        of_each("without JavaScript all of the text is there", without_scripts, no_browser);
        of_each("each link leads to a place that the reader sees", links, no_browser);
        of_each("the player steps to the end by keyboard", player, no_browser);
        of_each("answers fold and unfold by keyboard", folding, no_browser);
        of_each("tabs show Rust or C, by keyboard and by a link", tabs, no_browser);
    }
    if std::env::var("RECORD").is_ok() {
        trials = vec![of_the_book("screenshots are made", screenshots, &book, no_browser)];
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop(built);
    conclusion.exit_code()
}

/// What a page is asked, once it is open or to be opened. It returns what is wrong.
type OnPage = fn(&Book, &mut Chromium, &str) -> Vec<String>;

fn of_the_book(sentence: &str, check: Check, book: &Arc<Book>, ignored: bool) -> Trial {
    let book = Arc::clone(book);
    Trial::test(sentence, move || judge(&check(&book, &mut Chromium::start()))).with_ignored_flag(ignored)
}

/// The one trial that takes no browser.
fn weighed(book: &Arc<Book>) -> Trial {
    let book = Arc::clone(book);
    let sentence = "each page but the print page, which is the whole book, weighs under 300 kB";
    Trial::test(sentence, move || judge(&light(&book)))
}

fn of_each_page(book: &Book, folder: &str, browser: &mut Chromium, check: OnPage) -> Vec<String> {
    // The print page is the whole book, each part of which is looked at by itself.
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

//! The book in a real browser: it is built, served from a plain file server, and opened in headless
//! chromium. Without chromium the tests are reported as skipped, and in CI they fail.
//!
//! The pages are found in the built book. Each is opened every day. Checks that take longer look at one page in three or
//! four, at others each day; `.ci/exhaustive` lets them look at all, and so does a test's name on the command line.

mod book;
mod chromium;
mod controls;
mod copying;
mod each_page;
mod figures;
mod memory;
mod paper;
mod permission;
mod pictures;
mod pool;
mod questions;
mod screenshots;
mod searching;
mod server;
mod still;
#[path = "../support/mod.rs"]
mod support;
mod whole_book;

use book::Book;
use chromium::Chromium;
use controls::{folding, player, prediction, tabs};
use copying::copying;
use each_page::{GET_AXE, accessible, axe, opens, without_scripts};
use ipc_workbook_testing::folder::Folder;
use ipc_workbook_testing::harness::{self, Failed, Trial, arguments};
use ipc_workbook_testing::requirement::{note, skip};
use ipc_workbook_testing::sample::{exhaustive, is_in_sample, replay, seed};
use memory::{printed, remembered, told};
use paper::paper;
use questions::{answered, by_keyboard, counted};
use screenshots::screenshots;
use searching::search;
use std::process::ExitCode;
use std::sync::Arc;
use still::still;
use whole_book::{light, links, missing_page, old_links, print_page};

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
    let no_root =
        !is_root() && lacks("the permission tree on this kernel: it needs root, to act as other users");
    let no_axe = axe().is_none() && lacks(&format!("accessibility: axe-core is not installed; {GET_AXE}"));

    if !exhaustive() {
        note(&format!("a sample with the seed {}; .ci/exhaustive looks at all pages", seed()));
    }
    let built = Folder::new("book");
    let book = Arc::new(Book::build(&built));
    let mut trials = vec![
        weighed(&book),
        of_the_book("the search puts chapters first, and gives no answer away", search, &book, no_browser),
        of_the_book("a copied console block is its commands alone", copying, &book, no_browser),
        of_the_book("a printed page is complete, and has nothing to click", paper, &book, no_browser),
        of_the_book("a prediction is asked before the answer is shown", prediction, &book, no_browser),
        of_the_book("each picture has a title and a description", pictures::described, &book, no_browser),
        of_the_book(
            "a step in the life of an object opens in the player",
            pictures::life_opens_a_step,
            &book,
            no_browser,
        ),
        of_the_book("what refers to what follows the player", pictures::references_follow, &book, no_browser),
        of_the_book(
            "the states of a picture change by keyboard",
            pictures::states_by_keyboard,
            &book,
            no_browser,
        ),
        of_the_book(
            "the permission tree decides like the recordings",
            permission::like_the_recordings,
            &book,
            no_browser,
        ),
        of_the_book(
            "the permission tree decides like this kernel",
            permission::like_the_kernel,
            &book,
            no_browser || no_root,
        ),
        of_the_book(
            "the figures of recorded runs are played by keyboard",
            figures::played,
            &book,
            no_browser,
        ),
        of_the_book("the order of the race is changed by keyboard", figures::race, &book, no_browser),
        of_the_book("the print page shows every run completely", print_page, &book, no_browser),
        of_the_book("each link leads to a place", links, &book, no_browser),
        of_the_book("questions are answered by keyboard", by_keyboard, &book, no_browser),
        of_the_book("an answer counts if it is not early and nobody has looked", counted, &book, no_browser),
        of_the_book("answers are imported, shown and exported", remembered, &book, no_browser),
        of_the_book("readers are told about damaged or refused storage", told, &book, no_browser),
        of_the_book("all answers are printed", printed, &book, no_browser),
        of_the_book("an old link still leads to its claim or heading", old_links, &book, no_browser),
        of_the_book("a wrong address shows the page for wrong addresses", missing_page, &book, no_browser),
    ];
    for folder in book.pages.keys() {
        let mut of_each = |sentence: &str, one_in: u64, check: OnPage, ignored: bool| {
            let (book, of) = (Arc::clone(&book), folder.clone());
            let folder = if of.is_empty() { "the pages at the root" } else { of.trim_end_matches('/') };
            let name = format!("{folder}: {sentence}");
            // Whoever names the test wants all pages.
            let one_in = if arguments.filter.is_some() { 1 } else { one_in };
            let again = replay(&name).replace("cargo test", "cargo test -p ipc-workbook-book");
            let trial = Trial::test(name, move || {
                judge(&of_each_page(&book, &of, one_in, check))
                    .map_err(|wrong| format!("{}\nto repeat it: {again}", wrong.message()).into())
            });
            trials.push(trial.with_ignored_flag(ignored));
        };
        of_each("no page has errors, asks other servers, or sticks out of its window", 1, opens, no_browser);
        // These take longer, and look at the theme that all pages share: each page has its turn in a few days.
        let no_browser_or_axe = no_browser || no_axe;
        of_each("axe finds nothing serious in light and dark", 4, accessible, no_browser_or_axe);
        of_each("the whole text is visible without JavaScript", 3, without_scripts, no_browser);
        of_each("the player reaches the end by keyboard", 3, player, no_browser);
        of_each(
            "neither a step nor an answer of the player moves what the reader sees",
            3,
            still,
            no_browser,
        );
        of_each("each question is answered in place, and nothing moves", 3, answered, no_browser);
        of_each("answers open and close by keyboard", 3, folding, no_browser);
        of_each("tabs switch between Rust and C, by keyboard and by a link", 3, tabs, no_browser);
    }
    if std::env::var("RECORD").is_ok() {
        trials = vec![of_the_book("the screenshots are taken", screenshots, &book, no_browser)];
    }
    let conclusion = harness::run(arguments, trials);
    drop(built);
    conclusion
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0)
}

/// A check of one page, which it opens. Returns what is wrong.
type OnPage = fn(&Book, &mut Chromium, &str) -> Vec<String>;

fn of_the_book(sentence: &str, check: Check, book: &Arc<Book>, ignored: bool) -> Trial {
    let book = Arc::clone(book);
    let trial = move || judge(&book.browsers.with_browser(&book, |browser| check(&book, browser)));
    Trial::test(sentence, trial).with_ignored_flag(ignored)
}

/// The only trial that needs no browser.
fn weighed(book: &Arc<Book>) -> Trial {
    let book = Arc::clone(book);
    let sentence = "each page except the print page is smaller than 300 kB";
    Trial::test(sentence, move || judge(&light(&book)))
}

/// Checks one page in so many, others each day.
fn of_each_page(book: &Book, folder: &str, one_in: u64, check: OnPage) -> Vec<String> {
    // The print page contains the whole book, and its parts are checked one by one.
    let pages = book.pages[folder].iter().filter(|page| *page != "print.html");
    let pages: Vec<&String> = pages.filter(|page| is_in_sample(page, one_in)).collect();
    if pages.is_empty() {
        return Vec::new();
    }
    book.browsers.with_browser(book, |browser| {
        let all_wrong = pages.into_iter().flat_map(|page| {
            let wrong = check(book, browser, page);
            wrong.into_iter().map(move |wrong| format!("{page}: {wrong}"))
        });
        all_wrong.collect()
    })
}

fn judge(wrong: &[String]) -> Result<(), Failed> {
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

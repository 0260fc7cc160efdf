//! The blocks that pages copy from other files, and the numbers of their marks, are up to date.
//! `scripts/record` writes them.

use ipc_workbook_testing::prelude::*;
use ipc_workbook_tools::workbook::claims::Claims;
use ipc_workbook_tools::workbook::{contents, pages, read};
use std::path::Path;

fn claims() -> Claims {
    Claims::recorded(&contents(root()).expect("the chapters")).expect("the recordings")
}

#[test]
fn the_pages_are_up_to_date() {
    let (claims, mut wrong) = (claims(), Vec::new());
    for file in pages::pages(root()).expect("the pages") {
        let page = read(&file).expect("a page");
        match pages::made_anew(root(), &file, &page, &claims) {
            Ok(anew) if std::env::var("RECORD").is_ok() => std::fs::write(&file, anew).expect("written"),
            Ok(anew) => wrong.extend(pages::compare(&file, &page, &anew).err()),
            Err(error) => wrong.push(error),
        }
    }
    let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns the updated page of chapter 13 for this text, or the error.
fn made_anew(page: &str) -> Result<String, String> {
    let file = Path::new("lessons/13-refcount/README.md");
    pages::made_anew(root(), file, page, &claims()).map_err(|error| error.to_string())
}

#[test]
fn a_new_mark_gets_a_number_and_its_definition_a_lesson() {
    let written = "Gone.[^new] There.[^1] Gone.[^new] `[^code]`\n\n    [^code]: code\n\n\
                   [^1]: `refcount_demo`: a new queue has one name\n\
                   [^new]: mq_unlink-removes-the-name-at-once; the last close destroys the queue and ends its charge; \
                   system-v-keys/an-undo-sets-sem_otime\n";
    let anew = "Gone.[^1] There.[^2] Gone.[^1] `[^code]`\n\n    [^code]: code\n\n\
                [^1]: `refcount_demo`: mq_unlink removes the name at once; the last close destroys the queue and \
                ends its charge; `sem_undo`: an undo sets sem_otime\n\
                [^2]: `refcount_demo`: a new queue has one name\n";
    assert_eq!(made_anew(written).as_deref(), Ok(anew));
    assert_eq!(made_anew(anew).as_deref(), Ok(anew));
}

#[test]
fn a_block_is_updated_and_its_commands_stay() {
    let written = "<!-- source: src/bin/refcount_demo.rs unlink -->\n```rust\n```\n\n\
                   <!-- recorded: refcount_demo step-4 step-6 -->\n```console\n$ cargo run\nold\n```\nNext.\n";
    let anew = made_anew(written).expect("a page");
    let (source, recording) = anew.split_once("```\n\n").expect("two blocks");
    assert!(source.contains("\nlesson.step(\"Unlink") && !source.contains("ANCHOR"), "{source}");
    assert!(recording.contains("```console\n$ cargo run\n4. Unlink"), "{recording}");
    assert!(recording.contains("\n\n6. ") && !recording.contains("old"), "{recording}");
    assert!(recording.ends_with("\n```\nNext.\n") && !recording.contains("\n\n```"), "{recording}");
    assert_eq!(made_anew(&anew), Ok(anew));
}

#[test]
fn errors_of_a_page_are_reported_with_the_line() {
    let claim = "mq_unlink removes the name at once";
    let source = "<!-- source: src/bin/refcount_demo.rs";
    for (page, line, what) in [
        ("\nGone.[^1]\n".to_string(), 2, "[^1] has no definition"),
        (format!("Gone.\n\n[^1]: {claim}\n"), 3, "this definition has no mark [^1]"),
        (format!("Gone.[^1]\n\n[^1]: {claim}\n[^1]: {claim}\n"), 4, "[^1] is defined twice"),
        (
            format!("Gone.[^1][^2]\n\n[^1]: {claim}\n[^2]: {claim}\n"),
            1,
            "[^2] is directly behind another mark",
        ),
        (
            format!("Gone.[^1]\n[^1]: {claim}s\n"),
            2,
            "no lesson makes the claim refcount/mq_unlink-removes-the-name-at-onces",
        ),
        (format!("Gone.[^1]\n[^1]: {claim}s\n"), 2, "is it refcount/mq_unlink-removes-the-name-at-once?"),
        (format!("Gone.[^1]\n[^1]: `the_moon`: {claim}\n"), 2, "there is no lesson the_moon"),
        (format!("\n{source} nowhere -->\n```rust\n```\n"), 2, "has no anchor nowhere"),
        (
            format!("{source}.md unlink -->\n```rust\n```\n"),
            1,
            "there is no file src/bin/refcount_demo.rs.md",
        ),
        (format!("{source} unlink -->\nUnlink.\n"), 1, "there is no block below this line"),
        (format!("{source} unlink -->\n```rust\nUnlink.\n"), 1, "the block below this line has no end"),
        ("\n<!-- recorded: refcount_demo step-99 -->\n```text\n```\n".into(), 2, "has no step-99"),
        ("<!-- recorded: the_moon step-1 -->\n```text\n```\n".into(), 1, "there is no recording of the_moon"),
    ] {
        let error = made_anew(&page).expect_err(&page);
        let begin = format!("lessons/13-refcount/README.md:{line}: ");
        assert!(error.starts_with(&begin) && error.contains(what), "{what} is not in {error}");
    }
}

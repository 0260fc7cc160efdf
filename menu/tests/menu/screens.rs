//! The screens of the menu: one for each part, and one for each chapter.

use crate::{finished, menu};
use ipc_workbook_testing::prelude::*;
use std::collections::BTreeSet;

/// A terminal has 24 rows. The command, two lines of cargo and the prompt take four of them.
const ROWS: usize = 20;
const COLUMNS: usize = 80;

/// Returns the screen of a reader who has run these lessons.
fn screen(args: &[&str], lessons: &[&str]) -> String {
    screen_of(COLUMNS, args, lessons)
}

/// Returns the same screen in a terminal of so many columns.
fn screen_of(columns: usize, args: &[&str], lessons: &[&str]) -> String {
    let folder = Folder::new("menu");
    let file = finished(&folder, lessons);
    let text = on_screen(menu(args).env("IPC_WORKBOOK_FINISHED", file), columns, 0);
    fits(&text, columns);
    text
}

fn assert_fits(text: &str) {
    let rows = text.lines().count();
    assert!(rows <= ROWS, "{rows} rows:\n{text}");
}

#[test]
fn the_first_screen_says_where_to_begin_and_what_else_there_is() {
    let text = screen(&[], &[]);
    assert_fits(&text);
    let parts = [
        "Begin here: cargo run --bin demo_mq\n",
        "cargo run -- list 11",
        "cargo run -- run 11",
        "cargo run --bin lab -- list",
        "cargo run --bin interview",
        "cargo run -p ipc-workbook-book -- serve",
        "cargo run -- verify",
        "(cargo run -- list 2): 2: System V IPC, 0 of ",
    ];
    for part in parts {
        assert!(text.contains(part), "no {part} in {text}");
    }
    assert_eq!(screen(&["list"], &[]), text);
    assert_eq!(screen(&["list", "1"], &[]), text);
}

#[test]
fn each_part_fits_one_screen_and_names_its_chapters() {
    let all: Vec<&str> = lessons().iter().map(String::as_str).collect();
    for next in sample(all.clone(), "the menu's next lesson", 12) {
        let others: Vec<&str> = all.iter().filter(|lesson| **lesson != next).copied().collect();
        let text = screen(&[], &others);
        assert_fits(&text);
        assert!(text.contains(&format!("Next: cargo run --bin {next}\n")), "{next}: {text}");
    }
    let chapters: Vec<String> = chapters(root()).iter().map(|chapter| name(chapter)).collect();
    for part in chapters.iter().map(|chapter| &chapter[..1]).collect::<BTreeSet<_>>() {
        let text = screen(&["list", part], &[]);
        assert_fits(&text);
        for chapter in chapters.iter().filter(|name| name.starts_with(part)) {
            assert!(text.contains(&format!("\n  {}  ", &chapter[..2])), "{chapter}: {text}");
        }
    }
}

#[test]
fn a_narrow_terminal_has_the_same_words_in_more_lines() {
    for args in [&[][..], &["list", "2"], &["list", "13"]] {
        let (wide, narrow) = (screen(args, &[]), screen_of(50, args, &[]));
        assert!(narrow.split_whitespace().eq(wide.split_whitespace()), "{narrow}");
        assert!(narrow.lines().count() > wide.lines().count(), "{narrow}");
    }
    fits(&on_screen(&mut menu(&["--help"]), 50, 0), 50);
}

#[test]
fn the_next_lesson_is_that_of_the_same_chapter() {
    let text = screen(&[], &["refcount_demo"]);
    assert!(text.contains("Next: cargo run --bin refcount_two_processes\n"), "{text}");
    assert!(text.contains("1 of 5") && text.contains("cargo run -- run 13"), "{text}");
    // A finished chapter is marked, and the first lesson of another chapter comes next.
    let chapter =
        ["unlink_demo", "what_counts", "what_keeps_memory", "refcount_two_processes", "refcount_demo"];
    let text = screen(&[], &chapter);
    assert!(text.contains("all 5 ✔") && text.contains("Next: cargo run --bin demo_mq\n"), "{text}");
    // After a lesson of part 2 the menu shows part 2.
    let text = screen(&[], &["svmsg_create"]);
    assert!(
        text.contains("\n  21  ") && !text.contains("\n  11  ") && text.contains("(cargo run -- list 1)"),
        "{text}"
    );
}

#[test]
fn a_reader_who_has_run_every_lesson_is_told_so() {
    let all: Vec<&str> = lessons().iter().map(String::as_str).collect();
    let text = screen(&[], &all);
    assert_fits(&text);
    assert!(text.contains("You have run every lesson.") && text.contains("--bin lab -- list"), "{text}");
}

#[test]
fn the_screen_of_a_chapter_has_its_lessons_its_text_and_its_labs() {
    for chapter in chapters(root()) {
        let folder = name(&chapter);
        let text = screen(&["list", &folder[..2]], &["demo_mq"]);
        assert!(text.contains(&format!("lessons/{folder}/README.md")), "{text}");
        for lab in entries(&chapter.join("labs")) {
            assert!(text.contains(&name(&lab)), "{}: {text}", lab.display());
        }
        for lesson in lessons() {
            let source = text_of(root().join("src/bin").join(lesson).with_extension("rs"));
            if ipc_workbook::lesson::chapter_of(&source) == Some(&folder) {
                let mark = if lesson == "demo_mq" { "✔" } else { "·" };
                assert!(text.contains(&format!("\n  {mark} {lesson} ")), "{lesson}: {text}");
            }
        }
    }
}

#[test]
fn a_lesson_stands_for_its_chapter_in_the_list() {
    assert_eq!(screen(&["list", "what_counts"], &[]), screen(&["list", "13"], &[]));
}

/// Returns the next lesson that a lesson's header names.
fn next_in_its_header(lesson: &str) -> Option<String> {
    let source = text_of(root().join("src/bin").join(lesson).with_extension("rs"));
    let header: String = source.lines().map_while(|line| line.strip_prefix("//!")).collect();
    let (_, next) = header.split_once("Next: ")?;
    next.split('.').next().map(Into::into)
}

#[test]
fn lessons_are_listed_in_the_order_of_their_headers() {
    for chapter in chapters(root()) {
        let text = screen(&["list", &name(&chapter)[..2]], &[]);
        let order: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("  · ")?.split(' ').next()).collect();
        for (n, lesson) in order.iter().enumerate() {
            assert_eq!(next_in_its_header(lesson).as_deref(), order.get(n + 1).copied(), "after {lesson}");
        }
    }
}

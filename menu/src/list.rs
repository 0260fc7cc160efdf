//! `list`: one screen for each part. It has 20 lines at most: of a terminal's 24, cargo and the
//! prompt take the others.

use crate::progress::Progress;
use colored::Colorize;
use ipc_workbook_tools::cli::{self, Failure, paragraph};
use ipc_workbook_tools::workbook::{Chapter, Contents, title_of_part};
use std::fmt::Write;
use std::path::Path;

/// Shows a part: its chapters, the other parts in a line each, and what to run next.
pub(crate) fn show(root: &Path, contents: &Contents, progress: &Progress, part: &str) -> Result<u8, Failure> {
    let mut text =
        String::from("The IPC workbook: lessons that run on your own kernel, and say what it shows.\n\n");
    let titles = contents.chapters.iter().map(|chapter| chapter.title().chars().count());
    let wide = titles.max().unwrap_or_default();
    for each in parts(contents) {
        let title = title_of_part(root, each)?;
        let chapters = || contents.chapters.iter().filter(|chapter| chapter.part() == each);
        let (run, all) = progress.count(chapters());
        let state = if each == part {
            format!("{run} of {all} lessons run")
        } else {
            format!("{run} of {all}   cargo run -- list {each}")
        };
        let _ = writeln!(text, "{}  {state}", format!("{title:<0$}", wide + 6).bold());
        for chapter in chapters().filter(|_| each == part) {
            let _ = writeln!(
                text,
                "  {}  {:wide$}  {}",
                chapter.number(),
                chapter.title(),
                state_of(chapter, progress)
            );
        }
    }
    text.push_str(&next(progress));
    for (command, what) in TOOLS {
        text.push_str(&row(command, what));
    }
    cli::show(&text)?;
    Ok(0)
}

/// What there is besides lessons.
const TOOLS: [(&str, &str); 4] = [
    ("cargo run --bin lab -- list", "exercises, graded by what the kernel shows"),
    ("cargo run --bin interview", "questions whose answers the kernel proves"),
    ("cargo run -p ipc-workbook-book -- serve", "all of it to read, in a browser"),
    ("cargo run -- verify", "every claim of every lesson, checked here"),
];

/// The numbers of all parts.
fn parts(contents: &Contents) -> Vec<&str> {
    let mut parts: Vec<&str> = contents.chapters.iter().map(Chapter::part).collect();
    parts.dedup();
    parts
}

fn state_of(chapter: &Chapter, progress: &Progress) -> String {
    match progress.count(std::iter::once(chapter)) {
        (_, 0) => "to read and type".into(),
        (run, all) if run == all => format!("{run} of {all} {}", "✔".green()),
        (run, all) => format!("{run} of {all}"),
    }
}

/// Where to begin, or how to go on.
fn next(progress: &Progress) -> String {
    let Some((chapter, lesson)) = progress.next() else {
        return "\nYou have run every lesson. There are also:\n".into();
    };
    let (number, command) = (chapter.number(), format!("cargo run --bin {}", lesson.name));
    let head = if progress.is_at_the_beginning() { "Begin here:" } else { "Next:" };
    let about = format!("chapter {number}: its lessons, its text, its labs");
    format!("\n{} {}\n{}", head.bold(), command.green(), paragraph("  ", &lesson.title))
        + &row(&format!("cargo run -- list {number}"), &about)
        + &row(&format!("cargo run -- run {number}"), "the whole chapter, lesson after lesson")
}

/// A command and what it does, in lines that fit.
fn row(command: &str, what: &str) -> String {
    let row = paragraph(&format!("  {command:<39}  "), what);
    row.replacen(command, &command.green().to_string(), 1)
}

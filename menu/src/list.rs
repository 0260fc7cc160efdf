//! `list`: shows a part on one screen. It has at most 20 lines. A terminal has 24, and cargo and the
//! prompt need the others.

use crate::progress::Progress;
use colored::Colorize;
use ipc_workbook_tools::cli::{self, Failure, paragraph};
use ipc_workbook_tools::workbook::{Chapter, Contents, title_of_part};
use std::fmt::Write;
use std::path::Path;

/// Shows a part: its chapters, the other parts, what to run next, and the tools.
pub(crate) fn show(root: &Path, contents: &Contents, progress: &Progress, part: &str) -> Result<u8, Failure> {
    let mut text = chapters(&title_of_part(root, part)?, &of_part(contents, part), progress);
    let mut others = Vec::new();
    for other in parts(contents).into_iter().filter(|other| *other != part) {
        let (run, all) = progress.count(&of_part(contents, other));
        let title = title_of_part(root, other)?;
        others.push(format!("{}, {run} of {all}", title.trim_start_matches("Part ")));
    }
    if let Some(first) = others.first() {
        let head = format!("Other parts (cargo run -- list {}): ", &first[..1]);
        text.push_str(&paragraph(&head, &others.join("; ")));
    }
    text.push_str(&next(progress));
    for (command, what) in TOOLS {
        text.push_str(&row(command, what));
    }
    cli::show(&text)?;
    Ok(0)
}

/// Returns the title of a part and a line for each of its chapters.
fn chapters(title: &str, chapters: &[&Chapter], progress: &Progress) -> String {
    let (run, all) = progress.count(chapters);
    let titles = chapters.iter().map(|chapter| chapter.title().chars().count());
    let wide = titles.max().unwrap_or_default();
    let head = format!("The IPC workbook. {title}");
    let mut text = format!("{}, {run} of {all} lessons run\n", head.bold());
    for chapter in chapters {
        let (number, title, state) = (chapter.number(), chapter.title(), state_of(chapter, progress));
        let _ = writeln!(text, "  {number}  {title:wide$}  {state}");
    }
    text
}

/// The tools, with what each of them is for.
const TOOLS: [(&str, &str); 4] = [
    ("cargo run --bin lab -- list", "exercises, graded by what the kernel shows"),
    ("cargo run --bin interview", "questions whose answers the kernel proves"),
    ("cargo run -p ipc-workbook-book -- serve", "shows the workbook in a browser"),
    ("cargo run -- verify", "runs all lessons and checks their claims"),
];

fn of_part<'a>(contents: &'a Contents, part: &str) -> Vec<&'a Chapter> {
    contents.chapters.iter().filter(|chapter| chapter.part() == part).collect()
}

/// Returns the numbers of all parts.
fn parts(contents: &Contents) -> Vec<&str> {
    let mut parts: Vec<&str> = contents.chapters.iter().map(Chapter::part).collect();
    parts.dedup();
    parts
}

fn state_of(chapter: &Chapter, progress: &Progress) -> String {
    match progress.count(&[chapter]) {
        (_, 0) => "no lessons".into(),
        (run, all) if run == all => format!("all {all} {}", "✔".green()),
        (run, all) => format!("{run} of {all}"),
    }
}

/// Says which lesson to run first or next.
fn next(progress: &Progress) -> String {
    let Some((chapter, lesson)) = progress.next() else {
        return "\nYou have run every lesson. There is more:\n".into();
    };
    let (number, command) = (chapter.number(), format!("cargo run --bin {}", lesson.name));
    let head = if progress.is_at_the_beginning() { "Begin here:" } else { "Next:" };
    let about = format!("shows chapter {number}: lessons, text and labs");
    format!("\n{} {}\n{}", head.bold(), command.green(), paragraph("  ", &lesson.title))
        + &row(&format!("cargo run -- list {number}"), &about)
        + &row(&format!("cargo run -- run {number}"), "plays the whole chapter, lesson after lesson")
}

/// Returns a command and what it does, in lines that fit the terminal.
fn row(command: &str, what: &str) -> String {
    paragraph(&format!("  {}  ", format!("{command:<28}").green()), what)
}

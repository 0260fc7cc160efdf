//! Shows a chapter on one screen: its lessons and which of them the reader has run, its text, its labs.

use crate::progress::Progress;
use colored::Colorize;
use ipc_workbook_tools::cli::{self, Failure, paragraph};
use ipc_workbook_tools::workbook::blocks::blocks;
use ipc_workbook_tools::workbook::labs::labs_of;
use ipc_workbook_tools::workbook::{Chapter, Lesson};
use std::fmt::Write;

/// Shows the chapter.
pub(crate) fn show(chapter: &Chapter, progress: &Progress) -> Result<u8, Failure> {
    let mut text = format!("{}\n\n", format!("{}  {}", chapter.number(), chapter.title()).bold());
    text += &if chapter.lessons.is_empty() { sections(chapter) } else { lessons(chapter, progress) };
    text.push('\n');
    for (command, what) in commands(chapter)? {
        text += &paragraph(&format!("{what:<11}  "), &command.green().to_string());
    }
    cli::show(&text)?;
    Ok(0)
}

/// Returns a line for each lesson, or two lines if its sentence is long.
fn lessons(chapter: &Chapter, progress: &Progress) -> String {
    let wide = chapter.lessons.iter().map(|lesson| lesson.name.len()).max().unwrap_or_default();
    let line = |lesson: &Lesson| {
        let Lesson { name, title, .. } = lesson;
        let mark = if progress.has(lesson) { "✔" } else { "·" }.green();
        paragraph(&format!("  {mark} {name:wide$}  "), title)
    };
    chapter.lessons.iter().map(line).collect()
}

/// Lists the sections of a chapter without lessons.
fn sections(chapter: &Chapter) -> String {
    let mut text =
        String::from("It has no lessons. You read its text and type its commands into a shell.\n\n");
    let sections = chapter.text.lines().filter_map(|line| line.strip_prefix("## "));
    for section in sections.take_while(|section| *section != "Misconceptions") {
        let _ = writeln!(text, "  {section}");
    }
    text
}

/// Returns what a reader can do in this chapter, with the command for it.
fn commands(chapter: &Chapter) -> Result<Vec<(String, &'static str)>, Failure> {
    let (number, folder) = (chapter.number(), &chapter.folder);
    let mut all = vec![(format!("lessons/{folder}/README.md"), "Read it")];
    if let Some(lesson) = chapter.lessons.first() {
        let name = &lesson.name;
        all.push((format!("cargo run --bin {name}"), "Run one"));
        all.push((format!("cargo run --bin {name} -- --predict"), "Predict"));
        all.push((format!("cargo run -- run {number}"), "Run all"));
    } else if let Some(command) = blocks(&chapter.text).first().and_then(|block| block.commands.first()) {
        all.push(((*command).to_string(), "Start with"));
    }
    let labs: Vec<String> = labs_of(&chapter.path)?.into_iter().map(|lab| lab.name).collect();
    match &labs[..] {
        [] => {}
        [lab] => all.push((format!("cargo run --bin lab -- show {lab}"), "Do a lab")),
        [lab, others @ ..] => {
            let others = others.join(", ");
            all.push((format!("cargo run --bin lab -- show {lab}, or {others}"), "Do a lab"));
        }
    }
    all.push(("cargo run --bin interview".into(), "Questions"));
    Ok(all)
}

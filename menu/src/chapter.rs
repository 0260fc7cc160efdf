//! One screen for a chapter: its lessons and which of them have been run, its text, its labs.

use crate::progress::Progress;
use colored::Colorize;
use ipc_workbook_tools::cli::{self, Failure, paragraph};
use ipc_workbook_tools::workbook::blocks::blocks;
use ipc_workbook_tools::workbook::labs::labs_of;
use ipc_workbook_tools::workbook::{Chapter, Lesson};
use std::fmt::Write;

/// Shows it.
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

/// A line for each lesson, or two where its sentence is long.
fn lessons(chapter: &Chapter, progress: &Progress) -> String {
    let wide = chapter.lessons.iter().map(|lesson| lesson.name.len()).max().unwrap_or_default();
    let line = |lesson: &Lesson| {
        let Lesson { name, title, .. } = lesson;
        let mark = if progress.has(lesson) { "✔" } else { "·" }.green();
        paragraph(&format!("  {mark} {name:wide$}  "), title)
    };
    chapter.lessons.iter().map(line).collect()
}

/// What a chapter without lessons is about, and with what it begins.
fn sections(chapter: &Chapter) -> String {
    let mut text = String::from("It has no lessons: you read its text and type its commands in a shell.\n\n");
    let sections = chapter.text.lines().filter_map(|line| line.strip_prefix("## "));
    for section in sections.take_while(|section| *section != "Misconceptions") {
        let _ = writeln!(text, "  {section}");
    }
    text
}

/// What there is to do, and the command for it.
fn commands(chapter: &Chapter) -> Result<Vec<(String, &'static str)>, Failure> {
    let (number, folder) = (chapter.number(), &chapter.folder);
    let mut all = vec![(format!("lessons/{folder}/README.md"), "Its text")];
    if let Some(lesson) = chapter.lessons.first() {
        let name = &lesson.name;
        all.push((format!("cargo run --bin {name}"), "One lesson"));
        all.push((format!("cargo run --bin {name} -- --predict"), "With a flag"));
        all.push((format!("cargo run -- run {number}"), "All of them"));
    } else if let Some(command) = blocks(&chapter.text).first().and_then(|block| block.commands.first()) {
        all.push(((*command).to_string(), "Begin with"));
    }
    let labs: Vec<String> = labs_of(&chapter.path)?.into_iter().map(|lab| lab.name).collect();
    match &labs[..] {
        [] => {}
        [lab] => all.push((format!("cargo run --bin lab -- show {lab}"), "A lab")),
        [lab, others @ ..] => {
            let others = others.join(", ");
            all.push((format!("cargo run --bin lab -- show {lab}, or {others}"), "A lab"));
        }
    }
    all.push(("cargo run --bin interview".into(), "Questions"));
    Ok(all)
}

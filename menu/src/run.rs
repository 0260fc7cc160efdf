//! `run`: plays a chapter, lesson after lesson.

use ipc_workbook_tools::build;
use ipc_workbook_tools::child::{end_with_me, outliving_ctrl_c};
use ipc_workbook_tools::cli::{Failure, show};
use ipc_workbook_tools::workbook::Contents;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

/// Plays what is called `what`; the code is the first that is not 0.
pub(crate) fn run(root: &Path, contents: &Contents, what: &str, flags: &[String]) -> Result<u8, Failure> {
    let what = what.trim_end_matches('/').trim_start_matches("lessons/");
    if let Some(chapter) = contents.chapters.iter().find(|chapter| chapter.folder == what)
        && chapter.lessons.is_empty()
    {
        return Err(Failure::Usage(format!(
            "chapter {what} has no lessons; it is to read and type: lessons/{what}/README.md"
        )));
    }
    let wanted = contents.lessons().filter(|(chapter, lesson)| chapter.folder == what || lesson.name == what);
    let wanted: Vec<&str> = wanted.map(|(_, lesson)| lesson.name.as_str()).collect();
    if wanted.is_empty() {
        return Err(Failure::Usage(format!("there is no chapter or lesson {what:?}; cargo run lists them")));
    }
    let folder = build::lessons(root, &wanted)?;
    outliving_ctrl_c(|| play_all(&folder, &wanted, flags))
}

fn play_all(folder: &Path, lessons: &[&str], flags: &[String]) -> Result<u8, Failure> {
    let mut first = 0;
    for (n, name) in lessons.iter().enumerate() {
        // JSON lines are for programs, and come one after another.
        if n > 0 && !flags.iter().any(|flag| flag.ends_with("json")) {
            let _ = show("\n\n");
        }
        let code = play(Command::new(folder.join(name)).args(flags))?;
        // A reader who interrupts one lesson, or closes the output, has had enough of all.
        if code > 128 {
            return Ok(code);
        }
        first = if first == 0 { code } else { first };
    }
    Ok(first)
}

fn play(lesson: &mut Command) -> Result<u8, Failure> {
    // A menu that is killed takes the lesson with it, gently.
    end_with_me(lesson);
    let status = lesson.status()?;
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    Ok(u8::try_from(code).unwrap_or(u8::MAX))
}

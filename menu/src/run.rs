//! `run`: plays lessons, one after another, and adds up the results of their claims.

use crate::tally::total;
use ipc_workbook::lesson::finished::{self, Finished};
use ipc_workbook::narrate::Tally;
use ipc_workbook_tools::build;
use ipc_workbook_tools::child::{end_with_me, outliving_ctrl_c};
use ipc_workbook_tools::cli::{Failure, show};
use ipc_workbook_tools::temporary::Temporary;
use ipc_workbook_tools::workbook::Lesson;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

/// Plays these lessons. Returns the first exit code that is not 0.
pub(crate) fn run(root: &Path, lessons: &[Lesson], flags: &[String]) -> Result<u8, Failure> {
    let names: Vec<&str> = lessons.iter().map(|lesson| lesson.name.as_str()).collect();
    let programs = build::lessons(root, &names)?;
    outliving_ctrl_c(|| play_all(&programs, &names, flags))
}

fn play_all(programs: &Path, lessons: &[&str], flags: &[String]) -> Result<u8, Failure> {
    // With JSON, print nothing between the lessons, because a program reads the lines.
    let text = !flags.iter().any(|flag| flag.ends_with("json"));
    let (mut first, mut runs) = (0, Vec::new());
    for (n, name) in lessons.iter().enumerate() {
        if n > 0 && text {
            let _ = show("\n\n");
        }
        let (code, run) = play(Command::new(programs.join(name)).args(flags))?;
        runs.extend(run);
        first = if first == 0 { code } else { first };
        // Stop after wrong usage, because the next lesson would refuse the flag too. Stop as well if the
        // reader has interrupted the lesson or closed the output.
        if code == 2 || code > 128 {
            return Ok(code);
        }
    }
    if text && lessons.len() > 1 {
        let _ = show(&in_all(&runs, lessons.len()));
    }
    Ok(first)
}

/// Plays a lesson. Returns its exit code and, if it reached its end, the results of its claims.
fn play(lesson: &mut Command) -> Result<(u8, Option<Finished>), Failure> {
    let folder = Temporary::new(&std::env::temp_dir(), "ipc-workbook.run.")?;
    let file = folder.path().join("finished");
    lesson.env(finished::VARIABLE, &file);
    // If the menu is killed, the lesson gets a signal, and can clean up.
    end_with_me(lesson);
    let status = lesson.status()?;
    let run = finished::runs(&file).pop();
    // This run counts like one that the reader has started directly.
    if let (Some(run), Some(file)) = (&run, finished::file_to_note_in()) {
        let _ = finished::append(&file, run);
    }
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    Ok((u8::try_from(code).unwrap_or(u8::MAX), run))
}

/// Returns the line with the total of a chapter.
fn in_all(runs: &[Finished], lessons: usize) -> String {
    let Tally { held, failed, unseen } = total(runs.iter().map(|run| run.tally));
    let counts = format!("{held} held, {failed} failed, {unseen} not seen");
    match runs.len() {
        all if all == lessons => format!("\n\nclaims of all {lessons} lessons: {counts}\n"),
        some => format!(
            "\n\nclaims of {some} of {lessons} lessons: {counts}; the others did not reach their end\n"
        ),
    }
}

//! `run`: plays a chapter, lesson after lesson.

use super::contents::Contents;
use ipc_workbook::cli::{Failure, OutliveCtrlC, print};
use nix::sys::signal::Signal;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::Command;

/// Plays what is called `what`; the code is the first that is not 0.
pub(crate) fn run(contents: &Contents, what: &str, flags: &[String]) -> Result<u8, Failure> {
    let what = what.trim_end_matches('/').trim_start_matches("lessons/");
    let wanted = contents.lessons().filter(|(chapter, lesson)| *chapter == what || lesson.name == what);
    let wanted: Vec<&str> = wanted.map(|(_, lesson)| lesson.name.as_str()).collect();
    if let Some(chapter) = contents.chapters.iter().find(|chapter| chapter.folder == what)
        && chapter.lessons.is_empty()
    {
        return Err(Failure::Usage(format!(
            "chapter {what} has no lessons; it is to read and type: lessons/{what}/README.md"
        )));
    }
    if wanted.is_empty() {
        return Err(Failure::Usage(format!("there is no chapter or lesson {what:?}; cargo run lists them")));
    }
    let folder = contents.built()?;
    let _outlive = OutliveCtrlC::begin();
    let mut worst = 0;
    for (n, name) in wanted.iter().enumerate() {
        // JSON lines are for programs, and come one after another.
        if n > 0 && !flags.iter().any(|flag| flag.ends_with("json")) {
            let _ = print(super::PROGRAM, "\n\n");
        }
        let code = play(Command::new(folder.join(name)).args(flags))?;
        // Whoever interrupts one lesson, or turns away, has had enough of all.
        if code > 128 {
            return Ok(code);
        }
        worst = if worst == 0 { code } else { worst };
    }
    Ok(worst)
}

#[allow(unsafe_code)]
fn play(command: &mut Command) -> Result<u8, Failure> {
    // A menu that is killed takes the lesson with it, gently.
    let end_with_the_menu = || Ok(nix::sys::prctl::set_pdeathsig(Signal::SIGTERM)?);
    // SAFETY: one system call.
    let status = unsafe { command.pre_exec(end_with_the_menu) }.status()?;
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    Ok(u8::try_from(code).unwrap_or(u8::MAX))
}

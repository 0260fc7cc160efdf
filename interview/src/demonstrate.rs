//! Shows a bug by what it does: compiles the program with it and with the fix, and runs
//! both in private namespaces.

use crate::prove::{in_a_room, inside, root};
use crate::screen::{show, show_json};
use interview_questions::bug::Bug;
use interview_questions::question::Question;
use ipc_workbook::lesson::Stop;
use serde_json::json;
use std::fmt::Write;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};

/// A program that waits for what never comes is ended.
const SECONDS: u32 = 10;

/// Runs both, and shows what they print. The status is that of the program with the fix: what
/// the bug does may well end in another.
pub(crate) fn demonstrate(bug: &Bug, question: &Question, json: bool) -> Result<ExitStatus, Stop> {
    let folder = Folder::new()?;
    let includes = root().join("lessons").join(&question.chapter).join("bugs");
    let run = |name: &str, text: &str| -> Result<Output, Stop> {
        let program = compiled(&folder.0.join(name), text, &includes)?;
        Ok(in_a_room(|room| {
            let mut command = Command::new(&program);
            command.stdin(Stdio::null());
            inside(&mut command, room);
            end_in_time(&mut command);
            command.output()
        })?)
    };
    let (wrong, fixed) = (run(&bug.program, &bug.text())?, run("fixed", &bug.fixed())?);
    let text = |output: &Output| {
        let both = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
        both.concat()
    };
    if json {
        show_json(&json!({
            "event": "proof", "id": question.id, "run": question.run, "output": text(&wrong),
            "fixed_output": text(&fixed), "shows": bug.shows, "fixed_shows": bug.fixed_shows,
        }))?;
    } else {
        let told = |what: &str, output: &Output| {
            let mut told = format!("\n{}.c, {what}\n", bug.program);
            for line in text(output).lines() {
                let _ = writeln!(told, "   {line}");
            }
            if !output.status.success() {
                let _ = writeln!(told, "   ended with {}", output.status);
            }
            told
        };
        let with_fix = told("with the fix in place:", &fixed);
        show(&format!("{}{with_fix}\n", told("as it stands above:", &wrong)))?;
    }
    Ok(fixed.status)
}

/// The program at `place`, made from its text, with no warning.
fn compiled(place: &Path, text: &str, includes: &Path) -> Result<PathBuf, Stop> {
    let source = place.with_extension("c");
    fs::write(&source, text)?;
    let mut cc = Command::new("cc");
    cc.args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-pthread", "-I"]).arg(includes);
    let output = cc.arg(&source).arg("-o").arg(place).arg("-lrt").stdin(Stdio::null()).output();
    let output = output.map_err(|error| {
        Stop::Machine(format!("the C compiler cc cannot be run: {error}; install one, such as gcc"))
    })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().find(|line| line.contains("error")).unwrap_or_default().to_string();
        return Err(Stop::Machine(format!("{} does not compile: {said}", source.display())));
    }
    Ok(place.into())
}

#[allow(unsafe_code)]
fn end_in_time(command: &mut Command) {
    let limit = || {
        nix::unistd::alarm::set(SECONDS);
        Ok(())
    };
    // SAFETY: one system call; the alarm outlives exec.
    unsafe { command.pre_exec(limit) };
}

/// A folder for what is compiled, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, Stop> {
        let template = std::env::temp_dir().join("ipc-workbook.bug.XXXXXX");
        let made = nix::unistd::mkdtemp(&template);
        made.map(Folder)
            .map_err(|errno| Stop::Machine(format!("cannot make {}: {errno}", template.display())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

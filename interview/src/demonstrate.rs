//! Shows a bug by what it does: compiles the program with it and with the fix, and runs
//! both in private namespaces.

use crate::prove::{ends_after, in_a_namespace};
use crate::screen::{show, show_json};
use interview_questions::bug::Bug;
use interview_questions::question::Question;
use ipc_workbook::built::workbook;
use ipc_workbook::cli::Failure;
use serde_json::json;
use std::fmt::Write;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};

/// A program that waits for what never comes is ended.
const SECONDS: u32 = 5;

/// Runs both, and shows what they print and how they end.
pub(crate) fn demonstrate(bug: &Bug, question: &Question, json: bool) -> Result<(), Failure> {
    let folder = Folder::new()?;
    let includes = workbook().join("lessons").join(&question.chapter).join("bugs");
    let run = |name: &str, text: &str| -> Result<Output, Failure> {
        let program = compiled(&folder.0.join(name), text, &includes)?;
        Ok(in_a_namespace(|namespace| {
            let mut command = Command::new(&program);
            command.stdin(Stdio::null());
            namespace.before_exec(&mut command);
            ends_after(&mut command, SECONDS);
            command.output()
        })?)
    };
    let (wrong, fixed) = (run(&bug.program, &bug.text())?, run("fixed", &bug.fixed())?);
    let text = |output: &Output| {
        let both = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
        both.concat()
    };
    if json {
        return show_json(&json!({
            "event": "proof", "id": question.id, "run": question.run,
            "output": text(&wrong), "ended": ended(wrong.status), "shows": bug.shows,
            "fixed_output": text(&fixed), "fixed_ended": ended(fixed.status), "fixed_shows": bug.fixed_shows,
        }));
    }
    let told = |what: &str, output: &Output| {
        let mut told = format!("\n{}.c, {what}\n", bug.program);
        for line in text(output).lines().chain(ended(output.status).as_deref()) {
            let _ = writeln!(told, "   {line}");
        }
        told
    };
    let with_fix = told("with the fix in place:", &fixed);
    show(&format!("{}{with_fix}\n", told("as it stands above:", &wrong)))
}

/// How a program ended; `None` if as it should. In a namespace, who waits for it ends with 128 and
/// the number of its signal.
fn ended(status: ExitStatus) -> Option<String> {
    const ALARM: i32 = nix::libc::SIGALRM;
    match (status.code(), status.signal()) {
        (Some(0), _) => None,
        (_, Some(ALARM)) => Some(format!("had not ended after {SECONDS} s")),
        (Some(code), _) if code == 128 + ALARM => Some(format!("had not ended after {SECONDS} s")),
        _ => Some(format!("ended with {status}")),
    }
}

/// The program at `place`, made from its text, with no warning.
fn compiled(place: &Path, text: &str, includes: &Path) -> Result<PathBuf, Failure> {
    let source = place.with_extension("c");
    fs::write(&source, text)?;
    let mut cc = Command::new("cc");
    cc.args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-pthread", "-I"]).arg(includes);
    let output = cc.arg(&source).arg("-o").arg(place).arg("-lrt").stdin(Stdio::null()).output();
    let output = output.map_err(|error| {
        Failure::Machine(format!("the C compiler cc cannot be run: {error}; install one, such as gcc"))
    })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().find(|line| line.contains("error")).unwrap_or_default();
        let name = source.file_name().unwrap_or_default().display();
        return Err(Failure::Machine(format!("{name} does not compile: {said}")));
    }
    Ok(place.into())
}

/// A folder for what is compiled, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, Failure> {
        let template = std::env::temp_dir().join("ipc-workbook.bug.XXXXXX");
        let made = nix::unistd::mkdtemp(&template);
        made.map(Folder)
            .map_err(|errno| Failure::Machine(format!("cannot make {}: {errno}", template.display())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

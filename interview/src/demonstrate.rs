//! Shows the effect of a bug: compiles the program with the bug and with the fix, and runs both in private
//! namespaces.

use crate::experiment::in_a_namespace;
use ipc_workbook_tools::child::end_after;
use ipc_workbook_tools::cli::{Failure, show, show_json};
use ipc_workbook_tools::temporary::Temporary;
use ipc_workbook_tools::workbook::questions::{Bug, Question};
use ipc_workbook_tools::workbook::root;
use serde_json::json;
use std::fmt::Write;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};

/// After this time, a program that waits forever is killed.
const SECONDS: u32 = 5;

/// Runs both programs, and shows what they print and how they end.
pub(crate) fn demonstrate(bug: &Bug, question: &Question, json: bool) -> Result<(), Failure> {
    let temporary = std::env::temp_dir();
    let folder = Temporary::new(&temporary, "ipc-workbook.bug.").map_err(|error| {
        Failure::Machine(format!("cannot make a folder in {}: {error}", temporary.display()))
    })?;
    let includes = root().join("lessons").join(&question.chapter).join("bugs");
    let run = |name: &str, text: &str| -> Result<Output, Failure> {
        let program = compiled(&folder.path().join(name), text, &includes)?;
        Ok(in_a_namespace(|namespace| {
            let mut command = Command::new(&program);
            command.stdin(Stdio::null());
            namespace.before_exec(&mut command);
            end_after(&mut command, SECONDS);
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
    let transcript = |what: &str, output: &Output| {
        let mut lines = format!("\n{}.c, {what}\n", bug.program);
        for line in text(output).lines().chain(ended(output.status).as_deref()) {
            let _ = writeln!(lines, "   {line}");
        }
        lines
    };
    let with_fix = transcript("with the fix:", &fixed);
    show(&format!("{}{with_fix}\n", transcript("with the bug:", &wrong)))
}

/// Says how a program ended; `None` if its exit code is 0. In a private namespace, process 1 waits for the
/// program, and turns its signal into the exit code 128 plus the signal's number.
fn ended(status: ExitStatus) -> Option<String> {
    const ALARM: i32 = libc::SIGALRM;
    match (status.code(), status.signal()) {
        (Some(0), _) => None,
        (_, Some(ALARM)) => Some(format!("did not end within {SECONDS} s")),
        (Some(code), _) if code == 128 + ALARM => Some(format!("did not end within {SECONDS} s")),
        _ => Some(format!("ended with {status}")),
    }
}

/// Compiles a program to `place`. A warning is an error.
fn compiled(place: &Path, text: &str, includes: &Path) -> Result<PathBuf, Failure> {
    let source = place.with_extension("c");
    fs::write(&source, text)?;
    let mut cc = Command::new("cc");
    cc.args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-pthread", "-I"]).arg(includes);
    let output = cc.arg(&source).arg("-o").arg(place).arg("-lrt").stdin(Stdio::null()).output();
    let output = output.map_err(|error| {
        Failure::Machine(format!("cannot run the C compiler cc: {error}; install one, such as gcc"))
    })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().find(|line| line.contains("error")).unwrap_or_default();
        let name = source.file_name().unwrap_or_default().display();
        return Err(Failure::Machine(format!("{name} does not compile: {said}")));
    }
    Ok(place.into())
}

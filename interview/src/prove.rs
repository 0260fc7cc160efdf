//! "Prove it": runs the experiment behind an answer, narrated, in a private
//! namespace, and returns.

use crate::demonstrate::demonstrate;
use crate::kernel::lesson;
use crate::screen::{PROGRAM, show_json};
use interview_questions::question::{Question, Task};
use ipc_workbook::built::{built, workbook};
use ipc_workbook::cli::{Failure, OutliveCtrlC, complain};
use ipc_workbook::private::Namespace;
use serde_json::json;
use std::fmt::Write;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

/// Runs it. What goes wrong with it is said, and ends nothing.
pub(crate) fn prove(question: &Question, json: bool) {
    let outlive = OutliveCtrlC::begin();
    let proved = match &question.task {
        Task::FindBug(bug) => demonstrate(bug, question, json).map(|()| None),
        _ => experiment(question, json).map(Some),
    };
    drop(outlive);
    match proved {
        Ok(Some(status)) if !status.success() => {
            complain(&format!("{PROGRAM}: {} ended with {status}", question.run));
        }
        Ok(_) => {}
        Err(failure) => drop(failure.report(PROGRAM)),
    }
}

/// A lesson tells its own events; of what else there is to run, the output is one event.
fn experiment(question: &Question, json: bool) -> Result<ExitStatus, Failure> {
    let root = workbook();
    if let Some((program, flags)) = lesson(&question.run) {
        let mut lesson = Command::new(built(&root, &[program])?.join(program));
        lesson.args(flags).arg("--private").args(json.then_some("--format=json"));
        // The answers that are still to come are not for the experiment.
        return Ok(lesson.stdin(Stdio::null()).status()?);
    }
    let script = script(&root, question)?;
    let shell = |namespace: Namespace| {
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).current_dir(&root).env("LC_ALL", "C").stdin(Stdio::null());
        namespace.before_exec(&mut shell);
        shell
    };
    if !json {
        return Ok(in_a_namespace(|namespace| shell(namespace).status())?);
    }
    let output = in_a_namespace(|namespace| shell(namespace).output())?;
    let text = String::from_utf8_lossy(&output.stdout);
    show_json(&json!({ "event": "proof", "id": question.id, "run": question.run, "output": text }))?;
    Ok(output.status)
}

/// The console blocks that are the question's claims; and before them, unseen, the blocks
/// they build on. Each is a shell of its own, as it is where the tests run them.
fn script(root: &Path, question: &Question) -> Result<String, Failure> {
    let text = fs::read_to_string(root.join("lessons").join(&question.chapter).join("README.md"))?;
    let claimed = |name: &str| {
        question.claims.iter().any(|claim| claim.split_once('/').is_some_and(|(_, block)| block == name))
    };
    let (mut script, mut unseen) = (String::new(), String::new());
    for block in text.split("<!-- console: ").skip(1) {
        let (mark, rest) = block.split_once(" -->\n").unwrap_or_default();
        // What is marked `, as root` takes a second user.
        if mark.contains(", ") {
            continue;
        }
        let body = rest.split("\n```").next().unwrap_or_default();
        let typed = body.lines().filter_map(|line| line.strip_prefix("$ "));
        if !claimed(mark) {
            let _ = writeln!(unseen, "(\n{}\n) >/dev/null 2>&1", typed.collect::<Vec<_>>().join("\n"));
            continue;
        }
        script.push_str(&std::mem::take(&mut unseen));
        script.push_str("(\nexec 2>&1\n");
        for typed in typed {
            let _ = writeln!(script, "printf '%s\\n' '$ {}'\n{typed}", typed.replace('\'', r"'\''"));
        }
        script.push_str(")\n");
    }
    if script.is_empty() {
        let what = format!("{} takes a second user; the text of {} shows it", question.run, question.chapter);
        return Err(Failure::Machine(what));
    }
    Ok(script)
}

/// Runs something in a private namespace with its own processes. A container may refuse a /proc of one's
/// own; the whole machine's will do.
pub(crate) fn in_a_namespace<T>(run: impl Fn(Namespace) -> std::io::Result<T>) -> std::io::Result<T> {
    run(Namespace::new().with_own_processes()).or_else(|_| run(Namespace::new()))
}

/// Makes a command end that has not ended by itself when so many seconds are over.
#[allow(unsafe_code)]
pub(crate) fn ends_after(command: &mut Command, seconds: u32) {
    let limit = move || {
        nix::unistd::alarm::set(seconds);
        Ok(())
    };
    // SAFETY: one system call; the alarm outlives exec.
    unsafe { command.pre_exec(limit) };
}

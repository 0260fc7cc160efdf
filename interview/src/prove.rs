//! "Prove it": runs the experiment behind an answer, narrated, in a private
//! namespace, and returns.

use crate::demonstrate::demonstrate;
use crate::experiment::{in_a_namespace, lesson};
use ipc_workbook::private::Namespace;
use ipc_workbook_tools::build;
use ipc_workbook_tools::child::outliving_ctrl_c;
use ipc_workbook_tools::cli::{Failure, report, show_json, warn};
use ipc_workbook_tools::workbook::blocks::blocks;
use ipc_workbook_tools::workbook::questions::{Question, Task};
use ipc_workbook_tools::workbook::{claim_of, read, root};
use serde_json::json;
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

/// Runs it. What goes wrong with it is reported, and ends nothing.
pub(crate) fn prove(question: &Question, json: bool) {
    let proved = outliving_ctrl_c(|| match &question.task {
        Task::FindBug(bug) => demonstrate(bug, question, json).map(|()| None),
        _ => experiment(question, json).map(Some),
    });
    match proved {
        Ok(Some(status)) if !status.success() => warn(&format!("{} ended with {status}", question.run)),
        Ok(_) => {}
        Err(failure) => report(&failure),
    }
}

/// A lesson prints its own events; of anything else that runs, the output is one event.
fn experiment(question: &Question, json: bool) -> Result<ExitStatus, Failure> {
    let root = root();
    if let Some((program, flags)) = lesson(&question.run) {
        let mut lesson = Command::new(build::lessons(&root, &[program])?.join(program));
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
    let text = read(&root.join("lessons").join(&question.chapter).join("README.md"))?;
    let (mut script, mut unseen) = (String::new(), String::new());
    // A block for root takes a second user.
    for block in blocks(&text).into_iter().filter(|block| !block.as_root) {
        if !question.claims.contains(&claim_of(&question.chapter, block.name)) {
            let _ = writeln!(unseen, "(\n{}\n) >/dev/null 2>&1", block.commands.join("\n"));
            continue;
        }
        script.push_str(&std::mem::take(&mut unseen));
        script.push_str("(\nexec 2>&1\n");
        for command in block.commands {
            let _ = writeln!(script, "printf '%s\\n' '$ {}'\n{command}", command.replace('\'', r"'\''"));
        }
        script.push_str(")\n");
    }
    if script.is_empty() {
        let what = format!("{} takes a second user; the text of {} shows it", question.run, question.chapter);
        return Err(Failure::Machine(what));
    }
    Ok(script)
}

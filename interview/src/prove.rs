//! The key p: runs the experiment behind an answer, with its narration, in a private namespace.

use crate::demonstrate::demonstrate;
use crate::experiment::{in_a_namespace, lesson};
use crate::steps::steps;
use ipc_workbook::lesson::another_user;
use ipc_workbook::private::Namespace;
use ipc_workbook_tools::build;
use ipc_workbook_tools::child::outliving_ctrl_c;
use ipc_workbook_tools::cli::{Failure, report, show, show_json, warn};
use ipc_workbook_tools::workbook::blocks::blocks;
use ipc_workbook_tools::workbook::questions::{Question, Task};
use ipc_workbook_tools::workbook::{claim_of, read, root};
use serde_json::json;
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs the experiment. If it fails, reports the error; the session continues.
pub(crate) fn prove(question: &Question, json: bool) {
    let proved = outliving_ctrl_c(|| match (&question.task, lesson(&question.run)) {
        (Task::FindBug(bug), _) => demonstrate(bug, question, json),
        (_, Some((program, flags))) => run_lesson(question, program, flags, json),
        (_, None) => run_blocks(question, json),
    });
    if let Err(failure) = proved {
        report(&failure);
    }
}

/// Runs a lesson, which prints its own events.
fn run_lesson<'a>(
    question: &Question,
    program: &str,
    flags: impl Iterator<Item = &'a str>,
    json: bool,
) -> Result<(), Failure> {
    let mut lesson = Command::new(build::lessons(&root(), &[program])?.join(program));
    lesson.args(flags).arg("--private").args(json.then_some("--format=json"));
    // The experiment must not read the reader's next answers.
    let status = lesson.stdin(Stdio::null()).status()?;
    if !status.success() {
        warn(&format!("{} ended with {status}", question.run));
    }
    if json { Ok(()) } else { show(&steps(question)?) }
}

/// Runs console blocks. With JSON, their output is one event.
fn run_blocks(question: &Question, json: bool) -> Result<(), Failure> {
    let root = root();
    let script = script(&root, question)?;
    let shell = |namespace: Namespace| {
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).current_dir(&root).env("LC_ALL", "C").stdin(Stdio::null());
        namespace.before_exec(&mut shell);
        shell
    };
    if json {
        let output = in_a_namespace(|namespace| shell(namespace).output())?;
        let text = String::from_utf8_lossy(&output.stdout);
        return show_json(
            &json!({ "event": "proof", "id": question.id, "run": question.run, "output": text }),
        );
    }
    in_a_namespace(|namespace| shell(namespace).status())?;
    show(&steps(question)?)
}

/// Returns a script that runs the console blocks of the question's claims. Before each of them it runs the
/// blocks above it in the text, without their output, because the block may need them. As in the tests,
/// each block has its own shell, and `$$` is this shell. Exit codes do not matter: a block may show an error.
fn script(root: &Path, question: &Question) -> Result<String, Failure> {
    let text = read(&root.join("lessons").join(&question.chapter).join("README.md"))?;
    let (mut script, mut unseen) = (String::new(), String::new());
    let in_the_text =
        format!("needs root and a second user; the text of {} shows the output", question.chapter);
    for block in blocks(&text) {
        let claimed = question.claims.contains(&claim_of(&question.chapter, block.name));
        if block.as_root && another_user().is_err() {
            if claimed {
                warn(&format!("{} {in_the_text}", block.name));
            }
            continue;
        }
        if !claimed {
            let _ = writeln!(unseen, "sh -c {} >/dev/null 2>&1", quoted(&block.commands.join("\n")));
            continue;
        }
        script.push_str(&std::mem::take(&mut unseen));
        let mut shown = String::from("exec 2>&1\n");
        for command in block.commands {
            let _ = writeln!(shown, "printf '%s\\n' {}\n{command}", quoted(&format!("$ {command}")));
        }
        let _ = writeln!(script, "sh -c {}", quoted(&shown));
    }
    if script.is_empty() {
        return Err(Failure::Machine(format!("{} {in_the_text}", question.run)));
    }
    Ok(script)
}

/// Quotes a text as one word for the shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

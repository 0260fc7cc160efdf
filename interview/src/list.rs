//! `list` and `show`: print the questions, without regard to the answers so far.

use crate::prompt::Prompt;
use colored::Colorize;
use ipc_workbook_tools::cli::{Failure, escape, paragraph, show, show_json, show_verbatim};
use ipc_workbook_tools::workbook::questions::{Bank, Question, Task};
use serde_json::json;
use std::fmt::Write;

/// Prints one line for each question.
pub(crate) fn list(bank: &Bank, as_json: bool) -> Result<u8, Failure> {
    let mut text = String::new();
    for entry in bank.entries() {
        let question = entry.parse()?;
        if as_json {
            let _ = writeln!(text, "{}", escape::json(&json!(question)));
        } else {
            let Question { id, level, task, topic, .. } = &question;
            let _ = writeln!(text, "{id:<50} {level:<7} {:<8} {topic}", task.kind());
        }
    }
    if as_json { show_verbatim(&text) } else { show(&text) }?;
    Ok(0)
}

/// Prints one question with its answer. For a prediction, it runs the lesson to get the answer.
pub(crate) fn question(bank: &Bank, id: &str, as_json: bool) -> Result<u8, Failure> {
    let mut prompt = Prompt::in_order(bank.question(id)?);
    let key = prompt.key();
    let Question { topic, level, source, asks, run, then, task, .. } = &prompt.question;
    if as_json {
        let mut whole = json!(prompt.question);
        match &key {
            Ok(key) => prompt.explain_to(&mut whole, key, None),
            Err(why) => whole["unaskable"] = json!(why),
        }
        show_json(&whole)?;
        return Ok(0);
    }
    let head = format!("{id} · {topic} · {level} · {}", task.kind());
    let mut text = format!("{}\n\n{}\n", head.dimmed(), paragraph("", asks).trim_end().bold());
    if let Task::FindBug(bug) = task {
        let _ = writeln!(text, "{}", bug.numbered());
    }
    match key {
        Ok(key) => text.push_str(&prompt.explained(&key, None)),
        Err(why) => {
            let _ = writeln!(text, "  The answer cannot be determined here: {why}.");
        }
    }
    let _ = writeln!(text, "\n  proof  {run}");
    for claim in prompt.question.all_claims() {
        let _ = writeln!(text, "  claim  {claim}");
    }
    for then in then {
        let _ = writeln!(text, "  then   {} ({})", then.asks, then.id);
    }
    if !source.is_empty() {
        let _ = writeln!(text, "  from   {source}");
    }
    show(&text)?;
    Ok(0)
}

//! `list` and `show`: the bank itself, whatever has been answered.

use crate::bank::{Bank, Question};
use crate::screen::{paragraph, show, show_json};
use colored::Colorize;
use ipc_workbook::lesson::Stop;
use serde_json::json;
use std::fmt::Write;

/// Every question on a line.
pub(crate) fn list(bank: &Bank, as_json: bool) -> Result<u8, Stop> {
    let mut text = String::new();
    for entry in bank.entries() {
        let question = entry.parse()?;
        if as_json {
            text.push_str(&json!(question).to_string());
        } else {
            let Question { id, level, kind, topic, .. } = &question;
            let _ = write!(text, "{id:<50} {level:<7} {kind:<8} {topic}");
        }
        text.push('\n');
    }
    show(&text)?;
    Ok(0)
}

/// One question with its answer.
pub(crate) fn question(bank: &Bank, id: &str, as_json: bool) -> Result<u8, Stop> {
    let question = bank.question(id)?;
    if as_json {
        show_json(&json!(question))?;
        return Ok(0);
    }
    let head = format!("{} · {} · {} · {}", question.id, question.topic, question.level, question.kind);
    let mut text = format!("{}\n\n{}\n", head.dimmed(), paragraph("", &question.asks).trim_end().bold());
    for option in &question.options {
        text.push_str(&paragraph(if option.right { "  right  " } else { "  wrong  " }, &option.text));
        text.push_str(&paragraph("         ", &option.why));
    }
    let _ = writeln!(text, "\n  proof  {}", question.run);
    for claim in &question.claims {
        let _ = writeln!(text, "  claim  {claim}");
    }
    show(&text)?;
    Ok(0)
}

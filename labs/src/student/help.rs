//! Hints, one more each time, and the solution. It is stored which of them were shown.

use super::context::Context;
use super::exercise::CALL;
use colored::Colorize;
use ipc_workbook_tools::cli::{Failure, show, show_json, show_verbatim};
use ipc_workbook_tools::clock::now;
use ipc_workbook_tools::workbook::labs::Language;
use ipc_workbook_tools::workbook::read;
use std::fmt::Write;

pub(super) fn hint(context: &Context) -> Result<u8, Failure> {
    let lab = context.lab()?;
    let hints = &lab.about.hints;
    let (mut before, mut given) = (0, 0);
    context.store()?.change(|progress| {
        let record = progress.labs.entry(lab.name.clone()).or_default();
        before = record.hints.min(hints.len());
        given = (before + 1).min(hints.len());
        record.hints = given;
    })?;
    if context.json() {
        show_json(&serde_json::json!({ "lab": lab.name, "hints": hints[..given], "of": hints.len() }))?;
        return Ok(0);
    }
    let mut out = String::new();
    for (n, hint) in hints[..given].iter().enumerate() {
        let head = format!("Hint {} of {}:", n + 1, hints.len());
        let head = if n >= before { head.bold() } else { head.normal() };
        let _ = writeln!(out, "{head} {hint}");
    }
    if before == hints.len() {
        let name = &lab.name;
        let _ = writeln!(out, "You have seen all hints. {CALL} solution {name} --give-up shows a solution");
    }
    show(&out)?;
    Ok(0)
}

pub(super) fn solution(context: &Context) -> Result<u8, Failure> {
    let lab = context.lab()?;
    let language: Language = context.exercise(&lab).language(context.language())?;
    let source = read(&lab.file("solution", language))?;
    let store = context.store()?;
    let record = store.load()?.labs.remove(&lab.name).unwrap_or_default();
    if record.passed.is_none() && record.gave_up.is_none() {
        let name = &lab.name;
        if !context.args.get_flag("give-up") {
            return Err(Failure::Contradicted(format!(
                "you do not have full marks in {name} yet; get a hint with {CALL} hint {name}, or see the solution now with solution {name} --give-up"
            )));
        }
        // Stored first: if it cannot be stored, the solution is not shown.
        store.change(|progress| {
            progress.labs.entry(name.clone()).or_default().gave_up.get_or_insert_with(now);
        })?;
    }
    if context.json() {
        show_json(&serde_json::json!({ "lab": lab.name, "language": language.name(), "source": source }))?;
    } else {
        show_verbatim(&source)?;
    }
    Ok(0)
}

//! Shows a lab's task, and copies its starter into the student's exercises.

use super::context::Context;
use super::exercise::{CALL, display_path};
use super::task;
use colored::Colorize;
use ipc_workbook::cli::terminal_width;
use ipc_workbook_tools::cli::{Failure, show as print, show_json};
use ipc_workbook_tools::workbook::labs::Lab;
use std::fmt::Write;
use std::path::Path;

pub(super) fn show(context: &Context) -> Result<u8, Failure> {
    let lab = context.lab()?;
    let exercise = context.exercise(&lab);
    let language = exercise.language(context.language())?;
    let task = lab.task()?;
    // Print the task first: it can be read even if the starter cannot be written.
    if !context.json() {
        // In a pipe the task stays Markdown.
        let shown = terminal_width().map_or_else(|| task.clone(), |_| task::in_lines_that_fit(&task));
        print(&format!("{}\n\n{}", shown.trim_end(), rubric(&lab)))?;
    }
    // An exercise in another language is begun only if the user asks for that language.
    let begun = if context.language().is_none() { exercise.found()? } else { None };
    let (file, new) = match begun {
        Some(found) => (found.file, false),
        None => exercise.begin(language)?,
    };
    if context.json() {
        show_json(&serde_json::json!({
            "lab": lab.name, "chapter": lab.chapter, "title": lab.about.title, "task": task,
            "rubric": lab.about.rubric, "hints": lab.about.hints.len(), "file": file.display().to_string(), "new": new,
        }))?;
        return Ok(0);
    }
    let (name, file) = (&lab.name, display_path(&file));
    let lies = if new { "Your starter is in" } else { "Your exercise is in" };
    print(&format!("\n{lies} {}\n{CALL} check {name} grades it; hint {name} gives a hint\n", file.bold()))?;
    Ok(0)
}

pub(super) fn reset(context: &Context) -> Result<u8, Failure> {
    let lab = context.lab()?;
    let exercise = context.exercise(&lab);
    let reset = exercise.reset(exercise.language(context.language())?)?;
    if context.json() {
        // A path that is not UTF-8 cannot be written in JSON.
        let text = |path: &Path| path.display().to_string();
        let kept = reset.kept.as_deref().map(text);
        show_json(&serde_json::json!({ "lab": lab.name, "file": text(&reset.file), "kept": kept }))?;
        return Ok(0);
    }
    let kept = match &reset.kept {
        Some(kept) => format!("; your own version is kept in {}", display_path(kept)),
        None => String::new(),
    };
    print(&format!("{} is the starter again{kept}\n", display_path(&reset.file)))?;
    Ok(0)
}

fn rubric(lab: &Lab) -> String {
    let mut out = format!("{}\n\n", "Points".bold());
    for demand in &lab.about.rubric {
        let _ = writeln!(out, "  {:>2}  {}", demand.points, demand.says);
    }
    out
}

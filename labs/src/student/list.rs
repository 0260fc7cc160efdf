//! Lists the labs and the student's progress.

use super::context::Context;
use super::exercise::CALL;
use super::progress::Progress;
use colored::Colorize;
use ipc_workbook_tools::cli::{Failure, report, show, show_json};
use ipc_workbook_tools::workbook::labs::labs;
use std::fmt::Write;

pub(super) fn list(context: &Context) -> Result<u8, Failure> {
    let labs = labs(context.root)?;
    // The labs are listed even if the progress cannot be read.
    let progress = context.store().and_then(|store| store.load()).unwrap_or_else(|failure| {
        report(&failure);
        Progress::default()
    });
    let record = |name: &str| progress.labs.get(name).cloned().unwrap_or_default();
    if context.json() {
        for lab in labs {
            let record = record(&lab.name);
            show_json(&serde_json::json!({
                "lab": lab.name, "chapter": lab.chapter, "title": lab.about.title, "state": record.state(),
                "progress": record, "points": lab.points(),
            }))?;
        }
        return Ok(0);
    }
    let wide = labs.iter().map(|lab| lab.name.len()).max().unwrap_or_default();
    let states = labs.iter().map(|lab| record(&lab.name).state().len());
    let long = states.max().unwrap_or_default();
    let (mut out, mut chapter) = (String::new(), "");
    for lab in &labs {
        if lab.chapter != chapter {
            chapter = &lab.chapter;
            let _ = writeln!(out, "{}", chapter.bold());
        }
        let record = record(&lab.name);
        let mark = if record.passed.is_some() { "✔".green() } else { "·".normal() };
        let best = if record.checks > 0 { record.best } else { 0 };
        let _ = writeln!(
            out,
            "  {mark} {:wide$}  {:>2} of {:>2}  {:long$}  {}",
            lab.name,
            best,
            lab.points(),
            record.state(),
            lab.about.title
        );
    }
    let _ = writeln!(out, "\n{CALL} show LAB shows the task; check LAB grades your exercise");
    show(&out)?;
    Ok(0)
}

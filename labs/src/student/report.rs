//! A grade as a person reads it: words and marks first, and colour only on top of them.

use super::exercise::{CALL, display_path, short};
use crate::graded::{Graded, Line};
use colored::Colorize;
use ipc_workbook_tools::cli::{escape, quote};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// What belongs to the telling, and not to the grade.
#[derive(Debug, Default)]
pub(super) struct About<'a> {
    /// What the commands of the rubric call PROGRAM.
    pub(super) program: Option<PathBuf>,
    /// Whether that has yet to be built, or built anew.
    pub(super) to_build: bool,
    /// What lies beside the graded file, and was not graded.
    pub(super) older: &'a [PathBuf],
    /// The one schedule that was tried.
    pub(super) seed: Option<u64>,
    /// The command that checks the same again.
    pub(super) again: String,
}

/// All of it.
pub(super) fn text(graded: &Graded, about: &About) -> String {
    let program = about.program.as_deref();
    let mut out = format!("{} · {}", graded.lab.bold(), escape(&graded.submission));
    if !about.older.is_empty() {
        let older: Vec<String> = about.older.iter().map(|path| display_path(path)).collect();
        let _ = write!(out, " (changed last, after {})", older.join(", "));
    }
    let _ = writeln!(out, " · Linux {}\n", graded.kernel);
    if graded.shared {
        out.push_str("Graded by differences, in this machine's own namespaces.\n\n");
    }
    if let Some(why) = &graded.refused {
        let _ = writeln!(out, "  {} {}\n", "✘ not graded:".red(), escape(why));
    }
    for line in &graded.lines {
        out.push_str(&rubric_line(line, program, graded.refused.is_none()));
        if let Some(seed) = line.seed.filter(|_| about.seed.is_none()) {
            let _ = writeln!(out, "      alone     {CALL} {} --seed {seed}", about.again);
        }
    }
    let (points, of, lab) = (graded.points(), graded.of(), &graded.lab);
    let _ = write!(out, "\n{}", format!("{points} of {of} points").bold());
    let _ = writeln!(out, ", graded in {}.{:02} s", graded.millis / 1000, graded.millis % 1000 / 10);
    if let Some(seed) = about.seed {
        let _ = writeln!(
            out,
            "Where schedules are tried, this was the one of seed {seed} alone; it does not count as a pass."
        );
    } else if graded.is_full() {
        let _ = writeln!(out, "Full marks. {CALL} solution {lab} shows how others do it.");
    } else {
        if let Some(program) = program.filter(|_| about.to_build) {
            let _ = writeln!(out, "{CALL} build {lab} makes {}.", display_path(program));
        }
        let _ = writeln!(out, "{CALL} hint {lab} helps.");
    }
    out
}

/// `✔ passed  1 of 1  The sentence`, and of a lost one what was observed, what is required,
/// and the command with which one sees it oneself.
fn rubric_line(line: &Line, program: Option<&Path>, was_graded: bool) -> String {
    let (points, says) = (line.points, escape(&line.says));
    if line.passed {
        return format!("  {} {points:>2} of {points:>2}  {says}\n", "✔ passed".green());
    }
    let mut out = format!("  {} {:>2} of {points:>2}  {says}\n", "✘ lost  ".red(), 0);
    if was_graded {
        let because = line.because.as_ref().map(|because| format!(": {}", escape(because)));
        let _ = writeln!(
            out,
            "      observed  {}, required {}{}",
            escape(&line.observed),
            escape(&line.required),
            because.unwrap_or_default()
        );
        let _ = writeln!(out, "      see       {}", see(&line.see, program));
    }
    out
}

/// The command, with the program's own path in the place of PROGRAM.
fn see(command: &str, program: Option<&Path>) -> String {
    let Some(program) = program else { return escape(command) };
    let program = quote(&short(program));
    // A shell looks for a bare name elsewhere.
    let program = if program.contains('/') { program } else { format!("./{program}") };
    escape(command).replace("PROGRAM", &program)
}

//! Prints a grade for people. Words and marks carry the meaning; colour only adds to them.

use super::exercise::{CALL, display_path, short};
use crate::graded::{Graded, Line};
use crate::sandbox::{Run, Step};
use colored::Colorize;
use ipc_workbook_tools::cli::{escape, paragraph, quote};
use std::fmt::Write;
use std::path::PathBuf;

/// What the report needs besides the grade.
#[derive(Debug, Default)]
pub(super) struct About<'a> {
    /// The path that replaces PROGRAM in the commands of the rubric.
    pub(super) program: Option<PathBuf>,
    /// Whether this program must be built first, or built again.
    pub(super) to_build: bool,
    /// Other files beside the graded one, which were not graded.
    pub(super) older: &'a [PathBuf],
    /// The seed, if only one schedule was tried.
    pub(super) seed: Option<u64>,
    /// The command that repeats the check.
    pub(super) again: String,
}

/// Returns the whole report.
pub(super) fn text(graded: &Graded, about: &About) -> String {
    let program = about.program.as_deref();
    let mut out = format!("{} · {}", graded.lab.bold(), escape(&graded.submission));
    if !about.older.is_empty() {
        let older: Vec<String> = about.older.iter().map(|path| display_path(path)).collect();
        let _ = write!(out, " (the file changed last; not graded: {})", older.join(", "));
    }
    let _ = writeln!(out, " · Linux {}\n", graded.kernel);
    if graded.shared {
        out.push_str(
            "Graded in this machine's own namespaces, by comparing the objects before and after.\n\n",
        );
    }
    if let Some(why) = &graded.refused {
        let _ = writeln!(out, "  {} {}\n", "✘ not graded:".red(), escape(why));
    }
    let mut runs_told = Vec::new();
    for line in &graded.lines {
        out += &rubric_line(line);
        if !line.passed && graded.refused.is_none() {
            out += &why_lost(line, about, &mut runs_told);
        }
    }
    let (points, of, lab) = (graded.points(), graded.of(), &graded.lab);
    let _ = write!(out, "\n{}", format!("{points} of {of} points").bold());
    let _ = writeln!(out, ", graded in {}.{:02} s", graded.millis / 1000, graded.millis % 1000 / 10);
    if let Some(seed) = about.seed {
        let _ =
            writeln!(out, "Only the schedule with seed {seed} was tried, so this does not count as a pass.");
    } else if graded.is_full() {
        let _ = writeln!(out, "Full marks. {CALL} solution {lab} shows a solution to compare with.");
    } else {
        if let Some(program) = program.filter(|_| about.to_build) {
            let _ = writeln!(out, "{CALL} build {lab} builds {}.", display_path(program));
        }
        let _ = writeln!(out, "{CALL} hint {lab} gives a hint.");
    }
    out
}

/// Returns a line such as `✔ passed  1 of 1  The sentence`.
fn rubric_line(line: &Line) -> String {
    let points = line.points;
    let (mark, got) = if line.passed { ("✔ passed".green(), points) } else { ("✘ lost  ".red(), 0) };
    format!("  {mark} {got:>2} of {points:>2}  {}\n", escape(&line.says))
}

/// Returns the details of a lost line: what was observed, what is required, how the program ran, and the
/// command that shows it.
fn why_lost(line: &Line, about: &About, runs_told: &mut Vec<Vec<Run>>) -> String {
    if let Some(cause) = &line.not_reached {
        return format!("      not reached because of \"{}\"\n", shortened(&cause.says));
    }
    let mut out = paragraph("      observed  ", &escape(&line.observed));
    out += &paragraph("      required  ", &escape(&line.required));
    if let Some(because) = &line.because {
        out += &paragraph("      because   ", &escape(because));
    }
    // Several lines may be lost because of the same run.
    if !line.runs.is_empty() && !runs_told.contains(&line.runs) {
        out += &runs(&line.runs, about);
        runs_told.push(line.runs.clone());
    }
    let _ = writeln!(out, "      see       {}", with_program(&line.see, about));
    if let Some(seed) = line.seed.filter(|_| about.seed.is_none()) {
        let _ = writeln!(out, "      replay    {CALL} {} --seed {seed}", about.again);
        out += "                (add --trace to see each step)\n";
    }
    out + &steps(&line.steps)
}

/// Returns the beginning of a sentence, enough for a reader to recognise it.
fn shortened(says: &str) -> String {
    const MOST: usize = 48;
    if says.chars().count() <= MOST {
        return escape(says);
    }
    let start: String = says.chars().take(MOST).collect();
    let whole_words = start.rsplit_once(' ').map_or(start.as_str(), |(words, _)| words);
    format!("{} …", escape(whole_words.trim_end_matches([',', ';', ':'])))
}

/// Describes how the program ran, with the last lines of its standard error.
fn runs(runs: &[Run], about: &About) -> String {
    let mut out = String::new();
    for same in runs.chunk_by(|one, next| one == next) {
        let times = if same.len() == 1 { String::new() } else { format!(" ({} times)", same.len()) };
        for (n, line) in same[0].lines().enumerate() {
            let line = if n == 0 { line + &times } else { line };
            let head = if n == 0 { "      ran       " } else { "                " };
            out += &paragraph(head, &with_program(&line, about));
        }
    }
    out
}

/// Describes the steps of scheduled programs. If there are very many, those in the middle are left out.
fn steps(steps: &[Step]) -> String {
    const AT_EACH_END: usize = 100;
    let mut out = String::new();
    if !steps.is_empty() {
        out += "      steps     A is the program that started first\n";
    }
    let left_out = steps.len().saturating_sub(2 * AT_EACH_END);
    for (n, step) in steps.iter().enumerate() {
        if n == AT_EACH_END && left_out > 0 {
            let _ = writeln!(out, "{UNDER_STEP}… {left_out} more steps …");
        }
        if (AT_EACH_END..AT_EACH_END + left_out).contains(&n) {
            continue;
        }
        let head = format!("      {:>3}  ", n + 1);
        out += &paragraph(&head, &escape(&format!("{} {}", step.who, step.what)));
        out += &paragraph(UNDER_STEP, &escape(&step.now.join(", ")));
        if let Some(shows) = &step.shows {
            out += &paragraph(UNDER_STEP, &format!("the kernel shows {}", escape(shows)));
        }
    }
    out
}

/// The indentation of the lines below a step.
const UNDER_STEP: &str = "           ";

/// Returns a command with the program's path in place of PROGRAM.
fn with_program(command: &str, about: &About) -> String {
    let Some(program) = &about.program else { return escape(command) };
    let program = quote(&short(program));
    // A shell looks for a name without a slash in PATH.
    let program = if program.contains('/') { program } else { format!("./{program}") };
    escape(command).replace("PROGRAM", &program)
}

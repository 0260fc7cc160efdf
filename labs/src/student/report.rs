//! A grade as a person reads it: words and marks first, and colour only on top of them.

use super::exercise::{CALL, display_path, short};
use crate::graded::{Graded, Line};
use crate::sandbox::{Run, Step};
use colored::Colorize;
use ipc_workbook_tools::cli::{escape, paragraph, quote};
use std::fmt::Write;
use std::path::PathBuf;

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

/// `✔ passed  1 of 1  The sentence`, and of a lost one why.
fn rubric_line(line: &Line) -> String {
    let points = line.points;
    let (mark, got) = if line.passed { ("✔ passed".green(), points) } else { ("✘ lost  ".red(), 0) };
    format!("  {mark} {got:>2} of {points:>2}  {}\n", escape(&line.says))
}

/// Of a lost line what was observed, what is required, how the program ran, and the command with which
/// one sees it oneself.
fn why_lost(line: &Line, about: &About, runs_told: &mut Vec<Vec<Run>>) -> String {
    if let Some(cause) = &line.not_reached {
        return format!("      not reached because of \"{}\"\n", shortened(&cause.says));
    }
    let mut out = paragraph("      observed  ", &escape(&line.observed));
    out += &paragraph("      required  ", &escape(&line.required));
    if let Some(because) = &line.because {
        out += &paragraph("      because   ", &escape(because));
    }
    // Several lines may be lost by the same run.
    if !line.runs.is_empty() && !runs_told.contains(&line.runs) {
        out += &runs(&line.runs, about);
        runs_told.push(line.runs.clone());
    }
    let _ = writeln!(out, "      see       {}", with_program(&line.see, about));
    if let Some(seed) = line.seed.filter(|_| about.seed.is_none()) {
        let _ = writeln!(out, "      alone     {CALL} {} --seed {seed}", about.again);
        out += "                and with --trace step by step\n";
    }
    out + &steps(&line.steps)
}

/// The beginning of a sentence by which its reader knows it again.
fn shortened(says: &str) -> String {
    const MOST: usize = 48;
    if says.chars().count() <= MOST {
        return escape(says);
    }
    let start: String = says.chars().take(MOST).collect();
    let whole_words = start.rsplit_once(' ').map_or(start.as_str(), |(words, _)| words);
    format!("{} …", escape(whole_words.trim_end_matches([',', ';', ':'])))
}

/// How the program ran, with its last words.
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

/// What scheduled programs did, one step after the other. Of very many those in the middle are left out.
fn steps(steps: &[Step]) -> String {
    const AT_EACH_END: usize = 100;
    let mut out = String::new();
    if !steps.is_empty() {
        out += "      steps     A is the program that was started first\n";
    }
    let left_out = steps.len().saturating_sub(2 * AT_EACH_END);
    for (n, step) in steps.iter().enumerate() {
        if n == AT_EACH_END && left_out > 0 {
            let _ = writeln!(out, "{UNDER_STEP}… {left_out} steps more …");
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

/// Under a step, where its text begins.
const UNDER_STEP: &str = "           ";

/// A command, with the program's own path in the place of PROGRAM.
fn with_program(command: &str, about: &About) -> String {
    let Some(program) = &about.program else { return escape(command) };
    let program = quote(&short(program));
    // A shell looks for a bare name elsewhere.
    let program = if program.contains('/') { program } else { format!("./{program}") };
    escape(command).replace("PROGRAM", &program)
}

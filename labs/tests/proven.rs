//! The graders are proven: for each lab, its solutions get full marks, its untouched starters
//! none, and each known-bad submission loses the lines that its first line names, and no other.

mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};
use support::*;

fn main() {
    let args = Arguments::from_args();
    let all = labs().iter().flat_map(|lab| submissions(lab)).collect();
    let trials = buildable(all).into_iter().map(trial).collect();
    libtest_mimic::run(&args, trials).exit();
}

/// Solutions, starters, and what is known to be bad.
fn submissions(lab: &Path) -> Vec<PathBuf> {
    let mut own = files(lab);
    own.retain(|file| {
        ["solution", "starter"].iter().any(|stem| file.file_stem().is_some_and(|of| of == *stem))
    });
    own.extend(files(&lab.join("bad")));
    own
}

fn trial(file: PathBuf) -> Trial {
    let folder = |n: usize| name(file.ancestors().nth(n).expect("a lab's folder"));
    let what = name(&file);
    if folder(1) == "bad" {
        let lab = folder(2);
        return Trial::test(format!("{lab}::{what}_loses_what_it_says"), move || loses(&lab, &file));
    }
    let lab = folder(1);
    if what.starts_with("solution.") {
        Trial::test(format!("{lab}::{what}_gets_full_marks"), move || full_marks(&lab, &file))
    } else {
        Trial::test(format!("{lab}::{what}_gets_no_marks"), move || no_marks(&lab, &file))
    }
}

fn full_marks(lab: &str, file: &Path) -> Result<(), Failed> {
    demand(lost(lab, file)? == Vec::<String>::new(), lab, file)
}

fn no_marks(lab: &str, file: &Path) -> Result<(), Failed> {
    let graded = graded(lab, file)?;
    demand(lines(&graded).all(|line| line["passed"] == false), lab, file)
}

/// `loses: one-line another-line`, in a comment on the first line, or after a script's `#!` line.
fn loses(lab: &str, file: &Path) -> Result<(), Failed> {
    let source = std::fs::read_to_string(file)?;
    let said = source.lines().take(2).find_map(|line| line.split_once("loses: "));
    let (_, said) = said.ok_or_else(|| format!("{} does not say what it loses", file.display()))?;
    let mut said: Vec<String> = said.trim_end_matches("*/").split_whitespace().map(String::from).collect();
    said.sort();
    demand(!said.is_empty() && lost(lab, file)? == said, lab, file)
}

fn lost(lab: &str, file: &Path) -> Result<Vec<String>, Failed> {
    let graded = graded(lab, file)?;
    let mut lost: Vec<String> = lines(&graded)
        .filter(|line| line["passed"] == false)
        .filter_map(|line| line["id"].as_str().map(String::from))
        .collect();
    lost.sort();
    Ok(lost)
}

/// Otherwise the whole grading is told.
fn demand(holds: bool, lab: &str, file: &Path) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(format!("{}\n{:#}", file.display(), graded(lab, file)?).into()) }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

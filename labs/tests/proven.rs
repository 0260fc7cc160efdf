//! The graders are proven: for each lab, its solutions get full marks, its untouched starters
//! none, and each known-bad submission loses the lines that its first line names, and no other.

mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};
use support::*;

fn main() {
    let args = Arguments::from_args();
    let trials = labs().into_iter().flat_map(|lab| of_lab(&lab)).collect();
    libtest_mimic::run(&args, trials).exit();
}

fn of_lab(lab: &Path) -> Vec<Trial> {
    let mut trials = Vec::new();
    for file in files(lab) {
        let (lab, file_name) = (name(lab), name(&file));
        if file_name.starts_with("solution.") {
            trials.push(Trial::test(format!("{lab}::{file_name}_gets_full_marks"), move || {
                full_marks(&lab, &file)
            }));
        } else if file_name.starts_with("starter.") {
            trials.push(Trial::test(format!("{lab}::{file_name}_gets_no_marks"), move || {
                no_marks(&lab, &file)
            }));
        }
    }
    for file in files(&lab.join("bad")) {
        let (lab, bad) = (name(lab), name(&file));
        trials.push(Trial::test(format!("{lab}::{bad}_loses_what_it_says"), move || loses(&lab, &file)));
    }
    trials
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

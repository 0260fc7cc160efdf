//! For each lab: solutions and known-good programs get full marks, unchanged starters get none, and each
//! known-bad submission loses exactly the lines that it names, and its report is clear.

use crate::feedback::{commands_show, unclear};
use crate::support::known_bad::{known_bad, loses, write_program};
use crate::support::known_good::known_good;
use crate::support::*;
use crate::{Group, Named};
use ipc_workbook_testing::harness::Failed;
use std::path::{Path, PathBuf};

pub(crate) fn groups() -> Vec<Group> {
    let labs = labs();
    let all: Vec<PathBuf> = labs.iter().flat_map(|lab| files(lab)).filter(|file| is_program(file)).collect();
    let (rust, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|file| has_ending(file, "rs"));
    let (solutions, starters): (Vec<_>, Vec<_>) = others.into_iter().partition(|file| is_solution(file));
    let good: Vec<PathBuf> = labs.iter().flat_map(|lab| known_good(lab)).collect();
    let bad: Vec<PathBuf> = labs.iter().flat_map(|lab| known_bad(lab)).collect();
    let patches = Named::new("every_patch_applies_to_its_solution".into(), {
        let bad = bad.clone();
        move || every_patch_applies(&bad)
    });
    let group = |label, enough, files: Vec<PathBuf>, trial: fn(PathBuf) -> Named| Group {
        label,
        enough,
        trials: files.into_iter().map(trial).collect(),
    };
    vec![
        Group { label: "patches", enough: 1, trials: vec![patches] },
        group("solutions", 3, solutions, handed_out),
        group("starters", 1, starters, handed_out),
        // Each one needs a run of rustc.
        group("in Rust", 1, buildable(rust), handed_out),
        group("known-good", 4, buildable(good), known_to_be_good),
        group("known-bad", 4, bad, known_to_be_bad),
    ]
}

fn is_program(file: &Path) -> bool {
    ["solution", "starter"].iter().any(|stem| file.file_stem().is_some_and(|of| of == *stem))
}

fn is_solution(file: &Path) -> bool {
    file.file_stem().is_some_and(|stem| stem == "solution")
}

fn has_ending(file: &Path, ending: &str) -> bool {
    file.extension().is_some_and(|of| of == ending)
}

/// A starter or a solution.
fn handed_out(file: PathBuf) -> Named {
    let lab = name(file.parent().expect("a lab's folder"));
    let full = is_solution(&file);
    let what = if full { "gets_full_marks" } else { "gets_no_marks" };
    Named::new(format!("labs/{lab}::{}_{what}", name(&file)), move || {
        let graded = graded(&lab, &file)?;
        demand(lines(&graded).all(|line| line["passed"] == full), &file, &graded)
    })
}

fn known_to_be_good(file: PathBuf) -> Named {
    let lab = name(file.ancestors().nth(2).expect("a lab's folder"));
    Named::new(format!("labs/{lab}::good::{}_gets_full_marks", name(&file)), move || {
        let graded = graded(&lab, &file)?;
        demand(lines(&graded).all(|line| line["passed"] == true), &file, &graded)
    })
}

fn known_to_be_bad(file: PathBuf) -> Named {
    let folder = file.ancestors().nth(2).expect("a lab's folder").to_path_buf();
    let lab = name(&folder);
    Named::new(format!("labs/{lab}::{}_loses_what_it_says", name(&file)), move || {
        let scratch = Folder::new(&format!("{lab}-{}", name(&file)));
        let source = write_program(&file, &scratch)?;
        let graded = graded(&lab, &source)?;
        let failed = lines(&graded).filter(|line| line["passed"] == false);
        let mut lost: Vec<String> = failed.filter_map(|line| line["id"].as_str().map(String::from)).collect();
        lost.sort();
        demand(lost == loses(&file)?, &file, &graded)?;
        let unclear = unclear(&folder, &graded)?;
        if !unclear.is_empty() {
            return Err(unclear.join("\n").into());
        }
        Ok(commands_show(&graded, &source, &scratch)?)
    })
}

/// Fails with the whole grading unless the condition holds.
fn demand(holds: bool, file: &Path, graded: &serde_json::Value) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(format!("{}\n{graded:#}", file.display()).into()) }
}

fn every_patch_applies(bad: &[PathBuf]) -> Result<(), Failed> {
    let scratch = Folder::new("patches");
    let wrong: Vec<String> = bad.iter().filter_map(|file| write_program(file, &scratch).err()).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

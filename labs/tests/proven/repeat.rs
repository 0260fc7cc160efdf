//! The same submission always gets the same grade, also in the labs about races. This is tested with the
//! solution and with a program that loses by a race. Each line must be equal, not only the points.

use crate::support::known_bad::{known_bad, write_program};
use crate::support::*;
use crate::{Group, Named};
use ipc_workbook_testing::harness::Failed;
use serde_json::Value;
use std::path::{Path, PathBuf};

pub(crate) fn groups() -> Vec<Group> {
    let racy = scheduled_labs().into_iter();
    let trials = racy.flat_map(|lab| [solution(lab.clone()), loser_of_a_race(lab)]).collect();
    vec![Group { label: "repeat", enough: 1, trials }]
}

/// Whether to grade many times. An exhaustive run tests everything twice, as root and as an ordinary user, so only
/// root does it.
fn in_full() -> bool {
    exhaustive() && nix::unistd::geteuid().is_root()
}

/// How many times to grade a program that loses by a race, in an exhaustive run. If one grading in ten is wrong, this
/// stays unnoticed with a probability of 4 percent.
const MANY: usize = 30;

/// How many times to grade in a run that is not exhaustive.
const A_FEW: usize = 2;

fn solution(lab: PathBuf) -> Named {
    Named::new(format!("repeat::{}::solution", name(&lab)), move || {
        let scratch = Folder::new(&format!("repeat-{}-solution", name(&lab)));
        same(&lab, &lab.join("solution.c"), &scratch, if in_full() { MANY / 3 } else { A_FEW })
    })
}

fn loser_of_a_race(lab: PathBuf) -> Named {
    Named::new(format!("repeat::{}::who_loses_a_race", name(&lab)), move || {
        let scratch = Folder::new(&format!("repeat-{}", name(&lab)));
        let mut programs = programs_in_c(&lab, &scratch)?;
        if in_full() {
            same(&lab, &loser(&lab, programs)?, &scratch, MANY)
        } else {
            programs = sample(programs, &format!("repeat {}", name(&lab)), 1);
            same(&lab, &programs.remove(0), &scratch, A_FEW)
        }
    })
}

/// Writes the known-bad programs in C, and returns their files.
fn programs_in_c(lab: &Path, scratch: &Path) -> Result<Vec<PathBuf>, Failed> {
    let mut programs =
        known_bad(lab).iter().map(|bad| write_program(bad, scratch)).collect::<Result<Vec<_>, _>>()?;
    programs.retain(|file| file.extension().is_some_and(|end| end == "c"));
    if programs.is_empty() {
        Err(format!("{}: there is no known-bad program in C", lab.display()).into())
    } else {
        Ok(programs)
    }
}

/// Returns the first that fails in some schedules only; if there is none, the last program.
fn loser(lab: &Path, mut programs: Vec<PathBuf>) -> Result<PathBuf, Failed> {
    for file in &programs {
        let graded = graded(&name(lab), file)?;
        if lines(&graded).any(|line| fails_sometimes(line["observed"].as_str().unwrap_or_default())) {
            return Ok(file.clone());
        }
    }
    Ok(programs.pop().expect("a program"))
}

/// Whether this is `failed 3 of 100 schedules, …`, and not 100 of 100.
fn fails_sometimes(observed: &str) -> bool {
    let mut words = observed.split([' ', ',']);
    words.next() == Some("failed") && words.next() != words.nth(1)
}

fn same(lab: &Path, source: &Path, scratch: &Path, times: usize) -> Result<(), Failed> {
    let program = scratch.join("program");
    run(&mut cc_submission(source, &program), 0);
    let grade =
        || -> Result<Vec<Value>, Failed> { Ok(lines(&graded(&name(lab), &program)?).cloned().collect()) };
    let first = grade()?;
    for time in 1..times {
        let again = grade()?;
        if again != first {
            return Err(format!("{}, time {time}: {again:#?}\nat first: {first:#?}", name(source)).into());
        }
    }
    Ok(())
}

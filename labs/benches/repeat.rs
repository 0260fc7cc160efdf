//! Grades the same program many times, and prints how many of the grades are equal, line by line: in each lab
//! about races, a program with threads, one in Python, and the solution in C.
//!
//!     cargo bench -p ipc-workbook-labs --bench repeat [-- TIMES]
//!
//! TIMES is 100, unless you give another number. A hundred take about 40 minutes on two processors.

#[path = "../tests/support/mod.rs"]
mod support;

use ipc_workbook_testing::parallel::each;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use support::known_good::known_good;
use support::{graded, lines, name, scheduled_labs};

const TIMES: usize = 100;

fn main() {
    // cargo adds --bench.
    let times = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(TIMES);
    let programs = |of: fn(&Path) -> Option<PathBuf>| {
        scheduled_labs().into_iter().filter_map(move |lab| Some((of(&lab)?, lab)))
    };
    let solution = |lab: &Path| Some(lab.join("solution.c"));
    let all = programs(with_threads).chain(programs(in_python)).chain(programs(solution)).collect();
    each(all, std::thread::available_parallelism().map_or(1, usize::from), |(file, lab)| {
        let equal = equal_grades(&lab, &file, times);
        println!("{:<24} {:<28} {equal} of {times} equal", name(&lab), name(&file));
    });
}

fn with_threads(lab: &Path) -> Option<PathBuf> {
    let has_threads =
        |file: &PathBuf| fs::read_to_string(file).is_ok_and(|source| source.contains("pthread_create"));
    known_good(lab).into_iter().find(has_threads)
}

fn in_python(lab: &Path) -> Option<PathBuf> {
    known_good(lab).into_iter().find(|file| file.extension().is_some_and(|end| end == "py"))
}

/// Counts the grades that are equal to the first. Prints each line that a program loses.
fn equal_grades(lab: &Path, file: &Path, times: usize) -> usize {
    let grades = (0..times).map(|_| grade(lab, file));
    let mut first = None;
    grades.filter(|grade| first.get_or_insert_with(|| grade.clone()) == grade).count()
}

/// Returns the lines of a grade. A program without a grade has no line.
fn grade(lab: &Path, file: &Path) -> Vec<Value> {
    match graded(&name(lab), file) {
        Ok(graded) => {
            for line in lines(&graded).filter(|line| line["passed"] != true) {
                println!("{}: {line}", name(file));
            }
            lines(&graded).cloned().collect()
        }
        Err(error) => {
            println!("{}: {error}", name(file));
            Vec::new()
        }
    }
}

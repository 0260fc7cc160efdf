//! The lecturer's commands: grade a course, merge shards, export the grading to another service, and check
//! whether this machine can grade.
//!
//! ```text
//! plan     which student handed in what
//! clutter  recognises files that are not submissions
//! copy     copies a submission; its digest tells whether a stored result belongs to it
//! grade    grades a course, and stores each result at once
//! pool     the threads that grade in parallel
//! results  the folder of results and reports
//! report   the results as table, JSON, JUnit XML, Gradescope's and GitHub Classroom's JSON, Markdown
//! merge    combines shards into one course
//! export   writes the files that an autograder on another service needs
//! doctor   checks whether this machine can grade
//! ```

mod clutter;
mod copy;
mod doctor;
mod export;
mod file_name;
mod grade;
mod merge;
mod plan;
mod pool;
mod probe;
mod report;
mod results;

pub(crate) use probe::{NAME as PROBE, run as probe};

use clap::{ArgMatches, Command};
use ipc_workbook_tools::cli::Failure;
use std::path::Path;

/// Returns the lecturer's commands.
pub(crate) fn commands() -> Vec<Command> {
    vec![grade::command(), merge::command(), export::command(), doctor::command()]
}

/// Runs a command if it is the lecturer's; otherwise returns `None`.
pub(crate) fn run(root: &Path, name: &str, args: &ArgMatches) -> Option<Result<u8, Failure>> {
    Some(match name {
        "grade" => grade::run(args, root),
        "merge" => merge::run(args),
        "export" => export::run(args, root),
        "doctor" => doctor::run(args, root),
        _ => return None,
    })
}

//! What a lecturer does: grade a course, put shards together, hand the grading to
//! somebody else's machine, and ask whether this one can do it.
//!
//! ```text
//! plan     who has handed in what
//! clutter  what lies among submissions and is none
//! copy     a copy of it, and the digest by which a result of another day is known
//! grade    all of it; each result is stored as it comes
//! pool     the threads that grade, in parallel
//! results  the folder that results and reports lie in
//! report   the same results as table, JSON, JUnit XML, Gradescope's and GitHub Classroom's JSON, Markdown
//! merge    what shards have found, as one course
//! export   what an autograder elsewhere takes
//! doctor   whether this machine can grade
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

/// The lecturer's commands.
pub(crate) fn commands() -> Vec<Command> {
    vec![grade::command(), merge::command(), export::command(), doctor::command()]
}

/// Runs a command, if it is the lecturer's.
pub(crate) fn run(root: &Path, name: &str, args: &ArgMatches) -> Option<Result<u8, Failure>> {
    Some(match name {
        "grade" => grade::run(args, root),
        "merge" => merge::run(args),
        "export" => export::run(args, root),
        "doctor" => doctor::run(args, root),
        _ => return None,
    })
}

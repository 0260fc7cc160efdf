//! Course labs, graded by what the kernel shows.
//!
//!     cargo run --bin lab -- list
//!     cargo run --bin lab -- show exact-mode
//!     cargo run --bin lab -- check exact-mode
//!
//! | part | what |
//! | --- | --- |
//! | [`course`] | a whole course: grade, merge, export, doctor |
//! | [`student`] | one student at work: show, check, hint, watch, reset, solution |
//! | [`supervisor`], [`worker`] | how one submission is graded: by a process of its own |
//! | [`sandbox`], [`scheduler`] | where the submission runs, and in which order its calls are made |
//! | [`trial`], [`finding`], [`peer`] | the words that a lab's grader uses |
//! | [`submission`], [`compile`] | what is graded, and how it becomes a program |
//!
//! Which labs there are, what is remembered and how it is printed, the tools' shared crate knows.

mod compile;
mod course;
mod finding;
mod graded;
mod peer;
mod sandbox;
mod scheduler;
mod student;
mod submission;
mod supervisor;
mod trial;
mod worker;

use clap::{Arg, ArgMatches, Command};
use ipc_workbook_tools::cli::{self, Failure};
use ipc_workbook_tools::workbook::root;
use std::process::ExitCode;

const EXIT_CODES: &str = "\
Exit codes:
  0    full marks, or done
  1    not full marks
  2    wrong usage, such as an unknown lab or a submission that is not there
  3    this machine cannot do it now; the message says why, and what helps
  130  interrupted (as a shell tells the end by Ctrl-C)
  141  whoever read the output has gone";

fn main() -> ExitCode {
    cli::main("lab", command(), dispatch)
}

/// Each part of the program knows its own commands.
fn command() -> Command {
    Command::new("lab")
        .about("Course labs, graded by what the kernel shows")
        .version(env!("CARGO_PKG_VERSION"))
        .after_help(EXIT_CODES)
        .subcommand_required(true)
        .arg(
            Arg::new("color")
                .long("color")
                .value_name("WHICH")
                .global(true)
                .default_value("auto")
                .value_parser(["auto", "always", "never"])
                .help("Colour; auto looks at the terminal, NO_COLOR and CLICOLOR_FORCE"),
        )
        .subcommands(student::commands())
        .subcommand(Command::new("worker").hide(true))
        .subcommands(course::commands())
}

/// `None` from a part: the command is another's.
fn dispatch(matches: &ArgMatches) -> Result<u8, Failure> {
    let Some((name, args)) = matches.subcommand() else { return Ok(0) };
    if name == "worker" {
        return worker::worker();
    }
    let root = root();
    student::run(&root, name, args).or_else(|| course::run(&root, name, args)).unwrap_or(Ok(0))
}

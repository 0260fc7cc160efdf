//! Course labs, graded by what the kernel shows.
//!
//!     cargo run --bin lab -- list
//!     cargo run --bin lab -- show exact-mode
//!     cargo run --bin lab -- check exact-mode
//!
//! | part | what |
//! | --- | --- |
//! | [`course`] | the lecturer's commands: grade, merge, export, doctor |
//! | [`student`] | the student's commands: show, check, hint, watch, reset, solution |
//! | [`supervisor`], [`worker`] | grade one submission in a separate process |
//! | [`sandbox`], [`scheduler`] | run the submission, and decide the order of its calls |
//! | [`trial`], [`finding`], [`peer`] | the functions that a lab's grader calls |
//! | [`submission`], [`compile`] | find the submission's source files, and build them |
//!
//! The tools' shared crate finds the labs, stores what is remembered between runs, and prints.

mod compile;
mod course;
mod finding;
mod graded;
mod peer;
mod raw_path;
mod sandbox;
mod scheduler;
mod student;
mod submission;
mod supervisor;
mod trial;
mod worker;

use clap::{Arg, ArgMatches, Command};
use ipc_workbook_tools::cli::{self, Failure};
use ipc_workbook_tools::workbook::{labs, nearest, root};
use std::path::Path;
use std::process::ExitCode;

const EXIT_CODES: &str = "\
Exit codes:
  0    full marks, or the command succeeded
  1    not full marks
  2    wrong usage, such as an unknown lab or a submission that is not there
  3    this machine cannot do it now; the message says why, and what to do
  130  interrupted by Ctrl-C
  141  the reader of the output has gone";

/// Words that a user may type in place of a command's name.
const MEANT: [(&str, &str); 16] = [
    ("start", "show"),
    ("begin", "show"),
    ("open", "show"),
    ("task", "show"),
    ("test", "check"),
    ("run", "check"),
    ("try", "check"),
    ("verify", "check"),
    ("submit", "check"),
    ("make", "build"),
    ("compile", "build"),
    ("clue", "hint"),
    ("restart", "reset"),
    ("answer", "solution"),
    ("labs", "list"),
    ("progress", "list"),
];

fn main() -> ExitCode {
    // lab starts itself as a worker or a probe. It then has a name that nobody can type as a command.
    let mut words = std::env::args_os();
    let name = words.next();
    if name.as_deref() == Some(worker::NAME.as_ref()) {
        cli::run_as("lab", worker::worker)
    } else if name.as_deref() == Some(course::PROBE.as_ref()) {
        cli::run_as("lab", || course::probe(&words.next().unwrap_or_default().to_string_lossy()))
    } else {
        cli::main("lab", command(), dispatch)
    }
}

/// Returns the command line: each part of the program adds its own commands.
fn command() -> Command {
    Command::new("lab")
        .about("Course labs, graded by what the kernel shows")
        .version(env!("CARGO_PKG_VERSION"))
        .after_help(EXIT_CODES)
        .subcommand_required(true)
        // An unknown command gets a better message than clap's.
        .allow_external_subcommands(true)
        .arg(
            Arg::new("color")
                .long("color")
                .value_name("WHICH")
                .global(true)
                .default_value("auto")
                .value_parser(["auto", "always", "never"])
                .help("When to use colour; auto looks at the terminal, NO_COLOR and CLICOLOR_FORCE"),
        )
        .subcommands(student::commands())
        .subcommands(course::commands())
}

/// Runs the command. A part returns `None` if the command is not its own.
fn dispatch(matches: &ArgMatches) -> Result<u8, Failure> {
    let Some((name, args)) = matches.subcommand() else { return Ok(0) };
    let root = root();
    student::run(&root, name, args)
        .or_else(|| course::run(&root, name, args))
        .unwrap_or_else(|| Err(no_command(&root, name)))
}

/// Returns the error for an unknown command, with the command that the user probably meant.
fn no_command(root: &Path, word: &str) -> Failure {
    let command = command();
    let synonym = MEANT.iter().find(|(other, _)| *other == word).map(|(_, name)| *name);
    let meant = synonym.or_else(|| nearest(word, command.get_subcommands().map(Command::get_name)));
    let meant = match meant {
        _ if labs::lab(root, word).is_ok() => format!("do you mean lab show {word}?"),
        Some(name) => format!("do you mean lab {name}?"),
        None => "see lab --help for all commands".into(),
    };
    Failure::Usage(format!("there is no command {word:?}; {meant}"))
}

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
  0    full marks, or done
  1    not full marks
  2    wrong usage, such as an unknown lab or a submission that is not there
  3    this machine cannot do it now; the message says why, and what helps
  130  interrupted (as a shell tells the end by Ctrl-C)
  141  whoever read the output has gone";

/// Words for commands that have another name.
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
    // What lab starts itself as bears a name that nobody types, so it is no command.
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

/// Each part of the program knows its own commands.
fn command() -> Command {
    Command::new("lab")
        .about("Course labs, graded by what the kernel shows")
        .version(env!("CARGO_PKG_VERSION"))
        .after_help(EXIT_CODES)
        .subcommand_required(true)
        // A word that is no command gets a better answer than clap's.
        .allow_external_subcommands(true)
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
        .subcommands(course::commands())
}

/// `None` from a part: the command is another's.
fn dispatch(matches: &ArgMatches) -> Result<u8, Failure> {
    let Some((name, args)) = matches.subcommand() else { return Ok(0) };
    let root = root();
    student::run(&root, name, args)
        .or_else(|| course::run(&root, name, args))
        .unwrap_or_else(|| Err(no_command(&root, name)))
}

/// The word is no command; which one is meant?
fn no_command(root: &Path, word: &str) -> Failure {
    let command = command();
    let synonym = MEANT.iter().find(|(other, _)| *other == word).map(|(_, name)| *name);
    let meant = synonym.or_else(|| nearest(word, command.get_subcommands().map(Command::get_name)));
    let meant = match meant {
        _ if labs::lab(root, word).is_ok() => format!("do you mean lab show {word}?"),
        Some(name) => format!("do you mean lab {name}?"),
        None => "lab --help names them all".into(),
    };
    Failure::Usage(format!("there is no command {word:?}; {meant}"))
}

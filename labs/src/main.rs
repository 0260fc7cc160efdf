//! Course labs, graded by what the kernel shows.
//!
//!     cargo run --bin lab -- list
//!     cargo run --bin lab -- show exact-mode
//!     cargo run --bin lab -- check exact-mode
//!
//! | part | what |
//! | --- | --- |
//! | [`catalogue`] | the labs that there are |
//! | [`course`] | a whole course: grade, merge, export, doctor |
//! | [`student`] | one student at work: show, check, hint, watch, reset, solution |
//! | [`worker`], [`supervisor`], [`trial`], [`sandbox`] | how one submission is graded, and where |
//! | [`submission`], [`compile`] | what is graded, and how it becomes a program |
//! | [`store`], [`screen`], [`temporary`] | what is remembered, what is printed, what goes again |

mod catalogue;
mod compile;
mod course;
mod graded;
mod sandbox;
mod screen;
mod store;
mod student;
mod submission;
mod supervisor;
mod temporary;
mod trial;
mod worker;

use clap::{Arg, ArgMatches, Command};
use ipc_workbook::built::workbook;
use ipc_workbook::cli::{Failure, explain, wants_color};
use screen::PROGRAM;
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
    let matches = match command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return explain(PROGRAM, &error),
    };
    let color = matches.get_one::<String>("color").map_or("auto", String::as_str);
    colored::control::set_override(wants_color(color));
    match dispatch(&matches) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => ExitCode::from(failure.report(PROGRAM)),
    }
}

/// Each part of the program knows its own commands.
fn command() -> Command {
    Command::new(PROGRAM)
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
        .subcommand(Command::new("supervisor").hide(true))
        .subcommands(course::commands())
}

/// `None` from a part: the command is another's.
fn dispatch(matches: &ArgMatches) -> Result<u8, Failure> {
    let Some((name, args)) = matches.subcommand() else { return Ok(0) };
    if name == "supervisor" {
        return supervisor::supervisor();
    }
    let root = workbook();
    student::run(&root, name, args).or_else(|| course::run(&root, name, args)).unwrap_or(Ok(0))
}

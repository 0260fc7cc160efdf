//! The command line of every tool: its start and its exit code, text and JSON, one line for each
//! thing that goes wrong.
//!
//! | module | what |
//! | --- | --- |
//! | this one | how a tool starts and ends, and what it prints |
//! | [`escape`](mod@escape) | text of others, which a terminal must not obey |
//! | [`progress`] | how far a long task is |
//!
//! [`Failure`] and its exit codes are the library's: the lessons have the same.

pub mod escape;
pub mod progress;

pub use escape::{escape, quote};
pub use ipc_workbook::cli::Failure;
pub use progress::Progress;

use clap::{Arg, ArgMatches, Command};
use ipc_workbook::cli::{complain, explain, print, terminal_width, wants_color};
use ipc_workbook::wrap;
use serde_json::Value;
use std::process::ExitCode;
use std::sync::OnceLock;

static PROGRAM: OnceLock<&str> = OnceLock::new();

/// Runs a tool: reads the command line, does what it says, and reports a failure. `program` is
/// what the tool calls itself in messages.
pub fn main(
    program: &'static str,
    command: Command,
    run: impl FnOnce(&ArgMatches) -> Result<u8, Failure>,
) -> ExitCode {
    let _ = PROGRAM.set(program);
    let matches = match command.try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return explain(program, &error),
    };
    let color = matches.try_get_one::<String>("color").ok().flatten();
    colored::control::set_override(wants_color(color.map_or("auto", String::as_str)));
    match run(&matches) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => ExitCode::from(failure.report(program)),
    }
}

fn program() -> &'static str {
    PROGRAM.get().copied().unwrap_or("ipc-workbook")
}

/// Prints a text for people on standard output, in lines that fit a terminal.
pub fn show(text: &str) -> Result<(), Failure> {
    show_verbatim(&wrap::wrap_columns(text, terminal_width()))
}

/// Prints a text on standard output as it is: a program's source, or what another program reads.
pub fn show_verbatim(text: &str) -> Result<(), Failure> {
    print(program(), text)
}

/// A text in lines that fit a terminal, the first behind `head`, the others under it.
#[must_use]
pub fn paragraph(head: &str, text: &str) -> String {
    wrap::paragraph(head, text, terminal_width())
}

/// Prints one JSON object on a line of its own, which is safe to look at as well.
pub fn show_json(value: &Value) -> Result<(), Failure> {
    show_verbatim(&(escape::json(value) + "\n"))
}

/// Prints one line on standard error, after the program's name.
pub fn warn(text: &str) {
    complain(&format!("{}: {text}", program()));
}

/// Reports a failure that does not end the program.
pub fn report(failure: &Failure) {
    let _ = failure.report(program());
}

/// The flag `--format`, for each command that prints what it has found.
#[must_use]
pub fn format_flag(help: &'static str) -> Arg {
    Arg::new("format")
        .long("format")
        .value_name("WHICH")
        .value_parser(["text", "json"])
        .default_value("text")
        .help(help)
}

/// Whether `--format json` is given.
#[must_use]
pub fn wants_json(args: &ArgMatches) -> bool {
    args.get_one::<String>("format").is_some_and(|format| format == "json")
}

//! The command line of every tool: starting, exit codes, text and JSON, and one line for each
//! error.
//!
//! | module | what |
//! | --- | --- |
//! | this one | starts and ends a tool, and prints its output |
//! | [`escape`](mod@escape) | makes untrusted text safe for a terminal |
//! | `order` | accepts options before their command |
//! | [`progress`] | shows the progress of a long task |
//!
//! [`Failure`] and its exit codes come from the library, so lessons and tools have the same.

pub mod escape;
mod order;
pub mod progress;

pub use escape::{escape, quote};
pub use ipc_workbook::cli::Failure;
pub use progress::Progress;

use clap::{Arg, ArgMatches, Command};
use ipc_workbook::cli::{complain, explain, print, terminal_width, wants_color};
use ipc_workbook::wrap;
use order::options_behind_the_command;
use serde_json::Value;
use std::process::ExitCode;
use std::sync::OnceLock;

static PROGRAM: OnceLock<&str> = OnceLock::new();

/// Runs a tool: parses the command line, calls `run`, and reports a failure. `program` is
/// the tool's name in messages.
pub fn main(
    program: &'static str,
    command: Command,
    run: impl FnOnce(&ArgMatches) -> Result<u8, Failure>,
) -> ExitCode {
    let words = options_behind_the_command(&command, std::env::args_os().collect());
    let matches = match command.try_get_matches_from(words) {
        Ok(matches) => matches,
        Err(error) => return explain(program, &error),
    };
    let color = matches.try_get_one::<String>("color").ok().flatten();
    colored::control::set_override(wants_color(color.map_or("auto", String::as_str)));
    run_as(program, || run(&matches))
}

/// Runs a program whose command line has already been parsed, and reports a failure.
pub fn run_as(program: &'static str, run: impl FnOnce() -> Result<u8, Failure>) -> ExitCode {
    let _ = PROGRAM.set(program);
    match run() {
        Ok(code) => ExitCode::from(code),
        Err(failure) => ExitCode::from(failure.report(program)),
    }
}

fn program() -> &'static str {
    PROGRAM.get().copied().unwrap_or("ipc-workbook")
}

/// Prints text for people on standard output, in lines that fit the terminal.
pub fn show(text: &str) -> Result<(), Failure> {
    show_verbatim(&wrap::wrap_columns(text, terminal_width()))
}

/// Prints text on standard output without breaking lines: source code, or text for another program.
pub fn show_verbatim(text: &str) -> Result<(), Failure> {
    print(program(), text)
}

/// Returns text in lines that fit the terminal. The first line begins with `head`, and the others are
/// indented.
#[must_use]
pub fn paragraph(head: &str, text: &str) -> String {
    wrap::paragraph(head, text, terminal_width())
}

/// Prints a JSON object in one line. The line is also safe for a terminal.
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

/// Makes the flag `--format`, for commands that print results.
#[must_use]
pub fn format_flag(help: &'static str) -> Arg {
    Arg::new("format")
        .long("format")
        .value_name("WHICH")
        .value_parser(["text", "json"])
        .default_value("text")
        .help(help)
}

/// Returns whether `--format json` is given.
#[must_use]
pub fn wants_json(args: &ArgMatches) -> bool {
    args.get_one::<String>("format").is_some_and(|format| format == "json")
}

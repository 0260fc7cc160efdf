//! The common part of the workbook's command lines: failures and exit codes, output and
//! error messages, colours. Lessons, the menu, `lab`, `interview` and the book all
//! use it.

#![allow(unsafe_code)]

use crate::call::{Errno, errno_text};
use crate::wrap::{TIED, wrap, wrap_columns};
use clap::error::ErrorKind;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::process::ExitCode;

/// Why a program could not continue. Each kind has its own exit code.
#[derive(Debug)]
pub enum Failure {
    /// 1: the kernel does not do what the workbook says.
    Contradicted(String),
    /// 2: wrong usage of the program.
    Usage(String),
    /// 3: this machine cannot do the task now.
    Machine(String),
    /// The reason has been reported already, perhaps by another process. The value is the exit code.
    Reported(u8),
}

impl Failure {
    /// Returns the exit code.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Failure::Contradicted(_) => 1,
            Failure::Usage(_) => 2,
            Failure::Machine(_) => 3,
            Failure::Reported(code) => *code,
        }
    }

    /// Reports the failure in one line on standard error, unless it has been reported already. Returns the
    /// exit code.
    #[must_use]
    pub fn report(&self, program: &str) -> u8 {
        if !matches!(self, Failure::Reported(_)) {
            complain(&format!("{program}: {self}"));
        }
        self.exit_code()
    }

    /// Makes the failure for the end of standard input, from which `flag` reads.
    #[must_use]
    pub fn input_ended(flag: &str) -> Self {
        Failure::Machine(format!(
            "standard input has ended, but {flag} reads from it; run this in a terminal, or without {flag}"
        ))
    }

    /// Makes the failure for standard output that cannot be written. A closed pipe is not reported, since the
    /// reader has seen enough. Another error, such as a full disk, is reported.
    pub(crate) fn output_broke(program: &str, error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Failure::Reported(128 + 13); // the exit code that a shell shows for SIGPIPE
        }
        let reason =
            error.raw_os_error().map_or_else(|| error.to_string(), |n| errno_text(Errno::from_raw(n)));
        let text = format!("cannot write to standard output: {reason}; redirect it to a place with room");
        Failure::Reported(Failure::Machine(text).report(program))
    }
}

/// Writes the reason, without the program's name.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Contradicted(text) | Failure::Usage(text) | Failure::Machine(text) => f.write_str(text),
            Failure::Reported(code) => write!(f, "the program ended with exit code {code}"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Machine(error.to_string())
    }
}

/// Prints one line on standard error, and ignores errors. `eprintln!` would panic if standard error is
/// closed or its disk is full.
pub fn complain(line: &str) {
    let line = wrap(line, width_of(&io::stderr()), 2);
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Prints a result on standard output. Returns a failure if it cannot be written.
pub fn print(program: &str, text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Failure::output_broke(program, &error))
}

/// Prints clap's error message in one line, or the help or version in lines that fit the terminal.
#[must_use]
pub fn explain(program: &str, error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let text = text.replace("[default: ", &format!("[default:{TIED}"));
        let text = wrap_columns(&text, terminal_width());
        return ExitCode::from(print(program, &text).map_or_else(|failure| failure.exit_code(), |()| 0));
    }
    // The message, with its list of possible values, ends where the usage begins.
    let message =
        text.split("\n\nUsage:").next().unwrap_or(&text).split("\n\nFor more").next().unwrap_or_default();
    // clap puts a similar word that the user may have meant in a separate paragraph.
    let message = message.trim_start_matches("error: ").replace("\n\n  tip: ", "; ");
    let words: Vec<&str> = message.split_whitespace().collect();
    complain(&format!("{program}: {}; try {program} --help", words.join(" ")));
    ExitCode::from(2)
}

/// Returns whether to use colours, given the value of `--color`. An empty `NO_COLOR` counts as not set
/// (no-color.org).
#[must_use]
pub fn wants_color(color: &str) -> bool {
    let set = |name: &str| std::env::var(name).is_ok_and(|value| !value.is_empty() && value != "0");
    match color {
        "always" => true,
        "never" => false,
        _ if std::env::var("NO_COLOR").is_ok_and(|value| !value.is_empty()) => false,
        _ if set("CLICOLOR_FORCE") => true,
        _ => std::env::var("TERM").is_ok_and(|term| term != "dumb") && io::stdout().is_terminal(),
    }
}

/// Returns the width of standard output in columns: the value of `COLUMNS`, or the terminal's width, or 80.
/// Returns `None` if standard output is no terminal: a pipe or a file has no width, and its reader can break
/// lines.
#[must_use]
pub fn terminal_width() -> Option<usize> {
    width_of(&io::stdout())
}

fn width_of(stream: &(impl AsFd + IsTerminal)) -> Option<usize> {
    /// With fewer columns there is no room for words beside the indentation.
    const LEAST: usize = 20;
    if !stream.is_terminal() {
        return None;
    }
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let width = said.or_else(|| asked_of_the_terminal(stream.as_fd())).filter(|width| *width > 0);
    Some(width.unwrap_or(80).max(LEAST))
}

/// Asks the terminal for its width with `ioctl_tty(2)`. The answer is 0 if the terminal does not know it.
fn asked_of_the_terminal(terminal: BorrowedFd) -> Option<usize> {
    // SAFETY: a winsize is four integers, so all zeros are valid.
    let mut size: libc::winsize = unsafe { std::mem::zeroed() };
    // SAFETY: `size` outlives the call.
    let answered = unsafe { libc::ioctl(terminal.as_raw_fd(), libc::TIOCGWINSZ, &raw mut size) };
    (answered == 0).then_some(size.ws_col.into())
}

/// Returns whether standard output and standard error go to the same place, as in a terminal. A message
/// that is on one of them need not be repeated on the other.
#[must_use]
pub fn output_and_errors_meet() -> bool {
    use nix::sys::stat::fstat;
    match (fstat(io::stdout()), fstat(io::stderr())) {
        (Ok(output), Ok(errors)) => (output.st_dev, output.st_ino) == (errors.st_dev, errors.st_ino),
        _ => false,
    }
}

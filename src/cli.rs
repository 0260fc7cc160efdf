//! What every command line of the workbook has in common: how it fails, what
//! it prints where, and when it uses colours. Lessons, the menu, `lab`,
//! `interview` and the book all take this from here.

#![allow(unsafe_code)]

use crate::call::{Errno, errno_text};
use crate::wrap::{TIED, wrap, wrap_columns};
use clap::error::ErrorKind;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::process::ExitCode;

/// Why a program could not go on. Each kind has its exit code.
#[derive(Debug)]
pub enum Failure {
    /// 1: the kernel does something else than the workbook says.
    Contradicted(String),
    /// 2: the program was called wrongly.
    Usage(String),
    /// 3: this machine cannot do it now.
    Machine(String),
    /// The reason has been reported already, maybe by another process; this is the exit code.
    Reported(u8),
}

impl Failure {
    /// The exit code.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Failure::Contradicted(_) => 1,
            Failure::Usage(_) => 2,
            Failure::Machine(_) => 3,
            Failure::Reported(code) => *code,
        }
    }

    /// Reports it on standard error in one line, unless that has been done, and
    /// returns the exit code.
    #[must_use]
    pub fn report(&self, program: &str) -> u8 {
        if !matches!(self, Failure::Reported(_)) {
            complain(&format!("{program}: {self}"));
        }
        self.exit_code()
    }

    /// Nothing more can be read from standard input, which `flag` needs.
    #[must_use]
    pub fn input_ended(flag: &str) -> Self {
        Failure::Machine(format!(
            "standard input has ended, and {flag} reads from it; run it in a terminal, or without {flag}"
        ))
    }

    /// Standard output is gone. A reader who closed the pipe has seen enough, and
    /// reads no complaint; a full disk is worth a line.
    pub(crate) fn output_broke(program: &str, error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Failure::Reported(128 + 13); // as SIGPIPE would have ended it
        }
        let reason =
            error.raw_os_error().map_or_else(|| error.to_string(), |n| errno_text(Errno::from_raw(n)));
        let text = format!("cannot write to standard output: {reason}; send it somewhere with room");
        Failure::Reported(Failure::Machine(text).report(program))
    }
}

/// The reason alone, without the program's name.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Contradicted(text) | Failure::Usage(text) | Failure::Machine(text) => f.write_str(text),
            Failure::Reported(code) => write!(f, "it ended with exit code {code}"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Machine(error.to_string())
    }
}

/// Prints one line on standard error. If that is full or closed, nobody can be
/// told; `eprintln!` would panic.
pub fn complain(line: &str) {
    let line = wrap(line, width_of(&io::stderr()), 2);
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Prints a result on standard output. If nobody gets it, the failure says so.
pub fn print(program: &str, text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Failure::output_broke(program, &error))
}

/// Prints clap's message on one line, and help and version in lines that fit.
#[must_use]
pub fn explain(program: &str, error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let text = text.replace("[default: ", &format!("[default:{TIED}"));
        let text = wrap_columns(&text, terminal_width());
        return ExitCode::from(print(program, &text).map_or_else(|failure| failure.exit_code(), |()| 0));
    }
    // The message, with its lists of possible values, ends where the usage begins.
    let message =
        text.split("\n\nUsage:").next().unwrap_or(&text).split("\n\nFor more").next().unwrap_or_default();
    // What is like the word that was typed, clap says in a paragraph of its own.
    let message = message.trim_start_matches("error: ").replace("\n\n  tip: ", "; ");
    let words: Vec<&str> = message.split_whitespace().collect();
    complain(&format!("{program}: {}; try {program} --help", words.join(" ")));
    ExitCode::from(2)
}

/// What `--color` means here. An empty `NO_COLOR` counts as not set (no-color.org).
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

/// How many columns lines for people may have on standard output: what `COLUMNS` says, or the terminal,
/// or 80. Nothing where it is no terminal: a pipe or a file has no width, and whoever reads
/// it there breaks lines as they like.
#[must_use]
pub fn terminal_width() -> Option<usize> {
    width_of(&io::stdout())
}

fn width_of(stream: &(impl AsFd + IsTerminal)) -> Option<usize> {
    /// Narrower, and there is no room for words beside the indents.
    const LEAST: usize = 20;
    if !stream.is_terminal() {
        return None;
    }
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let width = said.or_else(|| asked_of_the_terminal(stream.as_fd())).filter(|width| *width > 0);
    Some(width.unwrap_or(80).max(LEAST))
}

/// What `ioctl_tty(2)` says; 0 where nobody knows.
fn asked_of_the_terminal(terminal: BorrowedFd) -> Option<usize> {
    // SAFETY: a winsize is four numbers, for which zero is a value.
    let mut size: libc::winsize = unsafe { std::mem::zeroed() };
    // SAFETY: the place for the answer outlives the call.
    let answered = unsafe { libc::ioctl(terminal.as_raw_fd(), libc::TIOCGWINSZ, &raw mut size) };
    (answered == 0).then_some(size.ws_col.into())
}

/// Whether standard output and standard error go to the same place, as in a terminal: what is
/// said there once is not to be said again.
#[must_use]
pub fn output_and_errors_meet() -> bool {
    use nix::sys::stat::fstat;
    match (fstat(io::stdout()), fstat(io::stderr())) {
        (Ok(output), Ok(errors)) => (output.st_dev, output.st_ino) == (errors.st_dev, errors.st_ino),
        _ => false,
    }
}

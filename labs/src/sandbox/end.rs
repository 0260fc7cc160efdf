//! How programs ended.

use super::process::{Process, describe};
use nix::errno::Errno;
use nix::sys::signal::Signal;
use std::fmt;

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It exited with this code.
    Exited(i32),
    /// This signal killed it.
    Killed(Signal),
    /// This real-time signal killed it. Real-time signals have numbers, but no names.
    KilledInRealTime(i32),
    /// It did not end in time. These processes were left, and show where they waited.
    TimedOut(Vec<Process>),
    /// It could not be executed.
    NotExecuted(Errno),
    /// It printed more than [`FLOOD`] bytes, and was killed.
    Flooded,
    /// The guard killed it, for this reason.
    TookTooMuch(String),
    /// It was not started, because the program had failed to end in time too often.
    NotStarted,
    /// It was not started, because the time limit of the check was over.
    OutOfTime,
}

/// A program that prints more bytes than this is killed. No lab asks for so much, and how far a program that
/// prints without end gets should not depend on how fast it is read.
pub(super) const FLOOD: u64 = 16 << 20;

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Exited(code) => write!(f, "exit code {code}"),
            End::Killed(signal) => write!(f, "killed by {signal}"),
            End::KilledInRealTime(signal) => write!(f, "killed by signal {signal}"),
            End::TimedOut(processes) => write!(f, "did not end in time: {}", describe(processes)),
            End::Flooded => write!(f, "killed: it printed more than {} MiB", FLOOD >> 20),
            End::TookTooMuch(why) => write!(f, "killed: {why}"),
            End::NotStarted => f.write_str("not started again: it had failed to end in time too often"),
            End::OutOfTime => f.write_str("not started again: the time limit of the check was over"),
            End::NotExecuted(Errno::ENOENT) => {
                write!(f, "not executed: ENOENT; if the file exists, its interpreter does not")
            }
            End::NotExecuted(errno) => write!(f, "not executed: {errno:?}"),
        }
    }
}

impl End {
    /// Whether it exited with this code.
    pub(crate) fn exited(&self, code: i32) -> bool {
        *self == End::Exited(code)
    }

    /// Whether it ended in time.
    pub(crate) fn in_time(&self) -> bool {
        !matches!(self, End::TimedOut(_) | End::NotStarted | End::OutOfTime)
    }
}

/// How several programs ended, in the order in which they started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ends(pub(crate) Vec<End>);

impl Ends {
    /// Returns the end of the program that started first.
    pub(crate) fn first(&self) -> End {
        self.of(0)
    }

    /// Returns the end of the program with this number, in the order in which they started.
    pub(crate) fn of(&self, program: usize) -> End {
        self.0.get(program).cloned().unwrap_or(End::NotStarted)
    }

    /// Returns how many exited with this code.
    pub(crate) fn exited(&self, code: i32) -> usize {
        self.0.iter().filter(|end| **end == End::Exited(code)).count()
    }

    /// Whether the programs exited with exactly these codes, in the order in which they started.
    pub(crate) fn are(&self, codes: &[i32]) -> bool {
        self.0.iter().eq(codes.iter().map(|code| End::Exited(*code)).collect::<Vec<_>>().iter())
    }

    /// Returns the first end that is not one of these exit codes.
    pub(crate) fn other_than(&self, codes: &[i32]) -> Option<&End> {
        self.0.iter().find(|end| !codes.iter().any(|code| **end == End::Exited(*code)))
    }
}

impl fmt::Display for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ends: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&ends.join(", "))
    }
}

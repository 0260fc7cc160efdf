//! How programs ended.

use super::process::{Process, describe};
use nix::errno::Errno;
use nix::sys::signal::Signal;
use std::fmt;

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With this exit code.
    Exited(i32),
    /// By this signal.
    Killed(Signal),
    /// By a real-time signal, which has a number and no name.
    KilledInRealTime(i32),
    /// Not in time; these processes were there, and where they waited.
    TimedOut(Vec<Process>),
    /// It could not be executed at all.
    NotExecuted(Errno),
    /// It had printed more than any lab asks for, and was killed.
    Flooded,
    /// It was not started any more: it had come to no end too often.
    NotStarted,
    /// It was not started any more: the time of the check was over.
    OutOfTime,
}

/// Who prints more than this is killed: no lab asks for so much, and how far a program comes that
/// prints without end should not hang on how fast it is read.
pub(super) const FLOOD: u64 = 16 << 20;

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Exited(code) => write!(f, "exit code {code}"),
            End::Killed(signal) => write!(f, "killed by {signal}"),
            End::KilledInRealTime(signal) => write!(f, "killed by signal {signal}"),
            End::TimedOut(processes) => write!(f, "no end in time: {}", describe(processes)),
            End::Flooded => write!(f, "killed: it printed more than {} MiB", FLOOD >> 20),
            End::NotStarted => f.write_str("not started again: it had come to no end too often"),
            End::OutOfTime => f.write_str("not started again: the time of the check was over"),
            End::NotExecuted(Errno::ENOENT) => {
                write!(f, "not executed: ENOENT; if the file is there, its interpreter is not")
            }
            End::NotExecuted(errno) => write!(f, "not executed: {errno:?}"),
        }
    }
}

impl End {
    /// Whether this was the exit code.
    pub(crate) fn exited(&self, code: i32) -> bool {
        *self == End::Exited(code)
    }

    /// Whether it was not killed for taking too long.
    pub(crate) fn in_time(&self) -> bool {
        !matches!(self, End::TimedOut(_) | End::NotStarted | End::OutOfTime)
    }
}

/// How several programs ended, in the order of their starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ends(pub(crate) Vec<End>);

impl Ends {
    /// Of the program that was started first.
    pub(crate) fn first(&self) -> End {
        self.of(0)
    }

    /// Of the program of this number, in the order of starts.
    pub(crate) fn of(&self, program: usize) -> End {
        self.0.get(program).cloned().unwrap_or(End::NotStarted)
    }

    /// How many ended with this exit code.
    pub(crate) fn exited(&self, code: i32) -> usize {
        self.0.iter().filter(|end| **end == End::Exited(code)).count()
    }

    /// Whether these are all exit codes, in the order of starts.
    pub(crate) fn are(&self, codes: &[i32]) -> bool {
        self.0.iter().eq(codes.iter().map(|code| End::Exited(*code)).collect::<Vec<_>>().iter())
    }

    /// The first that is none of these exit codes.
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

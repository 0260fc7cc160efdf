//! The events that a lesson reports.

use super::claim::Verdict;
use crate::call::Call;
use crate::observe::{Fact, Holders};

/// An event of a lesson.
#[derive(Debug)]
pub enum Event<'a> {
    /// The lesson begins.
    Lesson {
        /// The program's name.
        name: &'a str,
        /// Its chapter's folder.
        chapter: &'a str,
        /// One sentence that says what the lesson shows.
        title: &'a str,
        /// The kernel's release.
        kernel: &'a str,
        /// The C library and its version.
        libc: &'a str,
        /// Whether it runs in a private IPC namespace.
        private: bool,
    },
    /// A step begins.
    Step {
        /// Its number, from 1.
        n: u32,
        /// What the lesson does in this step.
        title: &'a str,
    },
    /// A question, which the next claim answers.
    Question {
        /// The question.
        text: &'a str,
        /// The possible answers. One of them is what the kernel will do.
        options: &'a [&'a str],
    },
    /// The lesson makes a remark.
    Note {
        /// The remark.
        text: &'a str,
    },
    /// A call returned.
    Call {
        /// The label of the process that made it.
        process: &'a str,
        /// Its process id.
        pid: i32,
        /// The call and its result.
        call: &'a Call,
    },
    /// A process has been waiting for about a second.
    Waiting {
        /// The label of the waiting process.
        process: &'a str,
        /// Its process id.
        pid: i32,
        /// The C name of the call in which it waits; `None` if it waits for another process's turn.
        call: Option<&'a str>,
        /// What ends the wait.
        until: &'a str,
        /// What ends the lesson: `Ctrl-C (SIGINT)`.
        end: &'a str,
    },
    /// What the kernel shows about an object.
    Kernel {
        /// The label of the process that looked.
        process: &'a str,
        /// The object, in words.
        what: &'a str,
        /// The facts, under the kernel's own names.
        facts: &'a [Fact],
        /// The processes that hold the object, if the lesson looked for them.
        holders: Option<&'a Holders>,
    },
    /// A claim was checked.
    Claim(&'a Verdict),
    /// The lesson ends.
    End {
        /// How many claims held, failed and were not seen.
        tally: Tally,
        /// The largest number of processes that could not be looked into in one snapshot.
        invisible: u32,
        /// How the reader can let the lesson look into more of them; empty if there is no way.
        remedy: &'a str,
        /// The exit code.
        exit: u8,
    },
}

/// How many claims held, failed, and could not be checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Claims that held: the kernel did what the lesson says.
    pub held: u32,
    /// Claims that failed: the kernel did something else.
    pub failed: u32,
    /// Claims that could not be checked on this machine.
    pub unseen: u32,
}

//! What there is to report.

use super::claim::Verdict;
use crate::call::Call;
use crate::observe::{Fact, Holders};

/// Something worth reporting.
#[derive(Debug)]
pub enum Event<'a> {
    /// The lesson begins.
    Lesson {
        /// The program's name.
        name: &'a str,
        /// Its chapter's folder.
        chapter: &'a str,
        /// Its one sentence of truth.
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
        /// What it is about to do.
        title: &'a str,
    },
    /// A question whose answer the next claim gives.
    Question {
        /// The question.
        text: &'a str,
        /// The possible answers, among them what the kernel will say.
        options: &'a [&'a str],
    },
    /// A remark of the lesson's.
    Note {
        /// The remark.
        text: &'a str,
    },
    /// A call returned.
    Call {
        /// Who made it.
        process: &'a str,
        /// Its process id.
        pid: i32,
        /// The call and its result.
        call: &'a Call,
    },
    /// A process has been waiting for about a second.
    Waiting {
        /// Who waits.
        process: &'a str,
        /// Its process id.
        pid: i32,
        /// The C name of the call it waits in; none where it waits for another process's turn.
        call: Option<&'a str>,
        /// What ends the wait.
        until: &'a str,
        /// What ends the lesson: `Ctrl-C (SIGINT)`.
        end: &'a str,
    },
    /// What the kernel shows.
    Kernel {
        /// Who looked.
        process: &'a str,
        /// Of what.
        what: &'a str,
        /// The facts, under the kernel's own names.
        facts: &'a [Fact],
        /// Who holds it, where that was looked for.
        holders: Option<&'a Holders>,
    },
    /// A claim was put to the test.
    Claim(&'a Verdict),
    /// The lesson is over.
    End {
        /// How many claims of each kind.
        tally: Tally,
        /// How many processes could not be looked into, at the look where they were most.
        invisible: u32,
        /// The exit code.
        exit: u8,
    },
}

/// How many claims held, failed, and could not be looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The kernel did what the lesson says.
    pub held: u32,
    /// The kernel did something else.
    pub failed: u32,
    /// It could not be looked at here.
    pub unseen: u32,
}

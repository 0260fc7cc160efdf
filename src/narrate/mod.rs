//! The narrator: says what a lesson is about to do, what the calls returned,
//! what the kernel shows and which claims held.
//!
//! It knows no kernel call. It is given [`Event`]s and reports them, as text
//! for people (`text`) or as JSON lines for programs (`json`).

pub mod ask;
mod claim;
mod json;
mod text;

pub(crate) use claim::outcome_text;
pub use claim::{Evidence, Value, Verdict};

use crate::call::Call;
use crate::observe::{Fact, Holders};
use std::cell::{Cell, RefCell};
use std::io::{self, Write};

/// How a lesson speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line, as events.schema.json describes.
    Json,
}

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

/// Reports events on standard output.
pub struct Narrator {
    format: Format,
    /// Who is speaking: `A` is the lesson itself, `B` the first process it starts.
    process: RefCell<String>,
    /// Whether text names the process before each call.
    several: Cell<bool>,
    /// The labels of the processes of this lesson, by pid.
    family: RefCell<Vec<(i32, String)>>,
    steps: Cell<u32>,
    /// What to do when standard output is gone: it must not return.
    on_broken: fn(&io::Error) -> !,
}

impl Narrator {
    /// A narrator that speaks `format`. When standard output breaks, it calls
    /// `on_broken`, since there is nobody left to tell.
    #[must_use]
    pub fn new(format: Format, on_broken: fn(&io::Error) -> !) -> Self {
        let pid = i32::try_from(std::process::id()).unwrap_or(i32::MAX);
        Narrator {
            format,
            process: RefCell::new("A".into()),
            several: Cell::new(false),
            family: RefCell::new(vec![(pid, "A".into())]),
            steps: Cell::new(0),
            on_broken,
        }
    }

    /// Begins the next step.
    pub fn step(&self, title: &str) {
        self.steps.set(self.steps.get() + 1);
        self.report(&Event::Step { n: self.steps.get(), title });
    }

    /// How many steps have begun.
    pub fn steps(&self) -> u32 {
        self.steps.get()
    }

    /// The process `pid` is called `label` from now on.
    pub fn introduce(&self, label: &str, pid: i32) {
        self.several.set(true);
        self.family.borrow_mut().push((pid, label.into()));
    }

    /// This process, just forked, is called `label` from now on.
    pub fn become_process(&self, label: &str, pid: i32) {
        self.introduce(label, pid);
        *self.process.borrow_mut() = label.into();
    }

    /// The processes of this lesson so far.
    pub fn pids(&self) -> Vec<i32> {
        self.family.borrow().iter().map(|(pid, _)| *pid).collect()
    }

    /// Reports a call this process made.
    pub fn call(&self, call: &Call) {
        let pid = i32::try_from(std::process::id()).unwrap_or(i32::MAX);
        self.report(&Event::Call { process: &self.process.borrow(), pid, call });
    }

    /// Reports what this process saw.
    pub fn kernel(&self, what: &str, facts: &[Fact], holders: Option<&Holders>) {
        self.report(&Event::Kernel { process: &self.process.borrow(), what, facts, holders });
    }

    /// Reports one event, in one write, so that the lines of two processes never mix.
    pub fn report(&self, event: &Event<'_>) {
        let line = match self.format {
            Format::Text => text::render(event, self.several.get(), &self.family.borrow()),
            Format::Json => json::render(event, &self.family.borrow()),
        };
        self.print(&line);
    }

    /// Prints text that is no event: a prompt.
    pub fn print(&self, text: &str) {
        let mut out = io::stdout().lock();
        if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            (self.on_broken)(&error);
        }
    }

    /// The format it speaks.
    pub fn format(&self) -> Format {
        self.format
    }
}

//! The narrator: it reports events on standard output, in one of two formats.

use super::event::Event;
use super::{json, text};
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

/// Reports events on standard output.
pub struct Narrator {
    format: Format,
    /// Who is speaking, and its pid: `A` is the lesson itself, `B` the first process it starts.
    process: RefCell<(String, i32)>,
    /// Whether text names the process before each call.
    several: Cell<bool>,
    /// The labels of the processes of this lesson, by pid.
    family: RefCell<Vec<(i32, String)>>,
    steps: Cell<u32>,
    /// Whether text is calls and claims alone.
    brief: bool,
    /// The columns of the terminal; nothing, and no line is broken, where there is none.
    width: fn() -> Option<usize>,
    /// What to do when standard output is gone: it must not return.
    on_broken: fn(&io::Error) -> !,
}

impl Narrator {
    /// A narrator that speaks `format`, of calls and claims alone where it is `brief`, for the process
    /// `pid`, in lines of `width` columns. When standard output breaks, it calls
    /// `on_broken`, since there is nobody left to tell.
    #[must_use]
    pub fn new(
        format: Format,
        brief: bool,
        pid: i32,
        width: fn() -> Option<usize>,
        on_broken: fn(&io::Error) -> !,
    ) -> Self {
        Narrator {
            format,
            process: RefCell::new(("A".into(), pid)),
            several: Cell::new(false),
            family: RefCell::new(vec![(pid, "A".into())]),
            steps: Cell::new(0),
            brief,
            width,
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
        *self.process.borrow_mut() = (label.into(), pid);
    }

    /// The processes of this lesson so far.
    pub fn pids(&self) -> Vec<i32> {
        self.family.borrow().iter().map(|(pid, _)| *pid).collect()
    }

    /// Reports a call this process made.
    pub fn call(&self, call: &Call) {
        let (process, pid) = &*self.process.borrow();
        self.report(&Event::Call { process, pid: *pid, call });
    }

    /// Reports what this process saw.
    pub fn kernel(&self, what: &str, facts: &[Fact], holders: Option<&Holders>) {
        let (process, _) = &*self.process.borrow();
        self.report(&Event::Kernel { process, what, facts, holders });
    }

    /// Reports one event, in one write, so that the lines of two processes never mix.
    pub fn report(&self, event: &Event<'_>) {
        let line = match self.format {
            Format::Text if self.brief && !is_brief(event) => return,
            Format::Text => text::render(event, self.several.get(), &self.family.borrow(), (self.width)()),
            Format::Json => json::render(event, &self.family.borrow()),
        };
        self.print(&line);
    }

    /// Prints a paragraph that is no event: a question.
    pub fn paragraph(&self, text: &str) {
        self.print(&text::paragraph(text, (self.width)()));
    }

    /// Prints text that is no event, as it is: a prompt.
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

/// Whether it belongs to the shortest form of the story.
fn is_brief(event: &Event<'_>) -> bool {
    matches!(event, Event::Call { .. } | Event::Waiting { .. } | Event::Claim(_) | Event::End { .. })
}

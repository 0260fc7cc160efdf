//! The narrator: reports events on standard output, in one of two formats.

use super::event::Event;
use super::{json, text};
use crate::call::Call;
use crate::observe::{Fact, Holders};
use std::cell::{Cell, RefCell};
use std::io::{self, Write};

/// The format of a lesson's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text for people.
    Text,
    /// One JSON object on each line, as events.schema.json describes.
    Json,
}

/// Reports events on standard output.
pub struct Narrator {
    format: Format,
    /// The label and the pid of this process: `A` is the lesson itself, `B` the first process that it starts.
    process: RefCell<(String, i32)>,
    /// Whether text names the process before each call.
    several: Cell<bool>,
    /// The labels of the processes of this lesson, by pid.
    family: RefCell<Vec<(i32, String)>>,
    steps: Cell<u32>,
    /// Whether the text consists of calls and claims only.
    brief: bool,
    /// Returns the width of the terminal in columns. `None`: there is no terminal, and no line is broken.
    width: fn() -> Option<usize>,
    /// What to do when standard output cannot be written. It must not return.
    on_broken: fn(&io::Error) -> !,
}

impl Narrator {
    /// Makes a narrator for the process `pid`. It reports in `format`, in lines of `width` columns; if it is
    /// `brief`, it reports calls and claims only. When standard output cannot be written, it calls
    /// `on_broken`.
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

    /// Returns how many steps have begun.
    pub fn steps(&self) -> u32 {
        self.steps.get()
    }

    /// Gives the process `pid` a label.
    pub fn introduce(&self, label: &str, pid: i32) {
        self.several.set(true);
        self.family.borrow_mut().push((pid, label.into()));
    }

    /// Gives this process, which has just been forked, a label.
    pub fn become_process(&self, label: &str, pid: i32) {
        self.introduce(label, pid);
        *self.process.borrow_mut() = (label.into(), pid);
    }

    /// Returns the processes of this lesson so far.
    pub fn pids(&self) -> Vec<i32> {
        self.family.borrow().iter().map(|(pid, _)| *pid).collect()
    }

    /// Reports a call of this process.
    pub fn call(&self, call: &Call) {
        let (process, pid) = &*self.process.borrow();
        self.report(&Event::Call { process, pid: *pid, call });
    }

    /// Reports what this process saw.
    pub fn kernel(&self, what: &str, facts: &[Fact], holders: Option<&Holders>) {
        let (process, _) = &*self.process.borrow();
        self.report(&Event::Kernel { process, what, facts, holders });
    }

    /// Reports one event. It uses a single write, so that the lines of two processes never mix.
    pub fn report(&self, event: &Event<'_>) {
        let line = match self.format {
            Format::Text if self.brief && !is_brief(event) => return,
            Format::Text => text::render(event, self.several.get(), &self.family.borrow(), (self.width)()),
            Format::Json => json::render(event, &self.family.borrow()),
        };
        self.print(&line);
    }

    /// Prints a paragraph that is not an event, such as a question.
    pub fn paragraph(&self, text: &str) {
        self.print(&text::paragraph(text, (self.width)()));
    }

    /// Prints text that is not an event, such as a prompt, without breaking lines.
    pub fn print(&self, text: &str) {
        let mut out = io::stdout().lock();
        if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            (self.on_broken)(&error);
        }
    }

    /// Returns the output format.
    pub fn format(&self) -> Format {
        self.format
    }
}

/// Returns whether `--brief` prints the event.
fn is_brief(event: &Event<'_>) -> bool {
    matches!(event, Event::Call { .. } | Event::Waiting { .. } | Event::Claim(_) | Event::End { .. })
}

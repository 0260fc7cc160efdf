//! A program of the sandbox that is about to start: its arguments, and what it starts with.

use super::child::{self, Limits, Start};
use super::clock::Clock;
use super::end::End;
use super::fault::Fault;
use super::filter::Announced;
use super::running::Running;
use std::ffi::CString;
use std::rc::Rc;

/// A program about to start.
#[derive(Debug)]
pub(crate) struct Launch {
    start: Start,
    clock: Rc<Clock>,
    /// All that it will find on its standard input.
    input: Option<String>,
    in_vain: Option<End>,
}

impl Launch {
    pub(super) fn new(path: &str, args: &[&str], work: &str, tmp: &str, clock: Rc<Clock>) -> Self {
        let env = [
            "PATH=/usr/local/bin:/usr/bin:/bin".into(),
            "LC_ALL=C".into(),
            format!("HOME={work}"),
            format!("TMPDIR={tmp}"),
        ];
        let start = Start {
            root: None,
            path: c_string(path),
            args: [path].into_iter().chain(args.iter().copied()).map(c_string).collect(),
            env: env.iter().map(|variable| c_string(variable)).collect(),
            folder: c_string(work),
            umask: 0o022,
            limits: Limits::RUN,
            more_processes: 0,
            input: false,
            announced: Announced::Nothing,
        };
        Launch { start, clock, input: None, in_vain: None }
    }

    /// In a file tree that has this root.
    pub(super) fn in_tree(mut self, root: &str) -> Self {
        self.start.root = Some(c_string(root));
        self
    }

    /// Beside so many other processes of the same user, which count for its limit.
    pub(super) fn beside_processes(mut self, processes: u64) -> Self {
        self.start.more_processes = processes;
        self
    }

    /// It is not started, and this is why.
    pub(super) fn in_vain(mut self, why: End) -> Self {
        self.in_vain = Some(why);
        self
    }

    /// The file mode creation mask; 0022 unless another is given.
    pub(crate) fn umask(mut self, umask: u32) -> Self {
        self.start.umask = umask;
        self
    }

    /// With this on its standard input, and then its end. Without this the input is at its end at once.
    pub(crate) fn input(mut self, input: &str) -> Self {
        self.start.input = true;
        self.input = Some(input.into());
        self
    }

    /// Keeps its standard input open, to be written to line by line.
    pub(crate) fn with_input(mut self) -> Self {
        self.start.input = true;
        self
    }

    pub(crate) fn limits(mut self, limits: Limits) -> Self {
        self.start.limits = limits;
        self
    }

    /// On the sandbox's clock, which does not let it wait for time.
    pub(super) fn on_the_clock(mut self) -> Self {
        self.start.announced = Announced::Waits;
        self
    }

    /// Where a scheduler decides when it goes on.
    pub(crate) fn scheduled(mut self) -> Self {
        self.start.announced = Announced::AllButHarmless;
        self
    }

    /// Starts it. What cannot be executed has ended already.
    pub(crate) fn start(self) -> Result<Running, Fault> {
        if let Some(why) = self.in_vain {
            return Ok(Running::never(why));
        }
        let mut program = match child::start(&self.start)? {
            Ok(ends) => Running::new(ends, self.start.announced, &self.clock),
            Err(errno) => Running::never(End::NotExecuted(errno)),
        };
        if let Some(input) = self.input {
            program.write(&input);
            program.close_input();
        }
        Ok(program)
    }
}

fn c_string(text: &str) -> CString {
    CString::new(text.replace('\0', "")).unwrap_or_default()
}

//! A program of the sandbox before it starts: its arguments, input, limits and environment.

use super::child::{self, Limits, Start};
use super::clock::Clock;
use super::end::End;
use super::fault::Fault;
use super::filter::Announced;
use super::guard::Report;
use super::record::RunRecord;
use super::running::Running;
use std::ffi::CString;
use std::rc::Rc;

/// A program about to start.
#[derive(Debug)]
pub(crate) struct Launch {
    start: Start,
    clock: Rc<Clock>,
    /// The whole standard input.
    input: Option<String>,
    in_vain: Option<End>,
    guard: Option<Rc<Report>>,
    record: RunRecord,
}

impl Launch {
    pub(super) fn new(path: &str, args: &[&str], work: &str, tmp: &str, clock: Rc<Clock>) -> Self {
        let env = [
            "PATH=/usr/local/bin:/usr/bin:/bin".into(),
            "LC_ALL=C".into(),
            format!("HOME={work}"),
            format!("TMPDIR={tmp}"),
            // A program built with -fsanitize=address would search for leaks when it ends, with calls that it does
            // not make itself, such as sched_yield.
            "ASAN_OPTIONS=detect_leaks=0".into(),
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
        Launch { start, clock, input: None, in_vain: None, guard: None, record: RunRecord::new(args) }
    }

    /// Starts it in the file tree with this root; this guard watches it.
    pub(super) fn in_tree(mut self, root: &str, guard: Option<Rc<Report>>) -> Self {
        self.start.root = Some(c_string(root));
        self.guard = guard;
        self
    }

    /// Starts it without a guard. The user has this many other processes, which count for its limit.
    pub(super) fn in_the_open(mut self, processes: u64) -> Self {
        self.start.more_processes = processes;
        self.start.limits.addresses = Some(Limits::RUN.memory);
        self
    }

    /// Does not start it, for this reason.
    pub(super) fn in_vain(mut self, why: End) -> Self {
        self.in_vain = Some(why);
        self
    }

    /// Sets the umask; 0022 unless another is given.
    pub(crate) fn umask(mut self, umask: u32) -> Self {
        self.start.umask = umask;
        self.record.under_umask(umask);
        self
    }

    /// Gives it this standard input, followed by end of file. By default the standard input is empty.
    pub(crate) fn input(mut self, input: &str) -> Self {
        self.start.input = true;
        self.input = Some(input.into());
        self
    }

    /// Keeps its standard input open, so that the grader can write to it line by line.
    pub(crate) fn with_input(mut self) -> Self {
        self.start.input = true;
        self
    }

    pub(crate) fn limits(mut self, limits: Limits) -> Self {
        self.start.limits = limits;
        self
    }

    /// Runs it on the sandbox's clock: its waits for time are announced and take no real time.
    pub(super) fn on_the_clock(mut self) -> Self {
        self.start.announced = Announced::Waits;
        self
    }

    /// Runs it under a scheduler, which decides when each of its calls is made.
    pub(crate) fn scheduled(mut self) -> Self {
        self.start.announced = Announced::AllButHarmless;
        self
    }

    /// Returns the record of its run.
    pub(super) fn record(&self) -> &RunRecord {
        &self.record
    }

    /// Starts it. A program that cannot be executed has already ended.
    pub(crate) fn start(self) -> Result<Running, Fault> {
        if let Some(why) = self.in_vain {
            return Ok(Running::never(why, self.record));
        }
        let mut program = match child::start(&self.start)? {
            Ok(ends) => Running::new(ends, self.start.announced, &self.clock, self.guard, self.record),
            Err(errno) => Running::never(End::NotExecuted(errno), self.record),
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

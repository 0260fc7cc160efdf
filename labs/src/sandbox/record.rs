//! What is recorded while programs run in the sandbox: how each was called, how it ended, its last
//! words on standard error, and, of scheduled ones, each step. A line that is lost takes it along.

use super::end::End;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

/// A run of the program under test, as it is told beside a lost line.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Run {
    /// How it was called: `PROGRAM /lab 0660`.
    pub(crate) command: String,
    /// How it ended.
    pub(crate) end: String,
    /// The last lines of its standard error.
    pub(crate) stderr: Vec<String>,
}

/// One step of scheduled programs: one of them makes its next call, or something else befalls it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Step {
    /// `A` is the program that was started first, `B` the next one; or it is the grader.
    pub(crate) who: String,
    /// The call that it was stopped before, by its name alone; none for its start.
    pub(crate) call: Option<String>,
    /// What happened: `makes mq_open "/lab"`.
    pub(crate) what: String,
    /// Whether the grader did more than to let it go on: it killed it, or had the call fail.
    pub(crate) intervenes: bool,
    /// Where each program is now: `B waits in mq_timedreceive`.
    pub(crate) now: Vec<String>,
    /// The objects that the kernel shows now, where they have changed.
    pub(crate) shows: Option<String>,
}

/// What was recorded since the sandbox was renewed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) runs: Vec<Run>,
    /// Where somebody wants to read them.
    pub(crate) steps: Vec<Step>,
    pub(crate) intervention: Option<Intervention>,
}

/// The grader did something to a program: it killed it, or had its call fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Intervention {
    pub(crate) call: String,
    /// Which of this program's calls of this name it was, counted from 1.
    pub(crate) when: usize,
}

impl Intervention {
    /// The first one. Calls that were not scheduled count as well.
    fn first(steps: &[Step], passed: &BTreeMap<(String, String), usize>) -> Option<Self> {
        let at = steps.iter().position(|step| step.intervenes)?;
        let Step { who, call, .. } = &steps[at];
        let start = steps[..at].iter().rposition(|step| step.who == *who && step.call.is_none()).unwrap_or(0);
        let scheduled =
            steps[start..=at].iter().filter(|step| (&step.who, &step.call) == (who, call)).count();
        let call = call.clone()?;
        let others = passed.get(&(who.clone(), call.clone())).copied().unwrap_or(0);
        Some(Intervention { call, when: scheduled + others })
    }
}

impl Run {
    /// In lines: how it was called and ended, and then what it has complained of.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        let complaint = self.stderr.iter().map(|line| format!("| {line}"));
        std::iter::once(format!("{}: {}", self.command, self.end)).chain(complaint)
    }
}

/// More lines of one program's standard error are not told, nor more characters of a line.
const LINES: usize = 5;
const CHARACTERS: usize = 200;
/// As many bytes as may be needed for these lines.
const LAST_BYTES: usize = LINES * CHARACTERS * 4;
/// The last runs of those that there were.
const RUNS: usize = 4;

/// A run that the sandbox has recorded, and of which the program itself tells more while it runs.
#[derive(Clone, Debug)]
pub(super) struct RunRecord(Rc<RefCell<Ran>>);

#[derive(Debug)]
struct Ran {
    command: String,
    end: Option<End>,
    killed_before: Option<String>,
    stderr: VecDeque<u8>,
}

impl RunRecord {
    pub(super) fn new(args: &[&str]) -> Self {
        let words = ["PROGRAM"].iter().chain(args).map(|word| ipc_workbook_tools::cli::quote(word));
        let command = words.collect::<Vec<_>>().join(" ");
        let ran = Ran { command, end: None, killed_before: None, stderr: VecDeque::new() };
        RunRecord(Rc::new(RefCell::new(ran)))
    }

    /// It is started under this umask.
    pub(super) fn under_umask(&self, umask: u32) {
        let mut ran = self.0.borrow_mut();
        ran.command = format!("(umask {umask:04o}; {})", ran.command);
    }

    /// It has written this to its standard error.
    pub(super) fn complains(&self, bytes: &[u8]) {
        let stderr = &mut self.0.borrow_mut().stderr;
        stderr.extend(bytes);
        let too_many = stderr.len().saturating_sub(LAST_BYTES);
        stderr.drain(..too_many);
    }

    pub(super) fn ends(&self, end: &End) {
        self.0.borrow_mut().end = Some(end.clone());
    }

    /// The grader kills it before this call.
    pub(super) fn is_killed_before(&self, call: &str) {
        self.0.borrow_mut().killed_before = Some(call.into());
    }

    fn told(&self) -> Run {
        let ran = self.0.borrow();
        let end = match (&ran.killed_before, &ran.end) {
            (Some(call), _) => format!("killed by the grader before {call}"),
            (None, Some(end)) => end.to_string(),
            (None, None) => "still there when the line was judged".into(),
        };
        let bytes: Vec<u8> = ran.stderr.iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let last = &lines[lines.len().saturating_sub(LINES)..];
        let stderr = last.iter().map(|line| line.chars().take(CHARACTERS).collect()).collect();
        Run { command: ran.command.clone(), end, stderr }
    }
}

/// The sandbox's recorder.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    runs: RefCell<Vec<RunRecord>>,
    steps: RefCell<Vec<Step>>,
    /// How many calls of which name which program has made that nobody else notices.
    passed: RefCell<BTreeMap<(String, String), usize>>,
    /// The calls that scheduled programs have made, or were about to make, since the sandbox was made.
    calls: RefCell<BTreeSet<String>>,
    /// Whether somebody wants to read each step.
    traces: Cell<bool>,
}

impl Recorder {
    /// From now on each step is recorded with all that can be said about it.
    pub(crate) fn trace(&self) {
        self.traces.set(true);
    }

    pub(crate) fn traces(&self) -> bool {
        self.traces.get()
    }

    pub(crate) fn add(&self, mut step: Step) {
        if step.shows.is_some() && step.shows == self.shown() {
            step.shows = None;
        }
        if let Some(call) = &step.call {
            let mut calls = self.calls.borrow_mut();
            if !calls.contains(call) {
                calls.insert(call.clone());
            }
        }
        self.steps.borrow_mut().push(step);
    }

    /// A program makes a call that nobody else notices: no step, but strace counts it.
    pub(crate) fn passes(&self, who: &str, call: &str) {
        *self.passed.borrow_mut().entry((who.into(), call.into())).or_default() += 1;
    }

    /// What the kernel has shown last.
    pub(crate) fn shown(&self) -> Option<String> {
        self.steps.borrow().iter().rev().find_map(|step| step.shows.clone())
    }

    /// The calls that were seen, in alphabetical order.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.calls.borrow().iter().cloned().collect()
    }

    /// What was recorded since the sandbox was renewed.
    pub(crate) fn record(&self) -> Record {
        let runs = self.runs.borrow();
        let last = &runs[runs.len().saturating_sub(RUNS)..];
        let steps = self.steps.borrow();
        Record {
            runs: last.iter().map(RunRecord::told).collect(),
            steps: if self.traces() { steps.clone() } else { Vec::new() },
            intervention: Intervention::first(&steps, &self.passed.borrow()),
        }
    }

    pub(super) fn begin(&self, run: &RunRecord) {
        self.runs.borrow_mut().push(run.clone());
    }

    pub(super) fn forget(&self) {
        self.runs.borrow_mut().clear();
        self.steps.borrow_mut().clear();
        self.passed.borrow_mut().clear();
    }
}

//! Records how programs run in the sandbox: the command, how it ended, the last lines of standard error, and
//! each step of scheduled programs. A lost line of the rubric shows these records.

use super::end::End;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

/// A run of the program under test, as shown beside a lost line.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Run {
    /// The command line: `PROGRAM /lab 0660`.
    pub(crate) command: String,
    /// How it ended.
    pub(crate) end: String,
    /// The last lines of its standard error.
    pub(crate) stderr: Vec<String>,
}

/// One step of scheduled programs: one of them makes its next call, or the grader does something to it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Step {
    /// `A` is the program that started first, `B` is the next one; or it is the grader.
    pub(crate) who: String,
    /// The name of the call that it was stopped before; `None` for its start.
    pub(crate) call: Option<String>,
    /// What happened, such as `makes mq_open "/lab"`.
    pub(crate) what: String,
    /// Whether the grader intervened: it killed the program, or made the call fail.
    pub(crate) intervenes: bool,
    /// What each program is doing now, such as `B waits in mq_timedreceive`.
    pub(crate) now: Vec<String>,
    /// The objects that the kernel shows now, if they have changed.
    pub(crate) shows: Option<String>,
}

/// Everything recorded since the sandbox was renewed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) runs: Vec<Run>,
    /// Empty unless a trace was asked for.
    pub(crate) steps: Vec<Step>,
    pub(crate) intervention: Option<Intervention>,
}

/// The grader killed a program, or made one of its calls fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Intervention {
    pub(crate) call: String,
    /// Which of this program's calls with this name it was, counted from 1.
    pub(crate) when: usize,
}

impl Intervention {
    /// Returns the first intervention. Calls that were not scheduled are counted as well.
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
    /// Returns the run as lines: the command and its end, and then its standard error.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        let complaint = self.stderr.iter().map(|line| format!("| {line}"));
        std::iter::once(format!("{}: {}", self.command, self.end)).chain(complaint)
    }
}

/// The most lines of a program's standard error that are shown, and the most characters of a line.
const LINES: usize = 5;
const CHARACTERS: usize = 200;
/// The most bytes that these lines can have.
const LAST_BYTES: usize = LINES * CHARACTERS * 4;
/// How many of the last runs are shown.
const RUNS: usize = 4;

/// The record of a run. The running program adds to it.
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

    /// Records the umask.
    pub(super) fn under_umask(&self, umask: u32) {
        let mut ran = self.0.borrow_mut();
        ran.command = format!("(umask {umask:04o}; {})", ran.command);
    }

    /// Records what the program wrote to standard error.
    pub(super) fn complains(&self, bytes: &[u8]) {
        let stderr = &mut self.0.borrow_mut().stderr;
        stderr.extend(bytes);
        let too_many = stderr.len().saturating_sub(LAST_BYTES);
        stderr.drain(..too_many);
    }

    pub(super) fn ends(&self, end: &End) {
        self.0.borrow_mut().end = Some(end.clone());
    }

    /// Records that the grader kills it before this call.
    pub(super) fn is_killed_before(&self, call: &str) {
        self.0.borrow_mut().killed_before = Some(call.into());
    }

    fn told(&self) -> Run {
        let ran = self.0.borrow();
        let end = match (&ran.killed_before, &ran.end) {
            (Some(call), _) => format!("killed by the grader before {call}"),
            (None, Some(end)) => end.to_string(),
            (None, None) => "still running when the line was judged".into(),
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
    /// How many harmless calls each program has made, by program and name.
    passed: RefCell<BTreeMap<(String, String), usize>>,
    /// The names of the calls that scheduled programs made, or were about to make, since the sandbox was
    /// created.
    calls: RefCell<BTreeSet<String>>,
    /// Whether a trace was asked for.
    traces: Cell<bool>,
}

impl Recorder {
    /// Turns the trace on: from now on each step is recorded with all its details.
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

    /// Counts a harmless call. It is not a step, but strace counts it.
    pub(crate) fn passes(&self, who: &str, call: &str) {
        *self.passed.borrow_mut().entry((who.into(), call.into())).or_default() += 1;
    }

    /// Returns the objects that the kernel showed last.
    pub(crate) fn shown(&self) -> Option<String> {
        self.steps.borrow().iter().rev().find_map(|step| step.shows.clone())
    }

    /// Returns the names of the calls that were seen, in alphabetical order.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.calls.borrow().iter().cloned().collect()
    }

    /// Returns everything recorded since the sandbox was renewed.
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

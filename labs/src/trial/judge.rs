//! Judging the lines of the rubric, and what a lost line takes along: how the program ran, and the
//! command with which its author sees the same.

use super::{Trial, see};
use crate::finding::{Finding, observed};
use crate::graded::{Cause, Line};
use crate::sandbox::{Fault, Intervention, Record};
use ipc_workbook_tools::workbook::labs::Demand;
use std::fmt::Display;

/// The lines of the rubric, as far as they are judged.
#[derive(Debug)]
pub(super) struct Judged {
    lines: Vec<JudgedLine>,
    /// The one that was lost first.
    first_lost: Option<usize>,
}

#[derive(Debug)]
struct JudgedLine {
    line: Line,
    is_judged: bool,
    /// What the grader did to the program when the line was lost.
    intervention: Option<Intervention>,
}

/// What is judged of a line.
pub(super) struct Verdict<'a> {
    pub(super) finding: &'a Finding,
    /// Why it is so.
    pub(super) because: Option<String>,
    /// The schedule under which it was lost.
    pub(super) seed: Option<u64>,
    /// How the program ran then.
    pub(super) record: Record,
}

impl Judged {
    pub(super) fn new(rubric: &[Demand]) -> Self {
        let line = |demand: &Demand| JudgedLine {
            line: Line::lost(demand, "the program did not come so far"),
            is_judged: false,
            intervention: None,
        };
        Judged { lines: rubric.iter().map(line).collect(), first_lost: None }
    }

    /// Judges a line. One that is judged several times is passed when it was passed each time, and
    /// shows the first that was not.
    fn judge(&mut self, at: usize, verdict: Verdict) {
        let judged = &mut self.lines[at];
        let passed = verdict.finding.is_ok();
        if judged.is_judged && (passed || !judged.line.passed) {
            return;
        }
        judged.is_judged = true;
        judged.line.passed = passed;
        judged.line.observed = observed(verdict.finding).into();
        judged.line.because = verdict.because;
        if !passed {
            judged.line.seed = verdict.seed;
            judged.intervention = verdict.record.intervention;
            judged.line.runs = verdict.record.runs;
            judged.line.steps = verdict.record.steps;
            self.first_lost.get_or_insert(at);
        }
    }

    /// A line is lost since nothing can be observed of it: another one, which was lost, stands in its way.
    fn not_reached(&mut self, at: usize, because_of: usize) {
        let Line { id, says, .. } = &self.lines[because_of].line;
        let cause = Cause { id: id.clone(), says: says.clone() };
        let judged = &mut self.lines[at];
        if judged.is_judged && !judged.line.passed {
            return;
        }
        judged.is_judged = true;
        judged.line.passed = false;
        judged.line.observed = format!("not reached because of {}", cause.id);
        judged.line.not_reached = Some(cause);
    }

    /// The submission has made it impossible to go on. A line that was passed might have been judged
    /// again, so it is lost as well.
    pub(super) fn lose_all(&mut self, why: &str) {
        for judged in self.lines.iter_mut().filter(|judged| judged.line.passed || !judged.is_judged) {
            judged.is_judged = true;
            judged.line.passed = false;
            judged.line.observed = why.into();
            judged.line.because = None;
        }
    }

    /// All lines, with commands that name the calls that this program has made.
    pub(super) fn finish(mut self, calls: &[String], out_of_time: Option<String>) -> Vec<Line> {
        if let Some(why) = out_of_time {
            for judged in self.lines.iter_mut().filter(|judged| !judged.is_judged) {
                judged.line.observed.clone_from(&why);
                judged.is_judged = true;
            }
        }
        // What a grader has left out, it has left out because of what it had seen before.
        if let Some(cause) = self.first_lost {
            let left_out: Vec<usize> =
                (0..self.lines.len()).filter(|at| !self.lines[*at].is_judged).collect();
            for at in left_out {
                self.not_reached(at, cause);
            }
        }
        let with_command = |JudgedLine { mut line, intervention, .. }| {
            line.see = see::command(&line.see, calls, intervention.as_ref());
            line
        };
        self.lines.into_iter().map(with_command).collect()
    }

    /// Whether each was judged and passed.
    pub(super) fn is_full(&self) -> bool {
        self.lines.iter().all(|judged| judged.is_judged && judged.line.passed)
    }

    /// How many are judged.
    pub(super) fn done(&self) -> usize {
        self.lines.iter().filter(|judged| judged.is_judged).count()
    }

    /// The first that is not.
    pub(super) fn next(&self) -> Option<&str> {
        let next = self.lines.iter().find(|judged| !judged.is_judged);
        next.map(|judged| judged.line.id.as_str())
    }
}

impl Trial<'_> {
    /// Judges a line: what was observed. A line that is judged several times is passed when it
    /// was passed each time, and shows the first that was not.
    pub(crate) fn judge(&mut self, id: &str, passed: bool, observed: impl Display) {
        self.judge_because(id, passed, observed, None::<&str>);
    }

    /// As [`Trial::judge`], from a finding.
    pub(crate) fn judge_finding(&mut self, id: &str, finding: &Finding) {
        self.judge(id, finding.is_ok(), observed(finding));
    }

    /// Plays a part of the trial, and judges a line by what it has found.
    ///
    /// ```text
    /// trial.judge_part("it-waits-and-signals-do-not-end-that", signals)?;
    /// ```
    pub(crate) fn judge_part(
        &mut self,
        id: &str,
        part: impl FnOnce(&mut Self) -> Result<Finding, Fault>,
    ) -> Result<(), Fault> {
        let part = part(self);
        let finding = self.or_its_doing(part)?;
        self.judge_finding(id, &finding);
        Ok(())
    }

    /// What a part of the trial has found: a flaw, if the submission has made it impossible to go on.
    fn or_its_doing(&mut self, part: Result<Finding, Fault>) -> Result<Finding, Fault> {
        part.or_else(|fault| self.sandbox.submissions_doing(fault).map(Err))
    }

    /// As [`Trial::judge`], with the reason why it is so, where that is known.
    pub(crate) fn judge_because(
        &mut self,
        id: &str,
        passed: bool,
        observed: impl Display,
        because: Option<impl Display>,
    ) {
        let finding = crate::finding::found(passed, observed);
        let because = because.map(|because| because.to_string());
        let record = self.record(passed);
        self.judge_verdict(id, Verdict { finding: &finding, because, seed: None, record });
    }

    /// Of these lines nothing can be observed, since the program has not done what another line
    /// demands, which was lost before. They are lost as well, and name that one.
    ///
    /// A line that no part of a grader judges is lost in the same way, because of the first line that was.
    pub(crate) fn not_reached(&mut self, ids: &[&str], because_of: &str) {
        let because_of = self.line(because_of);
        for id in ids {
            self.judged.not_reached(self.line(id), because_of);
        }
        self.tell(None);
    }

    pub(super) fn judge_verdict(&mut self, id: &str, verdict: Verdict) {
        let at = self.line(id);
        self.judged.judge(at, verdict);
        self.tell(None);
    }

    /// How the program has run; of a line that is passed nobody asks.
    pub(super) fn record(&self, passed: bool) -> Record {
        if passed { Record::default() } else { self.sandbox.recorder().record() }
    }

    fn line(&self, id: &str) -> usize {
        let at = self.lab.about.rubric.iter().position(|demand| demand.id == id);
        at.unwrap_or_else(|| panic!("lab.toml of {} has no line {id}", self.lab.name))
    }
}

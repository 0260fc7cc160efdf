//! Judges the lines of the rubric. A lost line records how the program ran, and the command with which its
//! author can see it.

use super::{Trial, see};
use crate::finding::{Finding, observed};
use crate::graded::{Cause, Line};
use crate::sandbox::{Fault, Intervention, Record};
use ipc_workbook_tools::workbook::labs::Demand;
use std::fmt::Display;

/// The lines of the rubric, with the verdicts so far.
#[derive(Debug)]
pub(super) struct Judged {
    lines: Vec<JudgedLine>,
    /// The line that was lost first.
    first_lost: Option<usize>,
}

#[derive(Debug)]
struct JudgedLine {
    line: Line,
    is_judged: bool,
    /// What the grader did to the program when the line was lost.
    intervention: Option<Intervention>,
}

/// A verdict on a line.
pub(super) struct Verdict<'a> {
    pub(super) finding: &'a Finding,
    /// The cause of what was observed.
    pub(super) because: Option<String>,
    /// The seed of the schedule that lost the line.
    pub(super) seed: Option<u64>,
    /// How the program ran.
    pub(super) record: Record,
}

impl Judged {
    pub(super) fn new(rubric: &[Demand]) -> Self {
        let line = |demand: &Demand| JudgedLine {
            line: Line::lost(demand, "the program did not get this far"),
            is_judged: false,
            intervention: None,
        };
        Judged { lines: rubric.iter().map(line).collect(), first_lost: None }
    }

    /// Judges a line. A line that is judged several times is passed only if it was passed each time;
    /// otherwise it shows the first finding that lost it.
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

    /// Loses a line that could not be checked because of another lost line.
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

    /// Loses all lines, because the submission made further grading impossible. A line that was passed so far
    /// might have been judged again, so it is lost as well.
    pub(super) fn lose_all(&mut self, why: &str) {
        for judged in self.lines.iter_mut().filter(|judged| judged.line.passed || !judged.is_judged) {
            judged.is_judged = true;
            judged.line.passed = false;
            judged.line.observed = why.into();
            judged.line.because = None;
        }
    }

    /// Returns all lines. Their commands name the calls that this program made.
    pub(super) fn finish(mut self, calls: &[String], out_of_time: Option<String>) -> Vec<Line> {
        if let Some(why) = out_of_time {
            for judged in self.lines.iter_mut().filter(|judged| !judged.is_judged) {
                judged.line.observed.clone_from(&why);
                judged.is_judged = true;
            }
        }
        // A grader leaves a line out because of the first line that was lost.
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

    /// Whether each line was judged and passed.
    pub(super) fn is_full(&self) -> bool {
        self.lines.iter().all(|judged| judged.is_judged && judged.line.passed)
    }

    /// Returns how many lines are judged.
    pub(super) fn done(&self) -> usize {
        self.lines.iter().filter(|judged| judged.is_judged).count()
    }

    /// Returns the first line that is not judged.
    pub(super) fn next(&self) -> Option<&str> {
        let next = self.lines.iter().find(|judged| !judged.is_judged);
        next.map(|judged| judged.line.id.as_str())
    }
}

impl Trial<'_> {
    /// Judges a line by what was observed. A line that is judged several times is passed only if it was
    /// passed each time; otherwise it shows the first observation that lost it.
    pub(crate) fn judge(&mut self, id: &str, passed: bool, observed: impl Display) {
        self.judge_because(id, passed, observed, None::<&str>);
    }

    /// Like [`Trial::judge`], with a finding.
    pub(crate) fn judge_finding(&mut self, id: &str, finding: &Finding) {
        self.judge(id, finding.is_ok(), observed(finding));
    }

    /// Runs a part of the trial, and judges a line by its finding.
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

    /// Returns the finding of a part of the trial. A fault that the submission caused becomes a flaw.
    fn or_its_doing(&mut self, part: Result<Finding, Fault>) -> Result<Finding, Fault> {
        part.or_else(|fault| self.sandbox.submissions_doing(fault).map(Err))
    }

    /// Like [`Trial::judge`], with the cause, if it is known.
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

    /// Loses these lines, which cannot be checked because the program did not do what another line requires.
    /// That line was lost before, and they name it.
    ///
    /// A line that no part of a grader judges is lost in the same way; it names the first line that was lost.
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

    /// Returns how the program ran; nothing for a line that is passed.
    pub(super) fn record(&self, passed: bool) -> Record {
        if passed { Record::default() } else { self.sandbox.recorder().record() }
    }

    fn line(&self, id: &str) -> usize {
        let at = self.lab.about.rubric.iter().position(|demand| demand.id == id);
        at.unwrap_or_else(|| panic!("lab.toml of {} has no line {id}", self.lab.name))
    }
}

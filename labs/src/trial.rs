//! What a lab's grader works with: the sandbox, and the lines of the rubric.

use crate::graded::Line;
use crate::sandbox::{Fault, Running, Sandbox, Schedule, Scheduler};
use ipc_workbook_tools::workbook::labs::Lab;
use std::fmt::Display;
use std::time::Duration;

/// A submission on trial.
#[derive(Debug)]
pub(crate) struct Trial<'a> {
    lab: &'a Lab,
    /// Where it runs, and where the grader looks.
    pub(crate) sandbox: Sandbox,
    lines: Vec<Line>,
    judged: Vec<bool>,
    /// The one seed to be tried, where one was named.
    seed: Option<u64>,
}

/// After so many schedules that came to no end the others are not tried.
const MOST_TIMEOUTS: u32 = 3;

/// A lab's grader.
pub(crate) type Grader = fn(&mut Trial) -> Result<(), Fault>;

impl<'a> Trial<'a> {
    pub(crate) fn new(lab: &'a Lab, sandbox: Sandbox, seed: Option<u64>) -> Self {
        let rubric = &lab.about.rubric;
        let lines =
            rubric.iter().map(|demand| Line::lost(demand, "the program did not come so far")).collect();
        Trial { lab, sandbox, lines, judged: vec![false; rubric.len()], seed }
    }

    /// How long one run of the program may take.
    pub(crate) fn limit(&self) -> Duration {
        self.sandbox.timeout(Duration::from_secs(self.lab.about.seconds))
    }

    /// Runs the program to its end.
    pub(crate) fn run(&mut self, args: &[&str]) -> Result<Running, Fault> {
        self.sandbox.program(args).run(self.limit())
    }

    /// Judges a line: what was observed. A line that is judged several times is passed when it
    /// was passed each time, and tells the first that was not.
    pub(crate) fn judge(&mut self, id: &str, passed: bool, observed: impl Display) {
        self.judge_because(id, passed, observed, None::<&str>);
    }

    /// As [`Trial::judge`], with the reason why it is so, where that can be told.
    pub(crate) fn judge_because(
        &mut self,
        id: &str,
        passed: bool,
        observed: impl Display,
        because: Option<impl Display>,
    ) {
        let at = self.lines.iter().position(|line| line.id == id);
        let at = at.unwrap_or_else(|| panic!("lab.toml of {} has no line {id}", self.lab.name));
        let (line, judged) = (&mut self.lines[at], &mut self.judged[at]);
        if !*judged || (line.passed && !passed) {
            line.passed = passed;
            line.observed = observed.to_string();
            line.because = because.map(|because| because.to_string());
        }
        *judged = true;
    }

    /// Tries one thing under many schedules, each in a sandbox begun anew. `one` plays the schedule,
    /// and tells of each line whether it held, and what was observed. The line says how many
    /// failed, and which seed was the first: `lab check LAB --seed N` plays that one alone.
    pub(crate) fn under_schedules(
        &mut self,
        seeds: u64,
        mut one: impl FnMut(
            &mut Scheduler,
            &mut Schedule,
            Duration,
        ) -> Result<Vec<(&'static str, bool, String)>, Fault>,
    ) -> Result<(), Fault> {
        let mut tallies: Vec<Tally> = Vec::new();
        for seed in self.seed.map_or(0..=seeds.saturating_sub(1), |seed| seed..=seed) {
            if self.sandbox.timeouts() > MOST_TIMEOUTS {
                break;
            }
            self.sandbox.renew()?;
            let limit = self.limit();
            for (id, held, observed) in
                one(&mut Scheduler::new(&self.sandbox), &mut Schedule::new(seed), limit)?
            {
                let at = tallies.iter().position(|tally| tally.id == id).unwrap_or_else(|| {
                    tallies.push(Tally { id, failed: 0, of: 0, first: None, held: String::new() });
                    tallies.len() - 1
                });
                let tally = &mut tallies[at];
                tally.of += 1;
                if held {
                    tally.held = observed;
                } else {
                    tally.failed += 1;
                    tally.first.get_or_insert((seed, observed));
                }
            }
        }
        for tally in tallies {
            let observed = match &tally.first {
                Some((seed, observed)) => {
                    format!("failed {} of {}, first with seed {seed}: {observed}", tally.failed, tally.of)
                }
                None => format!("{}, under {} schedules", tally.held, tally.of),
            };
            self.judge(tally.id, tally.failed == 0, &observed);
            let judged = self.lines.iter_mut().find(|line| line.id == tally.id && line.observed == observed);
            if let (Some(line), Some((seed, _))) = (judged, tally.first) {
                line.seed = Some(seed);
            }
        }
        Ok(())
    }

    /// The lines as judged.
    pub(crate) fn finish(self) -> Vec<Line> {
        self.lines
    }
}

/// One line under many schedules.
#[derive(Debug)]
struct Tally {
    id: &'static str,
    failed: u32,
    of: u32,
    /// The first seed that failed, and what was observed.
    first: Option<(u64, String)>,
    held: String,
}

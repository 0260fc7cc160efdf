//! Trying one thing under many schedules.

use super::Trial;
use crate::finding::{Finding, observed};
use crate::sandbox::Fault;
use crate::scheduler::{Schedule, Scheduler};
use std::time::Instant;

/// What was found under one schedule, line by line.
pub(crate) type Findings = Vec<(&'static str, Finding)>;

impl Trial<'_> {
    /// Tries one thing under many schedules, each in a fresh sandbox. `one` starts programs under
    /// the scheduler, and returns its finding for each line. The line says how many failed, and which
    /// seed was the first: `lab check LAB --seed N` plays that one alone.
    ///
    /// ```text
    /// trial.under_schedules(100, |scheduler| {
    ///     scheduler.start(&["/lab"])?;
    ///     scheduler.start(&["/lab"])?;
    ///     let ends = scheduler.play()?;
    ///     Ok(vec![("exactly-one-creates", found(ends.exited(0) == 1, ends))])
    /// })?;
    /// ```
    pub(crate) fn under_schedules(
        &mut self,
        seeds: u64,
        one: impl FnMut(&mut Scheduler) -> Result<Findings, Fault>,
    ) -> Result<(), Fault> {
        self.under(seeds, Schedule::random, one)
    }

    /// As [`Trial::under_schedules`], with schedules under which one program is overtaken by all
    /// others right after one of its first calls.
    pub(crate) fn under_overtaking_schedules(
        &mut self,
        seeds: u64,
        one: impl FnMut(&mut Scheduler) -> Result<Findings, Fault>,
    ) -> Result<(), Fault> {
        self.under(seeds, |seed| Schedule::random(seed).overtaking(), one)
    }

    fn under(
        &mut self,
        seeds: u64,
        schedule: impl Fn(u64) -> Schedule,
        mut one: impl FnMut(&mut Scheduler) -> Result<Findings, Fault>,
    ) -> Result<(), Fault> {
        /// After so many schedules under which a program did not end in time the others are not tried.
        const MOST_TIMEOUTS: u32 = 3;
        /// A program that starts slowly, as some interpreters do, is tried under fewer, and in time for what
        /// else there is to be judged.
        const AT_LEAST: u64 = 10;
        let until = Instant::now() + self.sandbox.time_left() / 2;
        let mut tallies: Vec<Tally> = Vec::new();
        for seed in self.seed.map_or(0..=seeds.saturating_sub(1), |seed| seed..=seed) {
            let is_late = seed >= AT_LEAST && Instant::now() >= until;
            if is_late || self.sandbox.timeouts() > MOST_TIMEOUTS || self.sandbox.out_of_time().is_some() {
                break;
            }
            self.renew()?;
            let findings = one(&mut Scheduler::new(&self.sandbox, self.limit(), schedule(seed)));
            let findings = match findings {
                // It costs the lines that were found in this part before.
                Err(fault) if !tallies.is_empty() => {
                    let why = self.sandbox.submissions_doing(fault)?;
                    tallies.iter().map(|tally| (tally.id, Err(why.clone()))).collect()
                }
                findings => findings?,
            };
            for (id, finding) in findings {
                let at = tallies.iter().position(|tally| tally.id == id).unwrap_or_else(|| {
                    tallies.push(Tally::new(id));
                    tallies.len() - 1
                });
                tallies[at].add(seed, finding);
            }
        }
        for tally in tallies {
            let finding = tally.finding();
            self.judge_finding(tally.id, &finding);
            let judged =
                self.lines.iter_mut().find(|line| line.id == tally.id && line.observed == observed(&finding));
            if let (Some(line), Some((seed, _))) = (judged, tally.first_flaw) {
                line.seed = Some(seed);
            }
        }
        Ok(())
    }
}

/// One line under many schedules.
#[derive(Debug)]
struct Tally {
    id: &'static str,
    failed: u32,
    of: u32,
    /// The first seed that failed, and what was observed.
    first_flaw: Option<(u64, String)>,
    /// What was observed when it did not fail.
    held: String,
}

impl Tally {
    fn new(id: &'static str) -> Self {
        Tally { id, failed: 0, of: 0, first_flaw: None, held: String::new() }
    }

    fn add(&mut self, seed: u64, finding: Finding) {
        self.of += 1;
        match finding {
            Ok(observed) => self.held = observed,
            Err(observed) => {
                self.failed += 1;
                self.first_flaw.get_or_insert((seed, observed));
            }
        }
    }

    fn finding(&self) -> Finding {
        let Tally { failed, of, held, .. } = self;
        match &self.first_flaw {
            Some((seed, observed)) => {
                Err(format!("failed {failed} of {of}, first with seed {seed}: {observed}"))
            }
            None => Ok(format!("{held}, under {of} schedules")),
        }
    }
}

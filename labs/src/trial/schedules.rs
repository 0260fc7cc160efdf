//! Tries something under many schedules.

use super::Trial;
use super::judge::Verdict;
use crate::finding::Finding;
use crate::sandbox::{Fault, Record};
use crate::scheduler::{Schedule, Scheduler};

/// The findings under one schedule, one for each line.
pub(crate) type Findings = Vec<(&'static str, Finding)>;

impl Trial<'_> {
    /// Tries something under many schedules, each in a fresh sandbox. `one` starts programs under the
    /// scheduler, and returns its finding for each line. The line says how many schedules failed, and the
    /// seed of the first one: `lab check LAB --seed N` runs that one alone.
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

    /// Like [`Trial::under_schedules`], with schedules in which all others overtake one program right after
    /// one of its first calls.
    pub(crate) fn under_overtaking_schedules(
        &mut self,
        seeds: u64,
        one: impl FnMut(&mut Scheduler) -> Result<Findings, Fault>,
    ) -> Result<(), Fault> {
        self.under(seeds, |seed| Schedule::random(seed).overtaking(), one)
    }

    fn nth_schedule(&self, seed: u64, seeds: u64) -> String {
        if self.seed.is_some() {
            format!("schedule {seed}")
        } else {
            format!("schedule {} of {seeds}", seed + 1)
        }
    }

    fn under(
        &mut self,
        seeds: u64,
        schedule: impl Fn(u64) -> Schedule,
        mut one: impl FnMut(&mut Scheduler) -> Result<Findings, Fault>,
    ) -> Result<(), Fault> {
        /// If a program had to be killed in more schedules than this, no more schedules are tried.
        const MOST_GIVEN_UP: u32 = 3;
        /// A program that starts slowly, as some interpreters do, is tried under fewer schedules, so that
        /// there is time for the other lines.
        const AT_LEAST: u64 = 10;
        let given_up_before = self.sandbox.given_up();
        let half = self.sandbox.deadline(self.sandbox.time_left() / 2)?;
        let mut tallies: Vec<Tally> = Vec::new();
        for seed in self.seed.map_or(0..=seeds.saturating_sub(1), |seed| seed..=seed) {
            let is_late = seed >= AT_LEAST && self.sandbox.is_over(&half)?;
            let given_up = self.sandbox.given_up() - given_up_before;
            if is_late || given_up > MOST_GIVEN_UP || self.sandbox.out_of_time().is_some() {
                break;
            }
            let line = tallies.first().map(|tally| tally.id).or(self.judged.next()).unwrap_or_default();
            self.tell(Some((line, self.nth_schedule(seed, seeds))));
            self.renew()?;
            let findings = one(&mut Scheduler::new(&self.sandbox, self.limit(), schedule(seed)));
            let findings = match findings {
                // The lines that this part has already judged are lost.
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
                let record = self.record(finding.is_ok());
                tallies[at].add(seed, finding, record);
            }
        }
        for tally in tallies {
            let finding = tally.finding();
            let (seed, record) = match tally.first_flaw {
                Some(flaw) => (Some(flaw.seed), flaw.record),
                None => (None, Record::default()),
            };
            self.judge_verdict(tally.id, Verdict { finding: &finding, because: None, seed, record });
        }
        Ok(())
    }
}

/// The results of one line under many schedules.
#[derive(Debug)]
struct Tally {
    id: &'static str,
    failed: u32,
    of: u32,
    first_flaw: Option<FirstFlaw>,
    /// What was observed when it passed.
    held: String,
}

/// The first schedule that failed.
#[derive(Debug)]
struct FirstFlaw {
    seed: u64,
    observed: String,
    record: Record,
}

impl Tally {
    fn new(id: &'static str) -> Self {
        Tally { id, failed: 0, of: 0, first_flaw: None, held: String::new() }
    }

    fn add(&mut self, seed: u64, finding: Finding, record: Record) {
        self.of += 1;
        match finding {
            Ok(observed) => self.held = observed,
            Err(observed) => {
                self.failed += 1;
                self.first_flaw.get_or_insert(FirstFlaw { seed, observed, record });
            }
        }
    }

    fn finding(&self) -> Finding {
        let Tally { failed, of, held, .. } = self;
        match &self.first_flaw {
            Some(FirstFlaw { seed, observed, .. }) => {
                Err(format!("failed {failed} of {of} schedules, the first with seed {seed}: {observed}"))
            }
            None => Ok(format!("{held}, under {of} schedules")),
        }
    }
}

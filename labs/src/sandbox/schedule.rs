//! In which order scheduled programs have their turns: from a seed.

use super::Pending;

/// An order of turns: the same numbers for the same seed, on every machine.
#[derive(Debug)]
pub(crate) struct Schedule {
    random: oorandom::Rand32,
    /// How many calls [`Schedule::turn`] has told.
    turns: usize,
    last: usize,
    /// After so many turns whoever was last falls behind.
    falls_behind_after: Option<usize>,
    behind: Option<usize>,
}

impl Schedule {
    pub(crate) fn new(seed: u64) -> Self {
        let random = oorandom::Rand32::new(seed);
        Schedule { random, turns: 0, last: 0, falls_behind_after: None, behind: None }
    }

    /// One of `n`.
    pub(crate) fn pick(&mut self, n: usize) -> usize {
        self.random.rand_range(0..u32::try_from(n.max(1)).unwrap_or(1)) as usize
    }

    /// One of the pending calls, with an ill will: early on, one program that has just made a call
    /// falls behind, and from then on has few turns. Between two calls that should be one, it is
    /// overtaken by all others, which turns that are all as likely would seldom bring about.
    pub(crate) fn turn(&mut self, pending: &[Pending]) -> usize {
        const EARLY: usize = 8;
        const FEW: usize = 16;
        let after = match self.falls_behind_after {
            Some(after) => after,
            None => 1 + self.pick(EARLY),
        };
        self.falls_behind_after = Some(after);
        if self.turns == after {
            self.behind = Some(self.last);
        }
        let mut at: Vec<usize> = (0..pending.len()).collect();
        let behind = self.behind;
        if at.iter().any(|at| Some(pending[*at].program) != behind) && self.pick(FEW) > 0 {
            at.retain(|at| Some(pending[*at].program) != behind);
        }
        let at = at[self.pick(at.len())];
        self.turns += 1;
        self.last = pending[at].program;
        at
    }
}

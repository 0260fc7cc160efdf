//! The order in which scheduled programs make their calls.

use super::pending::Pending;

/// An order of calls. The same seed gives the same order on every machine.
#[derive(Debug)]
pub(crate) struct Schedule {
    order: Order,
    random: Random,
}

/// Pseudo-random numbers from a seed.
#[derive(Clone, Debug)]
pub(crate) struct Random(oorandom::Rand32);

impl Random {
    fn new(seed: u64) -> Self {
        Random(oorandom::Rand32::new(seed))
    }

    /// Returns a random number below `n`.
    pub(crate) fn pick(&mut self, n: usize) -> usize {
        self.0.rand_range(0..u32::try_from(n.max(1)).unwrap_or(1)) as usize
    }
}

#[derive(Debug)]
enum Order {
    /// Of all programs that can run, the one that started first.
    OfStart,
    /// The pending calls take turns.
    InTurns(usize),
    /// Each pending call is equally likely.
    Random,
    /// See [`Schedule::overtaking`].
    Overtaking {
        /// After this many calls, the program that made the last one falls behind.
        after: Option<usize>,
        calls: usize,
        last: usize,
        behind: Option<usize>,
    },
}

impl Schedule {
    /// Returns the schedule in which the program that started first runs as long as it can.
    pub(crate) fn of_start() -> Self {
        Schedule { order: Order::OfStart, random: Random::new(0) }
    }

    /// Returns the schedule in which all programs that can run take turns.
    pub(crate) fn in_turns() -> Self {
        Schedule { order: Order::InTurns(0), ..Schedule::of_start() }
    }

    /// Returns a schedule in which each program that can run is equally likely to be next.
    pub(crate) fn random(seed: u64) -> Self {
        Schedule { order: Order::Random, random: Random::new(seed) }
    }

    /// Returns a schedule with this schedule's seed in which one program falls behind early, right after one
    /// of its calls, and from then on seldom runs. All others overtake it between two calls that should be
    /// atomic. In an equally likely order this would seldom happen.
    pub(crate) fn overtaking(self) -> Self {
        let order = Order::Overtaking { after: None, calls: 0, last: 0, behind: None };
        Schedule { order, ..self }
    }

    /// Returns random numbers from the same seed, for decisions other than the order.
    pub(super) fn numbers(&self) -> Random {
        self.random.clone()
    }

    /// Returns a random number below `n`.
    pub(super) fn pick(&mut self, n: usize) -> usize {
        self.random.pick(n)
    }

    /// Returns the index of the pending call that is made next.
    pub(super) fn next(&mut self, pending: &[Pending]) -> usize {
        const EARLY: usize = 8;
        const SELDOM: usize = 16;
        let random = &mut self.random;
        match &mut self.order {
            Order::OfStart => 0,
            Order::InTurns(turn) => {
                *turn += 1;
                *turn % pending.len()
            }
            Order::Random => random.pick(pending.len()),
            Order::Overtaking { after, calls, last, behind } => {
                let after = *after.get_or_insert_with(|| 1 + random.pick(EARLY));
                if *calls == after {
                    *behind = Some(*last);
                }
                let mut at: Vec<usize> = (0..pending.len()).collect();
                let is_ahead = |at: &usize| Some(pending[*at].program) != *behind;
                if at.iter().any(is_ahead) && random.pick(SELDOM) > 0 {
                    at.retain(is_ahead);
                }
                let at = at[random.pick(at.len())];
                *calls += 1;
                *last = pending[at].program;
                at
            }
        }
    }
}

//! In which order scheduled programs make their calls.

use super::pending::Pending;

/// An order of calls: the same for the same seed, on every machine.
#[derive(Debug)]
pub(crate) struct Schedule {
    order: Order,
    random: Random,
}

/// Numbers from a seed.
#[derive(Clone, Debug)]
pub(crate) struct Random(oorandom::Rand32);

impl Random {
    fn new(seed: u64) -> Self {
        Random(oorandom::Rand32::new(seed))
    }

    /// One of `n`.
    pub(crate) fn pick(&mut self, n: usize) -> usize {
        self.0.rand_range(0..u32::try_from(n.max(1)).unwrap_or(1)) as usize
    }
}

#[derive(Debug)]
enum Order {
    /// Of all that could go on, the program that was started first.
    OfStart,
    /// One after another.
    InTurns(usize),
    /// Any of them, all as likely.
    Random,
    /// See [`Schedule::overtaking`].
    Overtaking {
        /// After so many calls whoever has made the last one falls behind.
        after: Option<usize>,
        calls: usize,
        last: usize,
        behind: Option<usize>,
    },
}

impl Schedule {
    /// Whoever was started first goes on, as long as it can.
    pub(crate) fn of_start() -> Self {
        Schedule { order: Order::OfStart, random: Random::new(0) }
    }

    /// All that can go on take turns.
    pub(crate) fn in_turns() -> Self {
        Schedule { order: Order::InTurns(0), ..Schedule::of_start() }
    }

    /// Anybody may be next.
    pub(crate) fn random(seed: u64) -> Self {
        Schedule { order: Order::Random, random: Random::new(seed) }
    }

    /// Early on, one program that has just made a call falls behind, and from then on seldom goes on.
    /// Between two calls that should be one it is overtaken by all others, which an order in which all
    /// are as likely would seldom bring about.
    pub(crate) fn overtaking(self) -> Self {
        let order = Order::Overtaking { after: None, calls: 0, last: 0, behind: None };
        Schedule { order, ..self }
    }

    /// Numbers from the same seed, for other decisions than the order.
    pub(super) fn numbers(&self) -> Random {
        self.random.clone()
    }

    /// One of `n`.
    pub(super) fn pick(&mut self, n: usize) -> usize {
        self.random.pick(n)
    }

    /// Which of the pending calls is made next.
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

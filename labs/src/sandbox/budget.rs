//! How long a whole check may take.

use super::process::{Process, describe};
use std::cell::RefCell;
use std::time::{Duration, Instant};

/// The time of a check. Until it begins there is no limit: building a program has its own.
#[derive(Debug, Default)]
pub(super) struct Budget {
    limit: Option<(Instant, Duration)>,
    /// Where the threads waited that last took too long.
    waited: RefCell<String>,
}

impl Budget {
    /// From now on, so long.
    pub(super) fn begin(&mut self, limit: Duration) {
        self.limit = Some((Instant::now() + limit, limit));
    }

    /// What is left of it.
    pub(super) fn left(&self) -> Duration {
        self.limit.map_or(Duration::MAX, |(until, _)| until.saturating_duration_since(Instant::now()))
    }

    /// These did not end in time.
    pub(super) fn note(&self, waiting: &[Process]) {
        *self.waited.borrow_mut() = describe(waiting);
    }

    /// In words, if it is over.
    pub(super) fn over(&self) -> Option<String> {
        let (_, limit) = self.limit.filter(|_| self.left().is_zero())?;
        let waited = self.waited.borrow();
        let whom = if waited.is_empty() { String::new() } else { format!("; what took too long: {waited}") };
        Some(format!("the {} s that a check may take were over{whom}", limit.as_secs()))
    }
}

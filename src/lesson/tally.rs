//! Counts claims and predictions for all processes of the lesson together, and remembers whether one of the
//! processes has failed.

use super::shared::Shared;
use crate::cli::Failure;
use crate::narrate::Tally;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};

struct Counters {
    held: AtomicU32,
    failed: AtomicU32,
    unseen: AtomicU32,
    predicted: AtomicU32,
    predicted_rightly: AtomicU32,
    a_process_failed: AtomicBool,
    invisible: AtomicU32,
}

// SAFETY: the counters are atomic integers and a flag, for which all zeros are valid.
static COUNTERS: Shared<Counters> = unsafe { Shared::new() };

/// Sets all counters to 0. The processes that are forked later share them.
pub(super) fn open() -> Result<(), Failure> {
    COUNTERS.open()
}

/// Counts a claim.
pub(super) fn count_claim(held: Option<bool>) {
    if let Some(counters) = COUNTERS.get() {
        let counter = match held {
            Some(true) => &counters.held,
            Some(false) => &counters.failed,
            None => &counters.unseen,
        };
        counter.fetch_add(1, SeqCst);
    }
}

/// Returns the claims counted so far.
pub(super) fn claims() -> Tally {
    COUNTERS.get().map_or_else(Tally::default, |counters| Tally {
        held: counters.held.load(SeqCst),
        failed: counters.failed.load(SeqCst),
        unseen: counters.unseen.load(SeqCst),
    })
}

/// Counts a prediction that a claim has answered.
pub(super) fn count_prediction(right: bool) {
    if let Some(counters) = COUNTERS.get() {
        counters.predicted.fetch_add(1, SeqCst);
        counters.predicted_rightly.fetch_add(u32::from(right), SeqCst);
    }
}

/// Returns the number of right predictions, and the number of all predictions.
pub(super) fn predictions() -> (u32, u32) {
    COUNTERS
        .get()
        .map_or((0, 0), |counters| (counters.predicted_rightly.load(SeqCst), counters.predicted.load(SeqCst)))
}

/// Returns whether this process is the first to fail. If several processes fail at the same time for the
/// same reason, only the first one reports it.
pub(super) fn is_first_failure() -> bool {
    COUNTERS.get().is_none_or(|counters| !counters.a_process_failed.swap(true, SeqCst))
}

/// Notes how many processes could not be looked into in one snapshot.
pub(super) fn count_invisible(processes: usize) {
    if let Some(counters) = COUNTERS.get() {
        counters.invisible.fetch_max(u32::try_from(processes).unwrap_or(u32::MAX), SeqCst);
    }
}

/// Returns the largest number of processes that could not be looked into in one snapshot.
pub(super) fn invisible() -> u32 {
    COUNTERS.get().map_or(0, |counters| counters.invisible.load(SeqCst))
}

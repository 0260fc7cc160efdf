//! How the claims and predictions have fared, whichever process of the lesson
//! made them, and whether one of the processes has failed.

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

// SAFETY: the counters are atomic integers and a flag, for which zero is a value.
static COUNTERS: Shared<Counters> = unsafe { Shared::new() };

/// Starts counting at 0, together with the processes that will be forked.
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

/// The claims counted so far.
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

/// The predictions that were right, and all.
pub(super) fn predictions() -> (u32, u32) {
    COUNTERS
        .get()
        .map_or((0, 0), |counters| (counters.predicted_rightly.load(SeqCst), counters.predicted.load(SeqCst)))
}

/// Whether this is the first of the lesson's other processes that fails: several that fail at
/// the same time for the same reason are one failure to the reader.
pub(super) fn is_first_failure() -> bool {
    COUNTERS.get().is_none_or(|counters| !counters.a_process_failed.swap(true, SeqCst))
}

/// So many processes could not be looked into at one look.
pub(super) fn count_invisible(processes: usize) {
    if let Some(counters) = COUNTERS.get() {
        counters.invisible.fetch_max(u32::try_from(processes).unwrap_or(u32::MAX), SeqCst);
    }
}

/// The greatest number of processes that could not be looked into at one look.
pub(super) fn invisible() -> u32 {
    COUNTERS.get().map_or(0, |counters| counters.invisible.load(SeqCst))
}

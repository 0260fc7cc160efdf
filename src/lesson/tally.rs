//! How the claims and predictions have fared, whichever process of the lesson
//! made them.

use super::shared;
use crate::cli::Failure;
use crate::narrate::Tally;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering::SeqCst};

struct Counters {
    held: AtomicU32,
    failed: AtomicU32,
    unseen: AtomicU32,
    predicted: AtomicU32,
    predicted_rightly: AtomicU32,
}

static COUNTERS: AtomicPtr<Counters> = AtomicPtr::new(std::ptr::null_mut());

fn counters() -> Option<&'static Counters> {
    // SAFETY: null, or the mapping that `open` made and nobody unmaps.
    unsafe { COUNTERS.load(SeqCst).as_ref() }
}

/// Starts counting at 0, together with the processes that will be forked.
pub(super) fn open() -> Result<(), Failure> {
    // SAFETY: the counters are atomic integers alone.
    COUNTERS.store(unsafe { shared::zeroed() }?, SeqCst);
    Ok(())
}

/// Counts a claim.
pub(super) fn count_claim(held: Option<bool>) {
    if let Some(counters) = counters() {
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
    counters().map_or_else(Tally::default, |counters| Tally {
        held: counters.held.load(SeqCst),
        failed: counters.failed.load(SeqCst),
        unseen: counters.unseen.load(SeqCst),
    })
}

/// Counts a prediction that a claim has answered.
pub(super) fn count_prediction(right: bool) {
    if let Some(counters) = counters() {
        counters.predicted.fetch_add(1, SeqCst);
        counters.predicted_rightly.fetch_add(u32::from(right), SeqCst);
    }
}

/// The predictions that were right, and all.
pub(super) fn predictions() -> (u32, u32) {
    counters()
        .map_or((0, 0), |counters| (counters.predicted_rightly.load(SeqCst), counters.predicted.load(SeqCst)))
}

//! The signals that end a lesson. They are blocked while an object is being created and recorded.

use nix::sys::signal::{SigmaskHow, Signal, pthread_sigmask};

/// The signals that end a lesson. (SIGKILL cannot be caught; the next run finds what it leaves behind.)
pub(super) const ENDING: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];

/// Blocks the signals.
pub(super) fn hold() {
    let _ = pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&ENDING.into_iter().collect()), None);
}

/// Unblocks the signals. Pending ones are delivered now.
pub(super) fn let_in() {
    let _ = pthread_sigmask(SigmaskHow::SIG_UNBLOCK, Some(&ENDING.into_iter().collect()), None);
}

//! The signals that end a lesson, and how they are held back while something is
//! being created and recorded.

use nix::sys::signal::{SigmaskHow, Signal, pthread_sigmask};

/// The signals that end a lesson. What SIGKILL leaves, the next run finds.
pub(super) const ENDING: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];

/// Signals wait from here on.
pub(super) fn hold() {
    let _ = pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&ENDING.into_iter().collect()), None);
}

/// Signals that waited come now.
pub(super) fn let_in() {
    let _ = pthread_sigmask(SigmaskHow::SIG_UNBLOCK, Some(&ENDING.into_iter().collect()), None);
}

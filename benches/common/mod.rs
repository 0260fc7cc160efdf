//! What the benchmarks share.

use nix::sys::resource::{UsageWho, getrusage};

/// Returns the processor time of all children so far, user and system together, in milliseconds.
pub(crate) fn children_milliseconds() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("getrusage");
    let (user, system) = (usage.user_time(), usage.system_time());
    #[allow(clippy::cast_precision_loss)]
    let micros = ((user.tv_sec() + system.tv_sec()) * 1_000_000 + user.tv_usec() + system.tv_usec()) as f64;
    micros / 1000.0
}

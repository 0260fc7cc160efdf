//! The processes that the lesson has started and not reaped yet. A signal handler
//! ends them, so they stand in a fixed table of atomics.

use super::waits;
use crate::call::Errno;
use crate::capability::take_all_back;
use std::ffi::c_int;
use std::sync::atomic::{AtomicI32, Ordering::SeqCst};

/// Their process ids, or 0.
static CHILDREN: [AtomicI32; 32] = [const { AtomicI32::new(0) }; 32];

/// How many milliseconds all processes together have to end when asked.
const GRACE_PERIOD_MILLIS: u32 = 200;

/// Ends and reaps what processes the lesson still has. They are asked first, since
/// one that is just creating something must record it before it ends.
pub(super) fn end_all() {
    // A lesson may have laid down root's capabilities, and a process of another
    // user is not to be killed without.
    let _ = take_all_back();
    let running = || CHILDREN.iter().filter(|child| child.load(SeqCst) != 0);
    for child in running() {
        // SAFETY: a plain call on a child that has not been reaped.
        unsafe { libc::kill(child.load(SeqCst), libc::SIGTERM) };
    }
    let mut millis_left = GRACE_PERIOD_MILLIS;
    for child in running() {
        let pid = child.swap(0, SeqCst);
        while !reaped(pid, libc::WNOHANG) {
            if millis_left == 0 {
                // SAFETY: as above.
                unsafe { libc::kill(pid, libc::SIGKILL) };
                reaped(pid, 0);
                break;
            }
            millis_left -= 1;
            let millisecond = libc::timespec { tv_sec: 0, tv_nsec: 1_000_000 };
            // SAFETY: the time outlives the call; what is left of it is not asked for.
            unsafe { libc::nanosleep(&raw const millisecond, std::ptr::null_mut()) };
        }
    }
}

/// Whether the child has ended and is reaped, by this call or before.
fn reaped(pid: i32, flags: c_int) -> bool {
    // SAFETY: the status is not asked for.
    match unsafe { libc::waitpid(pid, std::ptr::null_mut(), flags) } {
        -1 => Errno::last() == Errno::ECHILD,
        ended => ended == pid,
    }
}

/// A child that has to be ended if the lesson ends early.
pub(super) fn remember(pid: i32) {
    for child in &CHILDREN {
        if child.compare_exchange(0, pid, SeqCst, SeqCst).is_ok() {
            return;
        }
    }
}

/// The child has been reaped.
pub(super) fn forget(pid: i32) {
    waits::forget(pid);
    for child in &CHILDREN {
        let _ = child.compare_exchange(pid, 0, SeqCst, SeqCst);
    }
}

//! The processes that the lesson has started and not reaped yet. A signal handler
//! ends them, so their ids are kept in a fixed table of atomics.

use super::waits;
use crate::call::Errno;
use crate::capability::take_all_back;
use std::ffi::c_int;
use std::sync::atomic::{AtomicI32, Ordering::SeqCst};

/// Their process ids. A free entry is 0.
static CHILDREN: [AtomicI32; 32] = [const { AtomicI32::new(0) }; 32];

/// How many milliseconds all processes together have to end after SIGTERM.
const GRACE_PERIOD_MILLIS: u32 = 200;

/// Ends and reaps the lesson's remaining processes. It sends SIGTERM before SIGKILL, since a process that
/// is creating an object must record it before it ends.
pub(super) fn end_all() {
    // A lesson of root may have dropped its capabilities. It needs CAP_KILL to kill another user's process.
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
            // SAFETY: the time outlives the call; a null pointer means that the rest is not wanted.
            unsafe { libc::nanosleep(&raw const millisecond, std::ptr::null_mut()) };
        }
    }
}

/// Returns whether the child has ended and is reaped, by this call or an earlier one.
fn reaped(pid: i32, flags: c_int) -> bool {
    // SAFETY: a null pointer means that the status is not wanted.
    match unsafe { libc::waitpid(pid, std::ptr::null_mut(), flags) } {
        -1 => Errno::last() == Errno::ECHILD,
        ended => ended == pid,
    }
}

/// Remembers a child, so that it is ended if the lesson ends early.
pub(super) fn remember(pid: i32) {
    for child in &CHILDREN {
        if child.compare_exchange(0, pid, SeqCst, SeqCst).is_ok() {
            return;
        }
    }
}

/// Forgets a child that has been reaped.
pub(super) fn forget(pid: i32) {
    waits::forget(pid);
    for child in &CHILDREN {
        let _ = child.compare_exchange(pid, 0, SeqCst, SeqCst);
    }
}

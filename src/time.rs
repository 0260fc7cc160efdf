//! `<time.h>`: clocks, and waiting for a time on one of them.
//!
//! # Differences from the C API
//!
//! - [`clock_gettime`] returns the time.
//! - [`clock_nanosleep`] takes a time, as with `TIMER_ABSTIME`, and never a duration. It returns the error
//!   as other calls do.
#![allow(unsafe_code)]

use crate::call::{Errno, Result, Returned, Wait, check, may_wait, report, timespec_text};
use libc::{CLOCK_BOOTTIME, CLOCK_MONOTONIC, CLOCK_REALTIME, clockid_t};
use nix::sys::time::TimeSpec;
use std::ptr::{from_ref, null_mut};

/// `int clock_gettime(clockid_t clockid, struct timespec *tp);`
///
/// Returns the time of the clock: since 1970 for `CLOCK_REALTIME`, which can be set; since the machine
/// started for `CLOCK_MONOTONIC`, which nobody can set.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | there is no such clock |
///
/// Manual page: [clock_gettime(2)](https://man7.org/linux/man-pages/man2/clock_gettime.2.html).
pub fn clock_gettime(clockid: clockid_t) -> Result<TimeSpec> {
    let mut tp = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer refers to a value that lives through the call.
    let result = check(unsafe { libc::clock_gettime(clockid, &raw mut tp) }).map(|_| TimeSpec::from(tp));
    report("clock_gettime", &result, || {
        format!("{}, {}", clock_text(clockid), result.map_or("tp".into(), |time| timespec_text(&time)))
    });
    result
}

/// `int clock_settime(clockid_t clockid, const struct timespec *tp);`
///
/// Sets the clock, for all processes of the machine. Only `CLOCK_REALTIME` can be set.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | there is no such clock, or nobody can set it; or `tp` is not a time that the clock can have |
/// | `EPERM` | the caller has no `CAP_SYS_TIME` in the initial user namespace |
///
/// Manual page: [clock_settime(2)](https://man7.org/linux/man-pages/man2/clock_settime.2.html).
pub fn clock_settime(clockid: clockid_t, tp: &TimeSpec) -> Result<()> {
    // SAFETY: the pointer refers to a value that lives through the call.
    let result = check(unsafe { libc::clock_settime(clockid, from_ref(tp.as_ref())) }).map(drop);
    report("clock_settime", &result, || format!("{}, {}", clock_text(clockid), timespec_text(tp)));
    result
}

/// `int clock_nanosleep(clockid_t clockid, int flags, const struct timespec *t, struct timespec *remain);`
///
/// Sleeps until this time of the clock.
///
/// | errno | when |
/// | --- | --- |
/// | `EINTR` | a signal handler ran, even if it was installed with `SA_RESTART` |
/// | `EINVAL` | `tv_sec` is negative, or `tv_nsec` is not in 0..=999999999; or there is no such clock |
///
/// Manual page: [clock_nanosleep(2)](https://man7.org/linux/man-pages/man2/clock_nanosleep.2.html).
pub fn clock_nanosleep(clockid: clockid_t, t: &TimeSpec) -> Result<()> {
    const WAIT: &Wait = &Wait { call: "clock_nanosleep", until: "the time has come" };
    let time = from_ref(t.as_ref());
    // SAFETY: the pointer refers to a value that lives through the call; with TIMER_ABSTIME the last argument
    // is not used.
    let sleep = || unsafe { libc::clock_nanosleep(clockid, libc::TIMER_ABSTIME, time, null_mut()) };
    // Unlike other calls, this one returns the error, and leaves errno alone.
    let result = match may_wait(WAIT, sleep) {
        0 => Ok(()),
        error => Err(Errno::from_raw(error)),
    };
    report("clock_nanosleep", &result, || {
        format!("{}, TIMER_ABSTIME, {}, NULL", clock_text(clockid), timespec_text(t))
    });
    result
}

/// Returns the name of a clock, or its number if no lesson needs it.
pub(crate) fn clock_text(clockid: clockid_t) -> String {
    match clockid {
        CLOCK_REALTIME => "CLOCK_REALTIME".into(),
        CLOCK_MONOTONIC => "CLOCK_MONOTONIC".into(),
        CLOCK_BOOTTIME => "CLOCK_BOOTTIME".into(),
        libc::CLOCK_REALTIME_ALARM => "CLOCK_REALTIME_ALARM".into(),
        other => other.to_string(),
    }
}

impl Returned for TimeSpec {
    fn shown(&self) -> String {
        "0".into()
    }
}

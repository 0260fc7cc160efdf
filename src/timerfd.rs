//! `<sys/timerfd.h>`: timers that are read from a descriptor.
//!
//! # Differences from the C API
//!
//! - [`timerfd_settime`] returns the previous setting.
//! - The number of expirations is read with [`read`](crate::unistd::read), as eight bytes.
#![allow(unsafe_code)]

use crate::call::{Result, Returned, check, flags_text, new_descriptor, report, timespec_text};
use crate::time::clock_text;
use nix::sys::time::TimeSpec;
use std::ffi::c_int;
use std::mem::zeroed;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

/// `struct itimerspec`: when a timer expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItimerSpec {
    /// The time between two expirations. If it is 0, the timer expires once.
    pub it_interval: TimeSpec,
    /// The first expiration. If it is 0, the timer is stopped.
    pub it_value: TimeSpec,
}

impl ItimerSpec {
    fn text(&self) -> String {
        let (interval, value) = (timespec_text(&self.it_interval), timespec_text(&self.it_value));
        format!("{{it_interval={interval}, it_value={value}}}")
    }
}

/// `int timerfd_create(int clockid, int flags);`
///
/// Makes a stopped timer on a clock, such as `CLOCK_REALTIME`, or `CLOCK_MONOTONIC`, which nobody can set.
/// The descriptor is readable when the timer has expired.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | `clockid` is not a clock for timers; or `flags` has a bit other than `TFD_CLOEXEC` and `TFD_NONBLOCK` |
/// | `EMFILE` | the limit `RLIMIT_NOFILE` is reached |
/// | `ENFILE` | the system's limit of open files is reached |
/// | `ENODEV` | the kernel's internal file system for such descriptors is missing |
/// | `ENOMEM` | not enough memory |
/// | `EPERM` | the clock can wake a sleeping machine (`CLOCK_REALTIME_ALARM`), and the caller has no `CAP_WAKE_ALARM` |
///
/// Manual page: [timerfd_create(2)](https://man7.org/linux/man-pages/man2/timerfd_create.2.html).
pub fn timerfd_create(clockid: libc::clockid_t, flags: c_int) -> Result<OwnedFd> {
    // SAFETY: the call takes only integers, and makes a new descriptor.
    let result = unsafe { new_descriptor(libc::timerfd_create(clockid, flags)) };
    report("timerfd_create", &result, || {
        let names = [(libc::TFD_CLOEXEC, "TFD_CLOEXEC"), (libc::TFD_NONBLOCK, "TFD_NONBLOCK")];
        format!("{}, {}", clock_text(clockid), flags_text(flags, String::new(), &names))
    });
    result
}

/// `int timerfd_settime(int fd, int flags, const struct itimerspec *new_value, struct itimerspec *old_value);`
///
/// Starts or stops the timer. The first expiration is a duration or, with `TFD_TIMER_ABSTIME`, a time on
/// the timer's clock. Returns the previous setting.
///
/// | errno | when |
/// | --- | --- |
/// | `EBADF` | not an open descriptor; cannot happen here |
/// | `ECANCELED` | `flags` has `TFD_TIMER_CANCEL_ON_SET`, and the clock was set |
/// | `EINVAL` | not a descriptor of a timer; or a `tv_nsec` is not in 0..=999999999; or `flags` has an unknown bit |
///
/// Manual page: [timerfd_create(2)](https://man7.org/linux/man-pages/man2/timerfd_create.2.html).
pub fn timerfd_settime(fd: impl AsFd, flags: c_int, new_value: &ItimerSpec) -> Result<ItimerSpec> {
    let fd = fd.as_fd().as_raw_fd();
    let c_new = libc::itimerspec {
        it_interval: *new_value.it_interval.as_ref(),
        it_value: *new_value.it_value.as_ref(),
    };
    // SAFETY: itimerspec is integers, so all zeros are valid.
    let mut c_old: libc::itimerspec = unsafe { zeroed() };
    // SAFETY: both pointers refer to values that live through the call.
    let returned = check(unsafe { libc::timerfd_settime(fd, flags, &raw const c_new, &raw mut c_old) });
    let result = returned.map(|_| ItimerSpec {
        it_interval: TimeSpec::from(c_old.it_interval),
        it_value: TimeSpec::from(c_old.it_value),
    });
    report("timerfd_settime", &result, || {
        let names = [
            (libc::TFD_TIMER_ABSTIME, "TFD_TIMER_ABSTIME"),
            (libc::TFD_TIMER_CANCEL_ON_SET, "TFD_TIMER_CANCEL_ON_SET"),
        ];
        let flags = flags_text(flags, String::new(), &names);
        let old = result.as_ref().map_or("old_value".into(), ItimerSpec::text);
        format!("{fd}, {flags}, {}, {old}", new_value.text())
    });
    result
}

impl Returned for ItimerSpec {
    fn shown(&self) -> String {
        "0".into()
    }
}

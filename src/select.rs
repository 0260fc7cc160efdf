//! `<sys/select.h>`: waiting for several descriptors at once, the older way.
//!
//! # Differences from the C API
//!
//! - [`FdSet`] is nix's `fd_set`: `FD_SET` is `insert`, and `FD_ISSET` is `contains`.
//! - [`select`] finds `nfds` itself, and leaves the caller's timeout unchanged.

use crate::call::{Result, Wait, may_wait, report};
use nix::sys::select::select as nix_select;
use nix::sys::time::TimeVal;
use std::ffi::c_int;
use std::os::fd::AsRawFd;

pub use nix::sys::select::FdSet;

/// `int select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds, struct timeval *timeout);`
///
/// Waits until a descriptor of one of the sets is ready, for at most `timeout`; `None` waits without limit.
/// Removes the descriptors that are not ready from the sets, and returns the number of those that are left.
/// A set has no place for a descriptor from 1024 (`FD_SETSIZE`) on.
///
/// | errno | when |
/// | --- | --- |
/// | `EBADF` | a set contains a number that is not an open descriptor; cannot happen here |
/// | `EINTR` | a signal handler ran, even if it was installed with `SA_RESTART` |
/// | `EINVAL` | the timeout is negative |
/// | `ENOMEM` | not enough memory |
///
/// Manual page: [select(2)](https://man7.org/linux/man-pages/man2/select.2.html).
pub fn select<'fd>(
    mut readfds: Option<&mut FdSet<'fd>>,
    mut writefds: Option<&mut FdSet<'fd>>,
    mut exceptfds: Option<&mut FdSet<'fd>>,
    timeout: Option<TimeVal>,
) -> Result<c_int> {
    const WAIT: &Wait = &Wait { call: "select", until: "a descriptor is ready, or the time is over" };
    let sets = [&readfds, &writefds, &exceptfds];
    let nfds = sets.into_iter().flatten().filter_map(|set| set.highest()).map(|fd| fd.as_raw_fd() + 1).max();
    let nfds = nfds.unwrap_or(0);
    let mut left = timeout; // Linux stores the time that is left
    let result = may_wait(WAIT, || {
        nix_select(
            nfds,
            readfds.as_deref_mut(),
            writefds.as_deref_mut(),
            exceptfds.as_deref_mut(),
            left.as_mut(),
        )
    });
    report("select", &result, || {
        let sets = [readfds, writefds, exceptfds].map(set_text).join(", ");
        let timeout = timeout.map_or("NULL".into(), |timeout| {
            format!("{{tv_sec={}, tv_usec={}}}", timeout.tv_sec(), timeout.tv_usec())
        });
        format!("{nfds}, {sets}, {timeout}")
    });
    result
}

/// Writes a set as strace does: `[3 6]`.
fn set_text(set: Option<&mut FdSet<'_>>) -> String {
    let Some(set) = set else { return "NULL".into() };
    let numbers: Vec<String> = set.fds(None).map(|fd| fd.as_raw_fd().to_string()).collect();
    format!("[{}]", numbers.join(" "))
}

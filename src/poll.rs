//! `<poll.h>`: waiting for several descriptors at once.
//!
//! # Differences from the C API
//!
//! - [`poll`] takes a slice; `nfds` is its length.
#![allow(unsafe_code)]

use crate::call::{Result, Wait, check, flags_text, may_wait, report};
use libc::nfds_t;
use std::ffi::{c_int, c_short};
use std::marker::PhantomData;
use std::os::fd::{AsRawFd, BorrowedFd};

/// `struct pollfd`: a descriptor, and what is asked and answered about it.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct PollFd<'fd>(libc::pollfd, PhantomData<BorrowedFd<'fd>>);

impl<'fd> PollFd<'fd> {
    /// Asks whether one of the `events` is there: `POLLIN` means that a call can receive without waiting, and
    /// `POLLOUT` that it can send.
    #[must_use]
    pub fn new(fd: BorrowedFd<'fd>, events: c_short) -> Self {
        PollFd(libc::pollfd { fd: fd.as_raw_fd(), events, revents: 0 }, PhantomData)
    }

    /// Asks about a number that may be no descriptor. Then the answer is `POLLNVAL`.
    #[must_use]
    pub fn of_number(fd: c_int, events: c_short) -> PollFd<'static> {
        PollFd(libc::pollfd { fd, events, revents: 0 }, PhantomData)
    }

    /// Returns the events that are there. `POLLERR` and `POLLHUP` are reported even if nobody asked.
    #[must_use]
    pub fn revents(&self) -> c_short {
        self.0.revents
    }

    /// Returns the events that are there, as strace writes them: `POLLIN|POLLOUT`, or `0`.
    #[must_use]
    pub fn revents_text(&self) -> String {
        events_text(self.0.revents)
    }

    fn text(self) -> String {
        let libc::pollfd { fd, events, revents } = self.0;
        format!("{{fd={fd}, events={}, revents={}}}", events_text(events), events_text(revents))
    }
}

/// `int poll(struct pollfd *fds, nfds_t nfds, int timeout);`
///
/// Waits until one of the events is there, for at most `timeout` milliseconds: 0 does not wait, and -1
/// waits without limit. Returns the number of descriptors that have events. Time is measured on a clock
/// that nobody can set, not on `CLOCK_REALTIME`.
///
/// | errno | when |
/// | --- | --- |
/// | `EINTR` | a signal handler ran, even if it was installed with `SA_RESTART` |
/// | `EINVAL` | there are more descriptors in `fds` than `RLIMIT_NOFILE` permits |
/// | `ENOMEM` | not enough memory |
///
/// Manual page: [poll(2)](https://man7.org/linux/man-pages/man2/poll.2.html).
pub fn poll(fds: &mut [PollFd<'_>], timeout: c_int) -> Result<c_int> {
    const WAIT: &Wait = &Wait { call: "poll", until: "a descriptor has an event, or the time is over" };
    let nfds = nfds_t::try_from(fds.len()).unwrap_or(nfds_t::MAX);
    // SAFETY: a PollFd has the layout of a `pollfd`, and there are this many.
    let result = may_wait(WAIT, || check(unsafe { libc::poll(fds.as_mut_ptr().cast(), nfds, timeout) }));
    report("poll", &result, || {
        let shown: Vec<String> = fds.iter().map(|fd| fd.text()).collect();
        format!("[{}], {nfds}, {timeout}", shown.join(", "))
    });
    result
}

fn events_text(events: c_short) -> String {
    let name = |(bit, name): (c_short, &'static str)| (c_int::from(bit), name);
    let names = [
        (libc::POLLIN, "POLLIN"),
        (libc::POLLPRI, "POLLPRI"),
        (libc::POLLOUT, "POLLOUT"),
        (libc::POLLERR, "POLLERR"),
        (libc::POLLHUP, "POLLHUP"),
        (libc::POLLNVAL, "POLLNVAL"),
        (libc::POLLRDNORM, "POLLRDNORM"),
        (libc::POLLWRNORM, "POLLWRNORM"),
    ];
    flags_text(c_int::from(events), String::new(), &names.map(name))
}

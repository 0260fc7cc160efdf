//! `<sys/epoll.h>`: waiting for many descriptors at once. The kernel keeps the list of them.
//!
//! # Differences from the C API
//!
//! - [`epoll_ctl`] takes `None` for the null pointer that `EPOLL_CTL_DEL` permits.
//! - [`epoll_wait`] takes a slice; `maxevents` is its length.
//! - An event carries an integer, the member `u64` of `epoll_data_t`.
#![allow(unsafe_code)]

use crate::call::{Result, Wait, check, flags_text, may_wait, new_descriptor, report};
use std::ffi::c_int;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::{fmt, ptr};

/// `struct epoll_event`: events, and the number by which the program knows the descriptor.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct EpollEvent(libc::epoll_event);

impl EpollEvent {
    /// Makes an event from flags such as `EPOLLIN|EPOLLET`. `data` comes back with each event.
    #[must_use]
    pub fn new(events: c_int, data: u64) -> Self {
        EpollEvent(libc::epoll_event { events: events.cast_unsigned(), u64: data })
    }

    /// An event without flags: room for one that [`epoll_wait`] will store.
    pub const NONE: EpollEvent = EpollEvent(libc::epoll_event { events: 0, u64: 0 });

    /// Returns the events.
    #[must_use]
    pub fn events(&self) -> c_int {
        self.0.events.cast_signed()
    }

    /// Returns the number that was given when the descriptor was added.
    #[must_use]
    pub fn data(&self) -> u64 {
        self.0.u64
    }
}

/// Writes the event as strace does.
impl fmt::Debug for EpollEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{events={}, data={}}}", events_text(self.events()), self.data())
    }
}

/// `int epoll_create1(int flags);`
///
/// Makes an empty list of descriptors, and returns a descriptor of this list.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | `flags` has a bit other than `EPOLL_CLOEXEC` |
/// | `EMFILE` | the limit `RLIMIT_NOFILE` is reached |
/// | `ENFILE` | the system's limit of open files is reached |
/// | `ENOMEM` | not enough memory |
///
/// Manual page: [epoll_create(2)](https://man7.org/linux/man-pages/man2/epoll_create.2.html).
pub fn epoll_create1(flags: c_int) -> Result<OwnedFd> {
    // SAFETY: the call takes only an integer, and makes a new descriptor.
    let result = unsafe { new_descriptor(libc::epoll_create1(flags)) };
    report("epoll_create1", &result, || {
        flags_text(flags, String::new(), &[(libc::EPOLL_CLOEXEC, "EPOLL_CLOEXEC")])
    });
    result
}

/// `int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event);`
///
/// Adds a descriptor to the list, changes its events, or removes it. The list refers to the open file
/// description: it keeps the entry until all descriptors of this description are closed.
///
/// | errno | when |
/// | --- | --- |
/// | `EBADF` | not an open descriptor; cannot happen here |
/// | `EEXIST` | `EPOLL_CTL_ADD`: the descriptor is on the list already |
/// | `EINVAL` | `epfd` is not a descriptor of an epoll list, or it is `fd`; or `op` is unknown |
/// | `ELOOP` | `EPOLL_CTL_ADD`: lists would contain each other, or would be nested too deeply |
/// | `ENOENT` | `EPOLL_CTL_MOD`, `EPOLL_CTL_DEL`: the descriptor is not on the list |
/// | `ENOMEM` | not enough memory |
/// | `ENOSPC` | `EPOLL_CTL_ADD`: the user's limit `fs.epoll.max_user_watches` is reached |
/// | `EPERM` | the file cannot be polled, for example a regular file |
///
/// Manual page: [epoll_ctl(2)](https://man7.org/linux/man-pages/man2/epoll_ctl.2.html).
pub fn epoll_ctl(epfd: impl AsFd, op: c_int, fd: impl AsFd, event: Option<EpollEvent>) -> Result<()> {
    let (epfd, fd) = (epfd.as_fd().as_raw_fd(), fd.as_fd().as_raw_fd());
    let mut c_event = event.map(|event| event.0);
    let event_ptr = c_event.as_mut().map_or(ptr::null_mut(), ptr::from_mut);
    // SAFETY: `event_ptr` is null or points to a live epoll_event; the kernel refuses null with EFAULT.
    let result = check(unsafe { libc::epoll_ctl(epfd, op, fd, event_ptr) }).map(drop);
    report("epoll_ctl", &result, || {
        let op = match op {
            libc::EPOLL_CTL_ADD => "EPOLL_CTL_ADD".into(),
            libc::EPOLL_CTL_MOD => "EPOLL_CTL_MOD".into(),
            libc::EPOLL_CTL_DEL => "EPOLL_CTL_DEL".into(),
            other => other.to_string(),
        };
        let event = event.map_or("NULL".into(), |event| format!("{event:?}"));
        format!("{epfd}, {op}, {fd}, {event}")
    });
    result
}

/// `int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout);`
///
/// Waits until a descriptor of the list has one of its events, for at most `timeout` milliseconds: 0 does
/// not wait, and -1 waits without limit. Stores the events at the beginning of the slice, and returns
/// their number.
///
/// | errno | when |
/// | --- | --- |
/// | `EBADF` | not an open descriptor; cannot happen here |
/// | `EINTR` | a signal handler ran, even if it was installed with `SA_RESTART` |
/// | `EINVAL` | `epfd` is not a descriptor of an epoll list, or the slice is empty |
///
/// Manual page: [epoll_wait(2)](https://man7.org/linux/man-pages/man2/epoll_wait.2.html).
pub fn epoll_wait(epfd: impl AsFd, events: &mut [EpollEvent], timeout: c_int) -> Result<usize> {
    const WAIT: &Wait = &Wait { call: "epoll_wait", until: "a descriptor has an event, or the time is over" };
    let epfd = epfd.as_fd().as_raw_fd();
    let maxevents = c_int::try_from(events.len()).unwrap_or(c_int::MAX);
    let buffer = events.as_mut_ptr().cast();
    // SAFETY: an EpollEvent has the layout of an epoll_event, and there is room for this many.
    let returned = may_wait(WAIT, || check(unsafe { libc::epoll_wait(epfd, buffer, maxevents, timeout) }));
    let result = returned.map(|number| usize::try_from(number).unwrap_or(0));
    report("epoll_wait", &result, || {
        let shown = result.map_or("events".into(), |number| format!("{:?}", &events[..number]));
        format!("{epfd}, {shown}, {maxevents}, {timeout}")
    });
    result
}

fn events_text(events: c_int) -> String {
    let names = [
        (libc::EPOLLIN, "EPOLLIN"),
        (libc::EPOLLPRI, "EPOLLPRI"),
        (libc::EPOLLOUT, "EPOLLOUT"),
        (libc::EPOLLERR, "EPOLLERR"),
        (libc::EPOLLHUP, "EPOLLHUP"),
        (libc::EPOLLEXCLUSIVE, "EPOLLEXCLUSIVE"),
        (libc::EPOLLONESHOT, "EPOLLONESHOT"),
        (libc::EPOLLET, "EPOLLET"),
    ];
    flags_text(events, String::new(), &names)
}

//! `<unistd.h>`: what every descriptor can do, those of queues and shared
//! memory included.
//!
//! # Differences from the C API
//!
//! - Descriptors are owned: [`close`] consumes, [`dup`] returns an [`OwnedFd`].

use crate::call::{Result, report};
use std::os::fd::{AsFd, AsRawFd, IntoRawFd, OwnedFd};

/// `int close(int fd);`
///
/// Closes the descriptor. What it leads to lives on while another descriptor,
/// a mapping or a name leads there.
///
/// | errno | when |
/// | --- | --- |
/// | `EBADF` | not an open descriptor; cannot happen to an [`OwnedFd`] |
/// | `EINTR` | a signal handler ran; on Linux the descriptor is closed nevertheless |
///
/// Manual page: [close(2)](https://man7.org/linux/man-pages/man2/close.2.html).
pub fn close(fd: OwnedFd) -> Result<()> {
    let fd = fd.into_raw_fd();
    let result = nix::unistd::close(fd);
    report("close", &result, || fd.to_string());
    result
}

/// `int dup(int oldfd);`
///
/// A second descriptor of the same open file description.
///
/// | errno | when |
/// | --- | --- |
/// | `EMFILE` | `RLIMIT_NOFILE` |
///
/// Manual page: [dup(2)](https://man7.org/linux/man-pages/man2/dup.2.html).
pub fn dup(oldfd: impl AsFd) -> Result<OwnedFd> {
    let oldfd = oldfd.as_fd();
    let result = nix::unistd::dup(oldfd);
    report("dup", &result, || oldfd.as_raw_fd().to_string());
    result
}

//! `<fcntl.h>`: the flags of a descriptor, and of the open file description behind it.
//!
//! # Differences from the C API
//!
//! - [`fcntl`] always takes three arguments, the third an integer; a command
//!   that takes none ignores it. Commands that take a pointer, or make a
//!   descriptor, are refused with `EINVAL`.
#![allow(unsafe_code)]

use crate::call::{Errno, Result, check, flags_text, oflag_text, report};
use std::ffi::c_int;
use std::os::fd::{AsFd, AsRawFd};

/// `int fcntl(int fd, int op, ... /* arg */);`
///
/// `F_GETFD` and `F_SETFD`: the flags of the descriptor, of which there is one,
/// `FD_CLOEXEC`. `F_GETFL` and `F_SETFL`: those of the open file description.
///
/// | errno | when |
/// | --- | --- |
/// | `EBADF` | not an open descriptor; cannot happen to a handle |
/// | `EINVAL` | another `op`, which this wrapper does not pass on; or `F_SETFL` with a flag that the file cannot have |
/// | `EPERM` | `F_SETFL` without `O_APPEND` on a file that may only be appended to |
///
/// Manual page: [fcntl(2)](https://man7.org/linux/man-pages/man2/fcntl.2.html).
pub fn fcntl(fd: impl AsFd, op: c_int, arg: c_int) -> Result<c_int> {
    let fd = fd.as_fd().as_raw_fd();
    let result = match op {
        libc::F_GETFD | libc::F_SETFD | libc::F_GETFL | libc::F_SETFL => {
            // SAFETY: the four commands take an integer or nothing, and change flags only.
            check(unsafe { libc::fcntl(fd, op, arg) })
        }
        _ => Err(Errno::EINVAL),
    };
    report("fcntl", &result, || match op {
        libc::F_GETFD => format!("{fd}, F_GETFD"),
        libc::F_GETFL => format!("{fd}, F_GETFL"),
        libc::F_SETFD => {
            format!("{fd}, F_SETFD, {}", flags_text(arg, String::new(), &[(libc::FD_CLOEXEC, "FD_CLOEXEC")]))
        }
        libc::F_SETFL => format!("{fd}, F_SETFL, {}", oflag_text(arg)),
        _ => format!("{fd}, {op}, {arg}"),
    });
    result
}

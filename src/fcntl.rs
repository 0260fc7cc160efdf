//! `<fcntl.h>`: the flags of a descriptor and of its open file description; and regular
//! files, which lessons compare with IPC objects.
//!
//! # Differences from the C API
//!
//! - [`open`] always sets `O_CLOEXEC`, as the IPC calls do.
//! - [`fcntl`] always takes three arguments, and the third is an integer. A command
//!   without an argument ignores it. Commands that take a pointer or make a
//!   descriptor are refused with `EINVAL`.
#![allow(unsafe_code)]

use crate::call::{
    self, Errno, Object, Result, check, flags_text, name_text, new_descriptor, oflag_text, report,
};
use std::ffi::{CStr, c_int};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};

/// `int open(const char *pathname, int flags, mode_t mode);`
///
/// Opens a file. With `O_CREAT`, creates it if it does not exist. `exec` closes the
/// descriptor: the wrapper adds `O_CLOEXEC`, as the IPC calls do.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | the mode bits of the file or of a directory do not permit it |
/// | `EEXIST` | `O_CREAT` and `O_EXCL` are set, and the file exists |
/// | `EISDIR` | the path is a directory, and the access mode is not `O_RDONLY` |
/// | `EMFILE` | the limit `RLIMIT_NOFILE` is reached |
/// | `ENAMETOOLONG` | a component of the path has more than 255 bytes |
/// | `ENOENT` | the file does not exist, and `O_CREAT` is not set; or the directory does not exist |
/// | `ENOTDIR` | a component of the path is not a directory |
///
/// Manual page: [open(2)](https://man7.org/linux/man-pages/man2/open.2.html).
pub fn open(pathname: &CStr, flags: i32, mode: libc::mode_t) -> Result<OwnedFd> {
    let creating = call::creating();
    let flags = flags | libc::O_CLOEXEC;
    // SAFETY: the path ends in a NUL, and the call makes a new descriptor.
    let result = unsafe { new_descriptor(libc::open(pathname.as_ptr(), flags, mode)) };
    if result.is_ok() && call::surely_created(flags) {
        creating.created(Object::File(pathname));
    }
    report("open", &result, || {
        let opening = format!("{}, {}", name_text(pathname), oflag_text(flags));
        if flags & libc::O_CREAT == 0 { opening } else { format!("{opening}, {mode:04o}") }
    });
    result
}

/// `int fcntl(int fd, int op, ... /* arg */);`
///
/// Reads or sets flags: `F_GETFD` and `F_SETFD` those of the descriptor, of which the only one is
/// `FD_CLOEXEC`; `F_GETFL` and `F_SETFL` those of the open file description. `F_SETOWN` sets the process to
/// which the kernel sends `SIGIO` if the description has `O_ASYNC`.
///
/// | errno | when |
/// | --- | --- |
/// | `EBADF` | not an open descriptor; cannot happen to a handle |
/// | `EINVAL` | any other `op`, which this wrapper does not pass on; or `F_SETFL` with a flag that the file cannot have |
/// | `ESRCH` | `F_SETOWN`: there is no such process |
/// | `EPERM` | `F_SETFL` without `O_APPEND` on a file that may only be appended to |
///
/// Manual page: [fcntl(2)](https://man7.org/linux/man-pages/man2/fcntl.2.html).
pub fn fcntl(fd: impl AsFd, op: c_int, arg: c_int) -> Result<c_int> {
    let fd = fd.as_fd().as_raw_fd();
    let result = match op {
        libc::F_GETFD | libc::F_SETFD | libc::F_GETFL | libc::F_SETFL | libc::F_SETOWN => {
            // SAFETY: these commands take an integer or no argument, and change flags or the owner only.
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
        libc::F_SETOWN => format!("{fd}, F_SETOWN, {arg}"),
        _ => format!("{fd}, {op}, {arg}"),
    });
    result
}

/// Moves an internal descriptor to 100 or above, so that a lesson's own descriptors begin at 3, as the book
/// says.
pub(crate) fn out_of_the_way(fd: OwnedFd) -> OwnedFd {
    match nix::fcntl::fcntl(fd.as_fd(), nix::fcntl::FcntlArg::F_DUPFD_CLOEXEC(100)) {
        // SAFETY: the call has just made this descriptor.
        Ok(high) => unsafe { OwnedFd::from_raw_fd(high) },
        Err(_) => fd, // the limit of descriptors is too low
    }
}

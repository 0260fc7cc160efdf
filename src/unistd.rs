//! `<unistd.h>`: what every descriptor can do, those of queues and shared
//! memory included.
//!
//! # Differences from the C API
//!
//! - Descriptors are owned: [`close`] consumes, [`dup`] returns an [`OwnedFd`].

#![allow(unsafe_code)]

use crate::call::{Errno, Result, name_text, report};
use libc::{gid_t, uid_t};
use nix::unistd::{Gid, Uid};
use std::ffi::CStr;
use std::os::fd::{AsFd, AsRawFd, IntoRawFd, OwnedFd};
use std::ptr;

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

/// `int fchown(int fd, uid_t owner, gid_t group);`
///
/// Gives what the descriptor leads to another owner; `None` is C's -1, the group stays.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | the user namespace has no such user or group |
/// | `EPERM` | another owner, and no `CAP_CHOWN`; or a group that the caller is not in |
/// | `EROFS` | the file system is read-only |
///
/// Manual page: [fchown(2)](https://man7.org/linux/man-pages/man2/chown.2.html).
pub fn fchown(fd: impl AsFd, owner: uid_t, group: Option<gid_t>) -> Result<()> {
    let fd = fd.as_fd();
    let result = nix::unistd::fchown(fd, Some(Uid::from_raw(owner)), group.map(Gid::from_raw));
    let text = |id: Option<gid_t>| id.map_or("-1".into(), |id| id.to_string());
    report("fchown", &result, || format!("{}, {owner}, {}", fd.as_raw_fd(), text(group)));
    result
}

/// `int unlink(const char *path);`
///
/// Removes a name from its directory: what glibc's `shm_unlink` and `sem_unlink`
/// do with a file in /dev/shm. They are the calls to use: a lesson that removes
/// an object by this one has it in its books still.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | no write permission for the directory, or no search permission on the way |
/// | `EISDIR` | a directory |
/// | `ENAMETOOLONG` | the path, or a part of it, is too long |
/// | `ENOENT` | no such file |
/// | `EPERM` | the directory is sticky, and neither it nor the file is the caller's, and no `CAP_FOWNER` |
/// | `EROFS` | the file system is read-only |
///
/// Manual page: [unlink(2)](https://man7.org/linux/man-pages/man2/unlink.2.html).
pub fn unlink(path: &CStr) -> Result<()> {
    let result = nix::unistd::unlink(path);
    report("unlink", &result, || name_text(path));
    result
}

/// `int execve(const char *pathname, char *const argv[], char *const envp[]);`
///
/// Runs the program in the file, with no argument but its name and no environment.
/// Returns only to fail. (`execvp(3)` would take `ENOEXEC` for a shell script.)
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | no execute permission, not even root's, which takes one execute bit; or the file system is mounted noexec |
/// | `ENAMETOOLONG` | the path, or a part of it, is too long |
/// | `ENOENT` | no such file |
/// | `ENOEXEC` | it may be executed, and is no program |
/// | `ENOTDIR` | a part of the path before the last is no directory |
/// | `ETXTBSY` | somebody has it open for writing |
///
/// Manual page: [execve(2)](https://man7.org/linux/man-pages/man2/execve.2.html).
pub fn execve(pathname: &CStr) -> Result<()> {
    let argv = [pathname.as_ptr(), ptr::null()];
    // SAFETY: the strings end in NULs, and the arrays in null pointers.
    unsafe { libc::execve(pathname.as_ptr(), argv.as_ptr(), [ptr::null()].as_ptr()) };
    let result = Err(Errno::last());
    report("execve", &result, || {
        let path = name_text(pathname);
        format!("{path}, [{path}], []")
    });
    result
}

//! `<unistd.h>`: what every descriptor can do, those of queues and shared
//! memory included; pipes; and who a process is.
//!
//! # Differences from the C API
//!
//! - Descriptors are owned: [`close`] consumes, [`dup`] returns an [`OwnedFd`].
//! - [`pipe`] is `pipe2` with `O_CLOEXEC`, as the IPC calls have it.
//! - [`setgroups`], [`setresgid`] and [`setresuid`] take the ids that are to be, for a
//!   process that gives up being root. (setgroups is declared in `<grp.h>`.)

use crate::call::{self, Object, Result, bytes_text, name_text, report};
use nix::fcntl::OFlag;
use nix::unistd::{Gid, Uid};
use std::ffi::CStr;
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

/// `int pipe(int pipefd[2]);`
///
/// Makes a pipe; returns its reading and its writing end.
///
/// | errno | when |
/// | --- | --- |
/// | `EMFILE` | `RLIMIT_NOFILE` |
/// | `ENFILE` | the system's limit of open files, or of the user's pages in pipes |
///
/// Manual page: [pipe(2)](https://man7.org/linux/man-pages/man2/pipe.2.html).
pub fn pipe() -> Result<(OwnedFd, OwnedFd)> {
    let result = nix::unistd::pipe2(OFlag::O_CLOEXEC);
    report("pipe", &result, || {
        result.as_ref().map_or("pipefd".into(), |(r, w)| format!("[{}, {}]", r.as_raw_fd(), w.as_raw_fd()))
    });
    result
}

/// `ssize_t read(int fd, void *buf, size_t count);`
///
/// Takes at most as many bytes as the buffer has room for; 0 is the end.
///
/// | errno | when |
/// | --- | --- |
/// | `EAGAIN` | nothing is there, and `O_NONBLOCK` is set |
/// | `EBADF` | not open for reading |
/// | `EINTR` | a signal handler ran, installed without `SA_RESTART` |
/// | `EISDIR` | a directory |
///
/// Manual page: [read(2)](https://man7.org/linux/man-pages/man2/read.2.html).
pub fn read(fd: impl AsFd, buf: &mut [u8]) -> Result<usize> {
    let fd = fd.as_fd();
    let result = nix::unistd::read(fd, buf);
    report("read", &result, || {
        let shown = result.map_or("buf".into(), |n| bytes_text(&buf[..n]));
        format!("{}, {shown}, {}", fd.as_raw_fd(), buf.len())
    });
    result
}

/// `ssize_t write(int fd, const void *buf, size_t count);`
///
/// | errno | when |
/// | --- | --- |
/// | `EAGAIN` | a pipe is full, and `O_NONBLOCK` is set |
/// | `EBADF` | not open for writing |
/// | `EINTR` | a signal handler ran, installed without `SA_RESTART` |
/// | `ENOSPC` | the file system is full |
/// | `EPIPE` | nobody has the reading end (and `SIGPIPE`, which Rust ignores) |
///
/// Manual page: [write(2)](https://man7.org/linux/man-pages/man2/write.2.html).
pub fn write(fd: impl AsFd, buf: &[u8]) -> Result<usize> {
    let fd = fd.as_fd();
    let result = nix::unistd::write(fd, buf);
    report("write", &result, || format!("{}, {}, {}", fd.as_raw_fd(), bytes_text(buf), buf.len()));
    result
}

/// `int unlink(const char *pathname);`
///
/// Removes a name of a file at once. The file goes with its last name and its last reference.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | the directory may not be written |
/// | `EISDIR` | a directory |
/// | `ENOENT` | no such file |
/// | `ENOTDIR` | a part of the path is no directory |
/// | `EPERM` | the directory is sticky, and file and directory are another's |
///
/// Manual page: [unlink(2)](https://man7.org/linux/man-pages/man2/unlink.2.html).
pub fn unlink(pathname: &CStr) -> Result<()> {
    let result = nix::unistd::unlink(pathname);
    report("unlink", &result, || name_text(pathname));
    if result.is_ok() {
        call::removed(Object::File(pathname));
    }
    result
}

/// `int setgroups(size_t size, const gid_t *list);`
///
/// Sets the supplementary groups; here, to none.
///
/// | errno | when |
/// | --- | --- |
/// | `EPERM` | no `CAP_SETGID`; or the user namespace denies it |
///
/// Manual page: [setgroups(2)](https://man7.org/linux/man-pages/man2/setgroups.2.html).
pub fn setgroups() -> Result<()> {
    let result = nix::unistd::setgroups(&[]);
    report("setgroups", &result, || "0, NULL".into());
    result
}

/// `int setresgid(gid_t rgid, gid_t egid, gid_t sgid);`
///
/// Sets the real, the effective and the saved group id.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | the id does not exist in this user namespace |
/// | `EPERM` | not one's own, and no `CAP_SETGID` |
///
/// Manual page: [setresgid(2)](https://man7.org/linux/man-pages/man2/setresgid.2.html).
pub fn setresgid(gid: u32) -> Result<()> {
    let id = Gid::from_raw(gid);
    let result = nix::unistd::setresgid(id, id, id);
    report("setresgid", &result, || format!("{gid}, {gid}, {gid}"));
    result
}

/// `int setresuid(uid_t ruid, uid_t euid, uid_t suid);`
///
/// Sets the real, the effective and the saved user id. Root that leaves 0
/// behind in all three leaves its capabilities behind too.
///
/// | errno | when |
/// | --- | --- |
/// | `EAGAIN` | `RLIMIT_NPROC` of that user |
/// | `EINVAL` | the id does not exist in this user namespace |
/// | `EPERM` | not one's own, and no `CAP_SETUID` |
///
/// Manual page: [setresuid(2)](https://man7.org/linux/man-pages/man2/setresuid.2.html).
pub fn setresuid(uid: u32) -> Result<()> {
    let id = Uid::from_raw(uid);
    let result = nix::unistd::setresuid(id, id, id);
    report("setresuid", &result, || format!("{uid}, {uid}, {uid}"));
    result
}

/// `void _exit(int status);`
///
/// Ends the process at once: runs and flushes nothing.
/// Manual page: [_exit(2)](https://man7.org/linux/man-pages/man2/_exit.2.html).
#[allow(unsafe_code)]
pub fn _exit(status: i32) -> ! {
    // SAFETY: it takes a number, and nothing of this process is used afterwards.
    unsafe { libc::_exit(status) }
}

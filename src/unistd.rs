//! `<unistd.h>`: calls on any descriptor, including those of queues and shared
//! memory; pipes; the ids of a process; and executing programs.
//!
//! # Differences from the C API
//!
//! - Descriptors are owned: [`close`] consumes an [`OwnedFd`], and [`dup`] returns one.
//! - [`pipe`] is `pipe2` with `O_CLOEXEC`, which the IPC calls set too.
//! - An id of `None` is -1 in C: the id does not change.

#![allow(unsafe_code)]

use crate::call::{
    self, Errno, Object, Result, Wait, announce, bytes_text, check, may_wait, name_text, report,
};
use libc::{gid_t, uid_t};
use nix::fcntl::OFlag;
use nix::unistd::{Gid, Uid};
use std::ffi::{CStr, c_char, c_int, c_long};
use std::os::fd::{AsFd, AsRawFd, IntoRawFd, OwnedFd};
use std::ptr;

fn id_text(id: Option<u32>) -> String {
    id.map_or("-1".into(), |id| id.to_string())
}

/// `int close(int fd);`
///
/// Closes the descriptor. The object behind it exists as long as another descriptor,
/// a mapping or a name refers to it.
///
/// | errno | when |
/// | --- | --- |
/// | `EBADF` | not an open descriptor; cannot happen to an [`OwnedFd`] |
/// | `EINTR` | a signal handler ran; on Linux the descriptor is closed anyway |
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
/// Returns a second descriptor of the same open file description.
///
/// | errno | when |
/// | --- | --- |
/// | `EMFILE` | the limit `RLIMIT_NOFILE` is reached |
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
/// Makes a pipe. Returns its reading end and its writing end.
///
/// | errno | when |
/// | --- | --- |
/// | `EMFILE` | the limit `RLIMIT_NOFILE` is reached |
/// | `ENFILE` | the system's limit of open files, or the user's limit of pages in pipes, is reached |
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
/// Reads at most as many bytes as fit in the buffer. Returns their number; 0 means the end.
///
/// | errno | when |
/// | --- | --- |
/// | `EAGAIN` | there is nothing to read, and `O_NONBLOCK` is set |
/// | `EBADF` | not open for reading |
/// | `EINTR` | a signal handler ran that was installed without `SA_RESTART` |
/// | `EISDIR` | it is a directory |
///
/// Manual page: [read(2)](https://man7.org/linux/man-pages/man2/read.2.html).
pub fn read(fd: impl AsFd, buf: &mut [u8]) -> Result<usize> {
    const WAIT: &Wait = &Wait { call: "read", until: "bytes arrive, or the last writing end is closed" };
    let fd = fd.as_fd();
    let result = may_wait(WAIT, || nix::unistd::read(fd, buf));
    report("read", &result, || {
        let shown = result.map_or("buf".into(), |n| bytes_text(&buf[..n]));
        format!("{}, {shown}, {}", fd.as_raw_fd(), buf.len())
    });
    result
}

/// `ssize_t write(int fd, const void *buf, size_t count);`
///
/// Writes bytes, and returns how many were written.
///
/// | errno | when |
/// | --- | --- |
/// | `EAGAIN` | a pipe is full, and `O_NONBLOCK` is set |
/// | `EBADF` | not open for writing |
/// | `EINTR` | a signal handler ran that was installed without `SA_RESTART` |
/// | `ENOSPC` | the file system is full |
/// | `EPIPE` | no reading end is open (`SIGPIPE` comes first, but Rust ignores it) |
///
/// Manual page: [write(2)](https://man7.org/linux/man-pages/man2/write.2.html).
pub fn write(fd: impl AsFd, buf: &[u8]) -> Result<usize> {
    const WAIT: &Wait = &Wait { call: "write", until: "there is room, or the last reading end is closed" };
    let fd = fd.as_fd();
    let result = may_wait(WAIT, || nix::unistd::write(fd, buf));
    report("write", &result, || format!("{}, {}, {}", fd.as_raw_fd(), bytes_text(buf), buf.len()));
    result
}

/// `int unlink(const char *pathname);`
///
/// Removes a name of a file at once. The file is deleted when it has neither a name nor another reference.
/// glibc's `shm_unlink` and `sem_unlink` call this for a file in /dev/shm.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | no write permission on the directory, or no search permission on a directory of the path |
/// | `EISDIR` | it is a directory |
/// | `ENAMETOOLONG` | the path, or a component of it, is too long |
/// | `ENOENT` | the file does not exist |
/// | `ENOTDIR` | a component of the path is not a directory |
/// | `EPERM` | the directory is sticky, and the caller owns neither it nor the file and has no `CAP_FOWNER` |
/// | `EROFS` | the file system is read-only |
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

/// `int link(const char *oldpath, const char *newpath);`
///
/// Gives the file an additional name, a hard link.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | no write permission on the directory of `newpath`, or no search permission on a directory of a path |
/// | `EEXIST` | `newpath` already exists |
/// | `ENOENT` | the file or the directory does not exist |
/// | `ENOTDIR` | a component of a path is not a directory |
/// | `EPERM` | `oldpath` is a directory, or a file to which the caller may make no link (`fs.protected_hardlinks`) |
/// | `EROFS` | the file system is read-only |
/// | `EXDEV` | the two paths are not on the same file system |
///
/// Manual page: [link(2)](https://man7.org/linux/man-pages/man2/link.2.html).
pub fn link(oldpath: &CStr, newpath: &CStr) -> Result<()> {
    let creating = call::creating();
    // SAFETY: both paths end in a NUL.
    let result = check(unsafe { libc::link(oldpath.as_ptr(), newpath.as_ptr()) }).map(drop);
    if result.is_ok() {
        creating.created(Object::File(newpath));
    }
    report("link", &result, || format!("{}, {}", name_text(oldpath), name_text(newpath)));
    result
}

/// `int fchown(int fd, uid_t owner, gid_t group);`
///
/// Changes the owner of the descriptor's object, and the group unless it is `None` (-1 in C).
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | the user namespace has no such user or group |
/// | `EPERM` | without `CAP_CHOWN`: the owner would change, or the caller is not in the new group |
/// | `EROFS` | the file system is read-only |
///
/// Manual page: [fchown(2)](https://man7.org/linux/man-pages/man2/chown.2.html).
pub fn fchown(fd: impl AsFd, owner: uid_t, group: Option<gid_t>) -> Result<()> {
    let fd = fd.as_fd();
    let result = nix::unistd::fchown(fd, Some(Uid::from_raw(owner)), group.map(Gid::from_raw));
    report("fchown", &result, || format!("{}, {owner}, {}", fd.as_raw_fd(), id_text(group)));
    result
}

/// `int setresuid(uid_t ruid, uid_t euid, uid_t suid);`
///
/// Sets the real, effective and saved user id. The filesystem id becomes the
/// effective one. Without `CAP_SETUID`, each new id must be one of the three old ones.
///
/// | errno | when |
/// | --- | --- |
/// | `EAGAIN` | not enough memory for the change |
/// | `EINVAL` | the user namespace has no such user |
/// | `EPERM` | the process does not have one of the ids, and has no `CAP_SETUID` |
///
/// Manual page: [setresuid(2)](https://man7.org/linux/man-pages/man2/setresuid.2.html).
pub fn setresuid(ruid: Option<uid_t>, euid: Option<uid_t>, suid: Option<uid_t>) -> Result<()> {
    let id = |id: Option<uid_t>| Uid::from_raw(id.unwrap_or(uid_t::MAX));
    let result = nix::unistd::setresuid(id(ruid), id(euid), id(suid));
    report("setresuid", &result, || [ruid, euid, suid].map(id_text).join(", "));
    result
}

/// `int setresgid(gid_t rgid, gid_t egid, gid_t sgid);`
///
/// Does the same as [`setresuid`] for group ids. The capability is `CAP_SETGID`.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | the user namespace has no such group |
/// | `EPERM` | the process does not have one of the ids, and has no `CAP_SETGID` |
///
/// Manual page: [setresgid(2)](https://man7.org/linux/man-pages/man2/setresgid.2.html).
pub fn setresgid(rgid: Option<gid_t>, egid: Option<gid_t>, sgid: Option<gid_t>) -> Result<()> {
    let id = |id: Option<gid_t>| Gid::from_raw(id.unwrap_or(gid_t::MAX));
    let result = nix::unistd::setresgid(id(rgid), id(egid), id(sgid));
    report("setresgid", &result, || [rgid, egid, sgid].map(id_text).join(", "));
    result
}

/// `int execve(const char *pathname, char *const argv[], char *const envp[]);`
///
/// Executes the program in the file, with its name as the only argument and an empty environment.
/// Returns only if it fails. (After `ENOEXEC`, `execvp(3)` would run the file as a shell script.)
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | no execute permission (root needs at least one execute bit); or the file system is mounted noexec |
/// | `ENAMETOOLONG` | the path, or a component of it, is too long |
/// | `ENOENT` | the file does not exist |
/// | `ENOEXEC` | the file is executable, but it is not a program |
/// | `ENOTDIR` | a component of the path before the last is not a directory |
/// | `ETXTBSY` | a process has the file open for writing |
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

/// `int execv(const char *pathname, char *const argv[]);`
///
/// Replaces the program of this process. Returns only if it fails, like [`execve`].
/// If it succeeds, this program can report nothing any more, so the call is announced before it is made.
/// (`execvp` would hide `ENOEXEC`, since it runs a shell then.)
///
/// Manual page: [exec(3)](https://man7.org/linux/man-pages/man3/exec.3.html).
pub fn execv(pathname: &CStr, argv: &[&CStr]) -> Result<()> {
    let words: Vec<String> = argv.iter().map(|word| format!("{word:?}")).collect();
    let arguments = || format!("{pathname:?}, [{}]", words.join(", "));
    announce("execv", arguments);
    let mut pointers: Vec<*const c_char> = argv.iter().map(|word| word.as_ptr()).collect();
    pointers.push(ptr::null());
    // SAFETY: the strings end in NULs, and the array in a null pointer.
    unsafe { libc::execv(pathname.as_ptr(), pointers.as_ptr()) };
    let result = Err(Errno::last());
    report("execv", &result, arguments);
    result
}

/// `void _exit(int status);`
///
/// Ends the process immediately. No function of `atexit` runs, and no buffer is flushed.
/// Manual page: [_exit(2)](https://man7.org/linux/man-pages/man2/_exit.2.html).
pub fn _exit(status: i32) -> ! {
    // SAFETY: the call takes a number, and ends the process.
    unsafe { libc::_exit(status) }
}

/// `long sysconf(int name);`
///
/// Returns a limit or an option of the system, such as `_SC_MQ_PRIO_MAX`. Here `name` must be one that has
/// a value.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | there is no such name |
///
/// Manual page: [sysconf(3)](https://man7.org/linux/man-pages/man3/sysconf.3.html).
pub fn sysconf(name: c_int) -> Result<c_long> {
    // SAFETY: the call takes an integer only.
    let result = check(unsafe { libc::sysconf(name) });
    report("sysconf", &result, || match name {
        libc::_SC_MQ_PRIO_MAX => "_SC_MQ_PRIO_MAX".into(),
        other => other.to_string(),
    });
    result
}

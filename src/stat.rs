//! `<sys/stat.h>`: an object's mode and owner, and the umask for new modes.
//!
//! # Differences from the C API
//!
//! - [`fstat`] and [`stat`] return only the fields of `struct stat` for permissions,
//!   for the identity of the file, and for its size.

use crate::call::{Result, Returned, name_text, report};
use libc::{dev_t, gid_t, ino_t, mode_t, nlink_t, off_t, uid_t};
use nix::sys::stat::{self as nix_stat, FileStat, Mode};
use std::ffi::CStr;
use std::os::fd::{AsFd, AsRawFd};

/// The fields of `struct stat` for permissions and for the identity of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// `st_mode`: the type of file, and its mode.
    pub st_mode: mode_t,
    /// The owner.
    pub st_uid: uid_t,
    /// The group.
    pub st_gid: gid_t,
    /// The device that contains the file.
    pub st_dev: dev_t,
    /// The file's inode number on this device.
    pub st_ino: ino_t,
    /// The number of its names.
    pub st_nlink: nlink_t,
    /// The size in bytes. For a queue it says nothing about the messages.
    pub st_size: off_t,
}

impl Stat {
    /// Returns `st_mode` without the type of file, in octal: `0640`.
    #[must_use]
    pub fn mode(&self) -> String {
        octal(self.st_mode & 0o7777)
    }

    fn text(self) -> String {
        let kind = match self.st_mode & libc::S_IFMT {
            libc::S_IFREG => "S_IFREG".to_string(),
            libc::S_IFDIR => "S_IFDIR".to_string(),
            other => format!("{other:#o}"),
        };
        let (mode, uid, gid) = (self.mode(), self.st_uid, self.st_gid);
        format!("{{st_mode={kind}|{mode}, st_uid={uid}, st_gid={gid}, ...}}")
    }
}

impl From<FileStat> for Stat {
    fn from(stat: FileStat) -> Self {
        Stat {
            st_mode: stat.st_mode,
            st_uid: stat.st_uid,
            st_gid: stat.st_gid,
            st_dev: stat.st_dev,
            st_ino: stat.st_ino,
            st_nlink: stat.st_nlink,
            st_size: stat.st_size,
        }
    }
}

impl Returned for Stat {
    fn shown(&self) -> String {
        "0".into()
    }
}

/// Returns a mode as C writes it: `0640`.
#[must_use]
pub fn octal(mode: mode_t) -> String {
    format!("{mode:04o}")
}

/// Parses a mode of nine bits, such as `0640`, as a value parser for clap.
pub fn an_octal(text: &str) -> std::result::Result<String, String> {
    match mode_t::from_str_radix(text, 8) {
        Ok(mode) if mode <= 0o777 && !text.starts_with('+') => Ok(octal(mode)),
        _ => Err("a mode is an octal number from 0 to 0777, such as 0640".into()),
    }
}

struct Mask(mode_t);

impl Returned for Mask {
    fn shown(&self) -> String {
        octal(self.0)
    }
}

/// `mode_t umask(mode_t mask);`
///
/// Sets the umask: the bits that are cleared in the modes of new files and POSIX objects of this process.
/// Returns the previous umask. Bits other than the nine permission bits
/// are ignored. The call cannot fail.
///
/// Manual page: [umask(2)](https://man7.org/linux/man-pages/man2/umask.2.html).
#[allow(clippy::must_use_candidate)] // most callers do not need the previous umask
pub fn umask(mask: mode_t) -> mode_t {
    let before = nix_stat::umask(Mode::from_bits_retain(mask)).bits();
    report("umask", &Ok(Mask(before)), || octal(mask));
    before
}

/// `int fchmod(int fd, mode_t mode);`
///
/// Sets the mode. The umask does not apply.
///
/// | errno | when |
/// | --- | --- |
/// | `EPERM` | the caller is not the owner, and has no `CAP_FOWNER` |
/// | `EROFS` | the file system is read-only |
///
/// Manual page: [fchmod(2)](https://man7.org/linux/man-pages/man2/chmod.2.html).
pub fn fchmod(fd: impl AsFd, mode: mode_t) -> Result<()> {
    let fd = fd.as_fd();
    let result = nix_stat::fchmod(fd, Mode::from_bits_retain(mode));
    report("fchmod", &result, || format!("{}, {}", fd.as_raw_fd(), octal(mode)));
    result
}

/// `int fstat(int fd, struct stat *statbuf);`
///
/// Returns facts about the object of a descriptor. On Linux, a descriptor of a queue is a file
/// descriptor too.
///
/// | errno | when |
/// | --- | --- |
/// | `EBADF` | not an open descriptor; cannot happen to an owned one |
/// | `ENOMEM` | not enough memory |
///
/// Manual page: [fstat(2)](https://man7.org/linux/man-pages/man2/stat.2.html).
pub fn fstat(fd: impl AsFd) -> Result<Stat> {
    let fd = fd.as_fd();
    let result = nix_stat::fstat(fd).map(Stat::from);
    report("fstat", &result, || {
        format!("{}, {}", fd.as_raw_fd(), result.map_or("statbuf".into(), Stat::text))
    });
    result
}

/// `int stat(const char *path, struct stat *statbuf);`
///
/// Returns facts about a file, by its path. This is the only way for a semaphore, which has
/// no descriptor. The call needs no permission on the file itself.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | a directory of the path cannot be searched |
/// | `ENAMETOOLONG` | the path, or a component of it, is too long |
/// | `ENOENT` | the file does not exist |
/// | `ENOMEM` | not enough memory |
/// | `ENOTDIR` | a component of the path before the last is not a directory |
///
/// Manual page: [stat(2)](https://man7.org/linux/man-pages/man2/stat.2.html).
pub fn stat(path: &CStr) -> Result<Stat> {
    let result = nix_stat::stat(path).map(Stat::from);
    report("stat", &result, || {
        format!("{}, {}", name_text(path), result.map_or("statbuf".into(), Stat::text))
    });
    result
}

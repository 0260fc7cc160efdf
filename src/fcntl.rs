//! `<fcntl.h>`: regular files, which lessons set beside IPC objects.

use crate::call::{self, Object, Result, check, name_text, oflag_text, report};
use std::ffi::CStr;
use std::os::fd::{FromRawFd, OwnedFd};

/// `int open(const char *pathname, int flags, mode_t mode);`
///
/// Opens a file; with `O_CREAT` creates it if it does not exist. The descriptor
/// is closed by `exec`: the wrapper adds `O_CLOEXEC`, as the IPC calls do.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | the mode bits of the file or of a directory refuse |
/// | `EEXIST` | `O_CREAT` and `O_EXCL`, and there is a file |
/// | `EISDIR` | a directory, and not `O_RDONLY` |
/// | `EMFILE` | `RLIMIT_NOFILE` |
/// | `ENAMETOOLONG` | a part of the path has more than 255 bytes |
/// | `ENOENT` | no such file, and no `O_CREAT`; or no such directory |
/// | `ENOTDIR` | a part of the path is no directory |
///
/// Manual page: [open(2)](https://man7.org/linux/man-pages/man2/open.2.html).
#[allow(unsafe_code)]
pub fn open(pathname: &CStr, flags: i32, mode: libc::mode_t) -> Result<OwnedFd> {
    let creating = call::creating();
    let flags = flags | libc::O_CLOEXEC;
    // SAFETY: the path ends in a NUL.
    let fd = check(unsafe { libc::open(pathname.as_ptr(), flags, mode) });
    // SAFETY: the call has just made this descriptor.
    let result = fd.map(|fd| unsafe { OwnedFd::from_raw_fd(fd) });
    if result.is_ok() && call::surely_created(flags) {
        creating.created(Object::File(pathname));
    }
    report("open", &result, || {
        let opening = format!("{}, {}", name_text(pathname), oflag_text(flags));
        if flags & libc::O_CREAT == 0 { opening } else { format!("{opening}, {mode:04o}") }
    });
    result
}

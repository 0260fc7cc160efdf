//! `<stdio.h>`: only `rename`, which gives a file another path.
#![allow(unsafe_code)]

use crate::call::{self, Object, Result, check, name_text, report};
use std::ffi::CStr;

/// `int rename(const char *oldpath, const char *newpath);`
///
/// Gives the file another path, in one step. A file that had this path loses it.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | no write permission on a directory, or no search permission on a directory of the path |
/// | `EISDIR` | `newpath` is a directory, and `oldpath` is not |
/// | `ENOENT` | the file or the directory does not exist |
/// | `ENOTDIR` | a component of a path is not a directory |
/// | `EPERM` | a directory is sticky, and the caller owns neither it nor the file |
/// | `EROFS` | the file system is read-only |
/// | `EXDEV` | the two paths are not on the same file system |
///
/// Manual page: [rename(2)](https://man7.org/linux/man-pages/man2/rename.2.html).
pub fn rename(oldpath: &CStr, newpath: &CStr) -> Result<()> {
    let creating = call::creating();
    // SAFETY: both paths end in a NUL.
    let result = check(unsafe { libc::rename(oldpath.as_ptr(), newpath.as_ptr()) }).map(drop);
    if result.is_ok() {
        creating.created(Object::File(newpath));
        call::removed(Object::File(oldpath));
    }
    report("rename", &result, || format!("{}, {}", name_text(oldpath), name_text(newpath)));
    result
}

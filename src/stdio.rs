//! `<stdio.h>`: of all its functions the one that gives a file another path.
#![allow(unsafe_code)]

use crate::call::{self, Object, Result, check, name_text, report};
use std::ffi::CStr;

/// `int rename(const char *oldpath, const char *newpath);`
///
/// Gives the file another path, in one step; what had that path before loses it.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | no write permission for a directory, or no search permission on the way |
/// | `EISDIR` | `newpath` is a directory, and `oldpath` is none |
/// | `ENOENT` | no such file, or no such directory |
/// | `ENOTDIR` | a part of a path is no directory |
/// | `EPERM` | a directory is sticky, and neither it nor the file is the caller's |
/// | `EROFS` | the file system is read-only |
/// | `EXDEV` | the two are not on the same file system |
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

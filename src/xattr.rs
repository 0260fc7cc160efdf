//! `<sys/xattr.h>`: the extended attribute `system.posix_acl_access`, in which Linux stores an
//! access control list.
//!
//! # Differences from the C API
//!
//! - There is only this one attribute, as an [`Acl`]. The C library has no functions for access control
//!   lists. libacl and setfacl(1) set the same attribute, but they may not be installed.
#![allow(unsafe_code)]

use crate::call::{Result, check, name_text, report};
use libc::mode_t;
use std::ffi::CStr;
use std::os::fd::{AsFd, AsRawFd};

const POSIX_ACL_ACCESS: &CStr = c"system.posix_acl_access";

/// An access control list with one named user: the three classes of the mode, the
/// named user, and the mask. Each permission is `rwx` as one octal digit.
#[derive(Clone, Copy, Debug)]
pub struct Acl {
    /// `user::`, the owner.
    pub user_obj: mode_t,
    /// `user:UID:`, the named user.
    pub user: (libc::uid_t, mode_t),
    /// `group::`, the owning group.
    pub group_obj: mode_t,
    /// `mask::`, the maximum permissions of named users and of all groups.
    pub mask: mode_t,
    /// `other::`, everybody else.
    pub other: mode_t,
}

impl Acl {
    /// Returns the list in the layout of <linux/posix_acl_xattr.h>: a version, then for each entry
    /// a tag, the permission and an id, all little-endian.
    fn bytes(self) -> Vec<u8> {
        const VERSION: u32 = 2;
        const NO_ID: u32 = u32::MAX;
        let (uid, named) = self.user;
        let entries = [
            (0x01, self.user_obj, NO_ID),
            (0x02, named, uid),
            (0x04, self.group_obj, NO_ID),
            (0x10, self.mask, NO_ID),
            (0x20, self.other, NO_ID),
        ];
        let mut bytes = VERSION.to_le_bytes().to_vec();
        for (tag, permission, id) in entries {
            let permission = u16::try_from(permission & 7).unwrap_or(0);
            bytes.extend(u16::to_le_bytes(tag));
            bytes.extend(permission.to_le_bytes());
            bytes.extend(id.to_le_bytes());
        }
        bytes
    }

    /// Returns the list in the short form of getfacl(1).
    fn text(self) -> String {
        let rwx = |permission: mode_t| {
            [(4, 'r'), (2, 'w'), (1, 'x')]
                .map(|(bit, letter)| if permission & bit == 0 { '-' } else { letter })
        };
        let word = |permission| rwx(permission).iter().collect::<String>();
        let (uid, named) = self.user;
        format!(
            "u::{},u:{uid}:{},g::{},m::{},o::{}",
            word(self.user_obj),
            word(named),
            word(self.group_obj),
            word(self.mask),
            word(self.other)
        )
    }
}

/// `int fsetxattr(int fd, const char *name, const void *value, size_t size, int flags);`
///
/// Sets the access control list of the descriptor's object.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | the list names a user that does not exist in the user namespace |
/// | `ENOSPC` | there is no room for the list |
/// | `EOPNOTSUPP` | the file system has no access control lists |
/// | `EPERM` | the caller is not the owner, and has no `CAP_FOWNER` |
/// | `EROFS` | the file system is read-only |
///
/// Manual page: [fsetxattr(2)](https://man7.org/linux/man-pages/man2/setxattr.2.html).
pub fn fsetxattr(fd: impl AsFd, acl: &Acl) -> Result<()> {
    let (fd, bytes) = (fd.as_fd(), acl.bytes());
    // SAFETY: the name ends in a NUL, and the call reads exactly the bytes of the vector.
    let set = unsafe {
        libc::fsetxattr(fd.as_raw_fd(), POSIX_ACL_ACCESS.as_ptr(), bytes.as_ptr().cast(), bytes.len(), 0)
    };
    let result = check(set).map(drop);
    report("fsetxattr", &result, || {
        format!("{}, {}, {}", fd.as_raw_fd(), name_text(POSIX_ACL_ACCESS), acl.text())
    });
    result
}

/// `int setxattr(const char *path, const char *name, const void *value, size_t size, int flags);`
///
/// Does the same as [`fsetxattr`] by path, for a semaphore, which has no descriptor.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | the list names a user that does not exist in the user namespace |
/// | `ENOENT` | the file does not exist |
/// | `ENOSPC` | there is no room for the list |
/// | `EOPNOTSUPP` | the file system has no access control lists |
/// | `EPERM` | the caller is not the owner, and has no `CAP_FOWNER` |
/// | `EROFS` | the file system is read-only |
///
/// Manual page: [setxattr(2)](https://man7.org/linux/man-pages/man2/setxattr.2.html).
pub fn setxattr(path: &CStr, acl: &Acl) -> Result<()> {
    let bytes = acl.bytes();
    // SAFETY: path and name end in NULs, and the call reads exactly the bytes of the vector.
    let set = unsafe {
        libc::setxattr(path.as_ptr(), POSIX_ACL_ACCESS.as_ptr(), bytes.as_ptr().cast(), bytes.len(), 0)
    };
    let result = check(set).map(drop);
    report("setxattr", &result, || {
        format!("{}, {}, {}", name_text(path), name_text(POSIX_ACL_ACCESS), acl.text())
    });
    result
}

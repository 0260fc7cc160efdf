//! `<grp.h>` and `<sys/fsuid.h>`: who a process is. Its other ids are set by
//! [`unistd`](crate::unistd).
//!
//! # Differences from the C API
//!
//! - [`setfsuid`] and [`setfsgid`] return the id from before, as in C; whether it took, only a
//!   second call tells.

use crate::call::{Result, report};
use libc::{gid_t, uid_t};
use nix::unistd::{Gid, Uid};

/// `int setgroups(size_t size, const gid_t *list);`
///
/// Sets the supplementary groups.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | a group that the user namespace does not have |
/// | `EPERM` | no `CAP_SETGID`, or the user namespace denies it |
///
/// Manual page: [setgroups(2)](https://man7.org/linux/man-pages/man2/setgroups.2.html).
pub fn setgroups(list: &[gid_t]) -> Result<()> {
    let groups: Vec<Gid> = list.iter().copied().map(Gid::from_raw).collect();
    let result = nix::unistd::setgroups(&groups);
    report("setgroups", &result, || format!("{}, {list:?}", list.len()));
    result
}

/// `int setfsuid(uid_t fsuid);`
///
/// Sets the id that file systems ask for. Returns the one from before, whether it
/// changed or not: without `CAP_SETUID` it may only be the real, effective, saved
/// or present filesystem id.
///
/// Manual page: [setfsuid(2)](https://man7.org/linux/man-pages/man2/setfsuid.2.html).
#[allow(clippy::must_use_candidate)] // C callers ignore it too, for it does not say whether the call took
pub fn setfsuid(fsuid: uid_t) -> uid_t {
    let before = nix::unistd::setfsuid(Uid::from_raw(fsuid)).as_raw();
    report("setfsuid", &Ok(Before(before)), || fsuid.to_string());
    before
}

/// `int setfsgid(gid_t fsgid);`
///
/// As [`setfsuid`], for the group; what it takes is `CAP_SETGID`.
///
/// Manual page: [setfsgid(2)](https://man7.org/linux/man-pages/man2/setfsgid.2.html).
#[allow(clippy::must_use_candidate)] // as above
pub fn setfsgid(fsgid: gid_t) -> gid_t {
    let before = nix::unistd::setfsgid(Gid::from_raw(fsgid)).as_raw();
    report("setfsgid", &Ok(Before(before)), || fsgid.to_string());
    before
}

struct Before(u32);

impl crate::call::Returned for Before {
    fn shown(&self) -> String {
        self.0.to_string()
    }
}

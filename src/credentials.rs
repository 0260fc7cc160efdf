//! `<grp.h>` and `<sys/fsuid.h>`: supplementary groups and filesystem ids. [`unistd`](crate::unistd) sets
//! the other ids of a process.
//!
//! # Differences from the C API
//!
//! - [`setfsuid`] and [`setfsgid`] return the previous id, as in C. Only a second call shows whether the
//!   first one succeeded.

use crate::call::{Result, report};
use libc::{gid_t, uid_t};
use nix::unistd::{Gid, Uid};

/// `int setgroups(size_t size, const gid_t *list);`
///
/// Sets the supplementary groups.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | the user namespace has no such group |
/// | `EPERM` | the caller has no `CAP_SETGID`, or the user namespace forbids the call |
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
/// Sets the user id for permission checks on files. Returns the previous one, even if nothing
/// changed: without `CAP_SETUID` the new id must be the real, effective, saved
/// or current filesystem id.
///
/// Manual page: [setfsuid(2)](https://man7.org/linux/man-pages/man2/setfsuid.2.html).
#[allow(clippy::must_use_candidate)] // C programs ignore it too: it does not tell success from failure
pub fn setfsuid(fsuid: uid_t) -> uid_t {
    let before = nix::unistd::setfsuid(Uid::from_raw(fsuid)).as_raw();
    report("setfsuid", &Ok(Before(before)), || fsuid.to_string());
    before
}

/// `int setfsgid(gid_t fsgid);`
///
/// Does the same as [`setfsuid`] for the group id. The capability is `CAP_SETGID`.
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

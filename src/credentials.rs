//! `<unistd.h>`, `<grp.h>` and `<sys/fsuid.h>`: who a process is.
//!
//! # Differences from the C API
//!
//! - An id of `None` is C's -1: leave it as it is.
//! - [`setfsuid`] returns the id from before, as in C; whether it took, only a
//!   second call tells.

use crate::call::{Result, report};
use libc::{gid_t, uid_t};
use nix::unistd::{Gid, Uid};

fn id_text(id: Option<u32>) -> String {
    id.map_or("-1".into(), |id| id.to_string())
}

/// `int setresuid(uid_t ruid, uid_t euid, uid_t suid);`
///
/// Sets the real, effective and saved user id; the filesystem id follows the
/// effective one. Unless it has `CAP_SETUID`, a process may only permute what it has.
///
/// | errno | when |
/// | --- | --- |
/// | `EAGAIN` | no memory for the change |
/// | `EINVAL` | the user namespace has no such user |
/// | `EPERM` | an id that the process does not have, and no `CAP_SETUID` |
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
/// As [`setresuid`], for groups, with `CAP_SETGID`.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | the user namespace has no such group |
/// | `EPERM` | an id that the process does not have, and no `CAP_SETGID` |
///
/// Manual page: [setresgid(2)](https://man7.org/linux/man-pages/man2/setresgid.2.html).
pub fn setresgid(rgid: Option<gid_t>, egid: Option<gid_t>, sgid: Option<gid_t>) -> Result<()> {
    let id = |id: Option<gid_t>| Gid::from_raw(id.unwrap_or(gid_t::MAX));
    let result = nix::unistd::setresgid(id(rgid), id(egid), id(sgid));
    report("setresgid", &result, || [rgid, egid, sgid].map(id_text).join(", "));
    result
}

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

struct Before(uid_t);

impl crate::call::Returned for Before {
    fn shown(&self) -> String {
        self.0.to_string()
    }
}

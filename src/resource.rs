//! `<sys/resource.h>`: the resource limits and the nice value of a process.
#![allow(unsafe_code)]

use crate::call::{Result, check, report};
use nix::sys::resource::{Resource, getrlimit, rlim_t};
use std::ffi::c_int;

/// `int setrlimit(int resource, const struct rlimit *rlim);`
///
/// Sets the soft limit, up to the hard limit, which does not change.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | the soft limit would exceed the hard one |
///
/// Manual page: [setrlimit(2)](https://man7.org/linux/man-pages/man2/setrlimit.2.html).
pub fn setrlimit(resource: Resource, rlim_cur: rlim_t) -> Result<()> {
    let result =
        getrlimit(resource).and_then(|(_, hard)| nix::sys::resource::setrlimit(resource, rlim_cur, hard));
    report("setrlimit", &result, || format!("{resource:?}, {{rlim_cur={rlim_cur}}}"));
    result
}

/// `int setpriority(int which, id_t who, int prio);`
///
/// Sets the nice value of a process: `which` is `PRIO_PROCESS`. On Linux, `who` is a thread, and a process
/// is the first of its threads. A value above 19 becomes 19, the one with the least processor time.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | the value is lower than before, and the caller has neither `CAP_SYS_NICE` nor the `RLIMIT_NICE` for it |
/// | `EPERM` | the process belongs to another user |
/// | `ESRCH` | there is no such process |
///
/// Manual page: [setpriority(2)](https://man7.org/linux/man-pages/man2/setpriority.2.html).
pub fn setpriority(who: i32, prio: c_int) -> Result<()> {
    // SAFETY: the call takes integers only.
    let result = check(unsafe { libc::setpriority(libc::PRIO_PROCESS, who.cast_unsigned(), prio) }).map(drop);
    report("setpriority", &result, || format!("PRIO_PROCESS, {who}, {prio}"));
    result
}

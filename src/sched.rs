//! `<sched.h>`: namespaces of one's own.

use crate::call::{Result, flags_text, report};
use nix::sched::CloneFlags;
use std::ffi::c_int;

/// `int unshare(int flags);`
///
/// Moves this process into namespaces of its own. With `CLONE_NEWIPC` it sees new
/// queues and System V objects, none at first. They go with the last process inside; a
/// queue may stay a while longer, open in a process that has moved on.
///
/// | errno | when |
/// | --- | --- |
/// | `ENOMEM` | no memory |
/// | `ENOSPC` | the limit of namespaces, `user.max_ipc_namespaces`, is reached |
/// | `EPERM` | no `CAP_SYS_ADMIN` |
///
/// Manual page: [unshare(2)](https://man7.org/linux/man-pages/man2/unshare.2.html).
pub fn unshare(flags: c_int) -> Result<()> {
    let result = nix::sched::unshare(CloneFlags::from_bits_retain(flags));
    report("unshare", &result, || {
        flags_text(
            flags,
            String::new(),
            &[(libc::CLONE_NEWIPC, "CLONE_NEWIPC"), (libc::CLONE_NEWUSER, "CLONE_NEWUSER")],
        )
    });
    result
}

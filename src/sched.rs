//! `<sched.h>`: new namespaces for a process.

use crate::call::{Result, flags_text, report};
use nix::sched::CloneFlags;
use std::ffi::c_int;

/// `int unshare(int flags);`
///
/// Moves this process into new namespaces. With `CLONE_NEWIPC` it is in an IPC namespace that has no
/// queues and System V objects yet. They are destroyed after the last process has left; a
/// queue may stay longer, if a process that has left the namespace has it open.
///
/// | errno | when |
/// | --- | --- |
/// | `ENOMEM` | not enough memory |
/// | `ENOSPC` | the limit of namespaces, `user.max_ipc_namespaces`, is reached |
/// | `EPERM` | the caller has no `CAP_SYS_ADMIN` |
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

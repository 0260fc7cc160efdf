//! `<sched.h>`: new namespaces for a process, and existing ones.

use crate::call::{Result, flags_text, report};
use nix::sched::CloneFlags;
use std::ffi::c_int;
use std::os::fd::{AsFd, AsRawFd};

/// Returns the names of namespaces: `CLONE_NEWIPC|CLONE_NEWUSER`.
fn namespaces_text(flags: c_int) -> String {
    flags_text(
        flags,
        String::new(),
        &[
            (libc::CLONE_NEWIPC, "CLONE_NEWIPC"),
            (libc::CLONE_NEWUSER, "CLONE_NEWUSER"),
            (libc::CLONE_NEWNS, "CLONE_NEWNS"),
            (libc::CLONE_NEWTIME, "CLONE_NEWTIME"),
        ],
    )
}

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
    report("unshare", &result, || namespaces_text(flags));
    result
}

/// `int setns(int fd, int nstype);`
///
/// Moves this process into an existing namespace. `fd` is an open file such as `/proc/PID/ns/ipc`. If
/// `nstype` is not 0, the namespace must be of this kind. Descriptors and mappings of the old namespace
/// continue to work.
///
/// | errno | when |
/// | --- | --- |
/// | `EBADF` | not an open descriptor; cannot happen here |
/// | `EINVAL` | not a file of a namespace, or one of another kind than `nstype`; or it is the user namespace of this process |
/// | `ENOMEM` | not enough memory |
/// | `EPERM` | the caller lacks `CAP_SYS_ADMIN`, in its own user namespace or in the one that owns the target |
///
/// Manual page: [setns(2)](https://man7.org/linux/man-pages/man2/setns.2.html).
pub fn setns(fd: impl AsFd, nstype: c_int) -> Result<()> {
    let fd = fd.as_fd();
    let result = nix::sched::setns(fd, CloneFlags::from_bits_retain(nstype));
    report("setns", &result, || format!("{}, {}", fd.as_raw_fd(), namespaces_text(nstype)));
    result
}

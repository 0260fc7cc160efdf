//! A PID namespace, and its init process.

use super::refused::{Refused, refused};
use crate::call::{Errno, Result};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use std::ffi::CStr;

/// Continues in a grandchild, in a new PID namespace. The child between them is a small
/// init, because process 1 ignores all signals without a handler, and must reap orphans.
/// The init calls `give_up` too, since a process may not look into one that has more capabilities.
pub(super) fn enter_process_namespace(
    give_up: impl FnOnce() -> std::result::Result<(), Refused>,
) -> std::result::Result<(), Refused> {
    unshare(CloneFlags::CLONE_NEWPID).map_err(refused("unshare(CLONE_NEWPID)"))?;
    if fork_and_wait().map_err(refused("fork"))? {
        // This is process 1.
        let none: Option<&CStr> = None;
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
        mount(Some(c"proc"), c"/proc", Some(c"proc"), flags, none).map_err(refused("mount proc on /proc"))?;
        give_up()?;
        fork_and_wait().map_err(refused("fork"))?;
    }
    Ok(())
}

/// Forks, and returns true in the child. The parent waits for the child, and ends with its exit code.
fn fork_and_wait() -> Result<bool> {
    // SAFETY: both processes make system calls only.
    let child = Errno::result(unsafe { libc::fork() })?;
    // SAFETY: plain calls. The parent closes its descriptors, so that a reader of a
    // pipe does not wait for this process to close it.
    unsafe {
        // If the parent is killed, this process must not stay behind.
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        if child == 0 {
            return Ok(true);
        }
        libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0);
        loop {
            let mut status = 0;
            let ended = libc::wait(&raw mut status);
            if ended == child {
                let code = if libc::WIFEXITED(status) {
                    libc::WEXITSTATUS(status)
                } else {
                    128 + libc::WTERMSIG(status)
                };
                libc::_exit(code);
            }
            if ended == -1 && Errno::last() != Errno::EINTR {
                libc::_exit(125);
            }
        }
    }
}

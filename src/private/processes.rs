//! A PID namespace, and the init in it.

use super::refused::{Refused, refused};
use crate::call::{Errno, Result};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use std::ffi::CStr;

/// Goes on as a grandchild in a new PID namespace. Between them stands a small
/// init: process 1 ignores every signal it has no handler for, and has to reap orphans.
/// It calls `give_up`, since a process may not look into one that has capabilities which it lacks.
pub(super) fn enter_process_namespace(
    give_up: impl FnOnce() -> std::result::Result<(), Refused>,
) -> std::result::Result<(), Refused> {
    unshare(CloneFlags::CLONE_NEWPID).map_err(refused("unshare(CLONE_NEWPID)"))?;
    if fork_and_wait().map_err(refused("fork"))? {
        // Here is process 1.
        let none: Option<&CStr> = None;
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
        mount(Some(c"proc"), c"/proc", Some(c"proc"), flags, none).map_err(refused("mount proc on /proc"))?;
        give_up()?;
        fork_and_wait().map_err(refused("fork"))?;
    }
    Ok(())
}

/// Returns in the child, with true. The parent waits for it, and ends as it did.
fn fork_and_wait() -> Result<bool> {
    // SAFETY: both processes make system calls only.
    let child = Errno::result(unsafe { libc::fork() })?;
    // SAFETY: plain calls; the parent closes what it does not use, so that whoever
    // waits for the end of a pipe does not wait for this process.
    unsafe {
        // The process that waits for this one must not leave it behind.
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

//! A copy of this process, made with `fork`, that does something by itself: as another user,
//! until it is killed, or to be gone afterwards.

use crate::user::NOBODY;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, alarm, fork, setgroups, setresgid, setresuid};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// After so many seconds a copy is ended that nobody ends.
const LIMIT: u32 = 60;

/// The exit code of a copy that panicked; no errno is as great.
const PANICKED: i32 = 255;

/// A copy of this process. One that is dropped is killed.
#[derive(Debug)]
pub struct Forked(Pid);

impl Forked {
    /// Starts a copy, which does this and ends.
    pub fn start<T>(body: impl FnOnce() -> nix::Result<T>) -> Forked {
        // SAFETY: a test that forks runs alone in its process, so no other thread holds a lock;
        // the copy ends in `run_and_exit`.
        match unsafe { fork() }.expect("fork") {
            ForkResult::Parent { child } => Forked(child),
            ForkResult::Child => run_and_exit(body),
        }
    }

    pub fn pid(&self) -> i32 {
        self.0.as_raw()
    }

    /// Waits for its end.
    pub fn end(self) -> WaitStatus {
        let status = waitpid(self.0, None).expect("a child");
        std::mem::forget(self); // it is waited for already
        status
    }

    /// What it came to, if it ended by itself.
    pub fn result(self) -> nix::Result<()> {
        match self.end() {
            WaitStatus::Exited(_, 0) => Ok(()),
            WaitStatus::Exited(_, PANICKED) => panic!("the child panicked, as printed above"),
            WaitStatus::Exited(_, errno) => Err(Errno::from_raw(errno)),
            other => panic!("the child ended by {other:?}"),
        }
    }
}

impl Drop for Forked {
    fn drop(&mut self) {
        let _ = kill(self.0, Signal::SIGKILL);
        let _ = waitpid(self.0, None);
    }
}

/// In the copy: the errno becomes the exit code. The test harness, which the copy has too,
/// does not come to its own end.
fn run_and_exit<T>(body: impl FnOnce() -> nix::Result<T>) -> ! {
    alarm::set(LIMIT); // no alarm is inherited
    let code = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(_)) => 0,
        Ok(Err(errno)) => errno as i32,
        Err(_) => PANICKED,
    };
    // SAFETY: it ends the process.
    unsafe { libc::_exit(code) }
}

/// Does this in a copy of this process, to its end.
pub fn in_child<T>(body: impl FnOnce() -> nix::Result<T>) -> nix::Result<()> {
    Forked::start(body).result()
}

/// Does this in a copy of this process that has become user and group `id`, without other
/// groups and without capabilities. It takes root.
pub fn as_id<T>(id: u32, body: impl FnOnce() -> nix::Result<T>) -> nix::Result<()> {
    in_child(|| {
        let (uid, gid) = (id.into(), id.into());
        setgroups(&[]).expect("no other groups");
        setresgid(gid, gid, gid).expect("another group");
        setresuid(uid, uid, uid).expect("another user");
        body()
    })
}

/// As [`as_id`], as nobody.
pub fn as_nobody<T>(body: impl FnOnce() -> nix::Result<T>) -> nix::Result<()> {
    as_id(NOBODY, body)
}

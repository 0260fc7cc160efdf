//! A forked copy of the test's process. A test forks to act as another user, to kill the child, or
//! to see what is left after the child has exited.

use crate::user::NOBODY;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, alarm, fork, setgroups, setresgid, setresuid};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The seconds after which SIGALRM ends a child that the test has forgotten.
const LIMIT: u32 = 60;

/// The exit code of a child that panicked. Every errno is smaller.
const PANICKED: i32 = 255;

/// A forked child. It is killed when this value is dropped.
#[derive(Debug)]
pub struct Forked(Pid);

impl Forked {
    /// Forks a child that runs `body` and exits.
    pub fn start<T>(body: impl FnOnce() -> nix::Result<T>) -> Forked {
        // SAFETY: a test that forks is alone in its process, so no other thread holds a lock.
        // The child ends in `run_and_exit`.
        match unsafe { fork() }.expect("fork") {
            ForkResult::Parent { child } => Forked(child),
            ForkResult::Child => run_and_exit(body),
        }
    }

    pub fn pid(&self) -> i32 {
        self.0.as_raw()
    }

    /// Waits until the child has ended, and returns its wait status.
    pub fn end(self) -> WaitStatus {
        let status = waitpid(self.0, None).expect("a child");
        std::mem::forget(self); // the child is already reaped
        status
    }

    /// Waits until the child has exited, and returns the result of `body`.
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

/// Runs `body` in the child and exits with the errno as the exit code. `_exit` keeps the child's
/// copy of the test harness from printing its summary.
fn run_and_exit<T>(body: impl FnOnce() -> nix::Result<T>) -> ! {
    alarm::set(LIMIT); // a child does not inherit an alarm
    let code = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(_)) => 0,
        Ok(Err(errno)) => errno as i32,
        Err(_) => PANICKED,
    };
    // SAFETY: `_exit` ends the process.
    unsafe { libc::_exit(code) }
}

/// Runs `body` in a child, and waits until the child has exited.
pub fn in_child<T>(body: impl FnOnce() -> nix::Result<T>) -> nix::Result<()> {
    Forked::start(body).result()
}

/// Runs `body` in a child with uid and gid `id`, without supplementary groups and without
/// capabilities. Needs root.
pub fn as_id<T>(id: u32, body: impl FnOnce() -> nix::Result<T>) -> nix::Result<()> {
    in_child(|| {
        let (uid, gid) = (id.into(), id.into());
        setgroups(&[]).expect("no other groups");
        setresgid(gid, gid, gid).expect("another group");
        setresuid(uid, uid, uid).expect("another user");
        body()
    })
}

/// Runs `body` like [`as_id`], as nobody.
pub fn as_nobody<T>(body: impl FnOnce() -> nix::Result<T>) -> nix::Result<()> {
    as_id(NOBODY, body)
}

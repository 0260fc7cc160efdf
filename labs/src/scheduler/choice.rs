//! The choices of a grader, and the moments at which it makes them.

use super::pending::Pending;
use crate::sandbox::Sandbox;
use nix::errno::Errno;
use nix::sys::signal::Signal;

/// What happens to a pending call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The call is made.
    Go,
    /// The call is not made, and fails with this errno.
    Fail(Errno),
    /// The call is not made. The process that was about to make it is killed, and so is the program's first
    /// one.
    Kill,
    /// A signal arrives just before the call, after anything that the program may have checked. A handler
    /// runs, and then the program makes the same call; the call is not interrupted.
    Signal(Signal),
    /// A signal arrives during the call. A handler runs after the call has returned, and before the program
    /// stores its result. A call that waits is interrupted.
    SignalAfter(Signal),
}

/// A grader that only looks and makes no choice lets the call be made.
impl From<()> for Choice {
    fn from((): ()) -> Self {
        Choice::Go
    }
}

/// A moment at which nothing runs and a call is about to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment<'a> {
    /// The next call.
    pub(crate) call: &'a Pending,
    /// All calls that are about to be made, including the next one.
    pub(crate) pending: &'a [Pending],
    pub(crate) sandbox: &'a Sandbox,
}

/// The moments at which a grader that acts as the programs' peer may act.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Now<'a> {
    /// A call is about to be made.
    Before(Moment<'a>),
    /// All programs wait in the kernel: for a message, for room in a queue, for a semaphore, or for time.
    AllWait,
}

impl Now<'_> {
    /// Returns whether a call with this name is about to be made.
    pub(crate) fn is_before(self, call: &str) -> bool {
        matches!(self, Now::Before(moment) if moment.call.is(call))
    }

    /// Returns whether all programs wait.
    pub(crate) fn all_wait(self) -> bool {
        matches!(self, Now::AllWait)
    }
}

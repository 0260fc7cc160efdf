//! What a grader decides, and at what moment.

use super::pending::Pending;
use crate::sandbox::Sandbox;
use nix::errno::Errno;
use nix::sys::signal::Signal;

/// What becomes of a pending call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// It is made.
    Go,
    /// It is not made, and fails with this errno.
    Fail(Errno),
    /// It is not made, and the program is killed: the process that was about to make it, and its first one.
    Kill,
    /// A signal comes just before it, after all that the program may have looked at: a handler
    /// runs, and then the program comes to the same call again, which is not interrupted.
    Signal(Signal),
    /// A signal comes while the call is made: a handler runs after it has returned, and before the
    /// program stores what it has returned. A call that waits is interrupted.
    SignalAfter(Signal),
}

/// A grader that only looks lets the call be made.
impl From<()> for Choice {
    fn from((): ()) -> Self {
        Choice::Go
    }
}

/// A moment at which nothing moves: a call is about to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment<'a> {
    /// The call that is next.
    pub(crate) call: &'a Pending,
    /// All calls that are about to be made, among them that one.
    pub(crate) pending: &'a [Pending],
    pub(crate) sandbox: &'a Sandbox,
}

/// When a grader that is the programs' peer may act.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Now<'a> {
    /// A call is about to be made.
    Before(Moment<'a>),
    /// All programs wait in the kernel: for a message, for room, for a semaphore, or for time to pass.
    AllWait,
}

//! What keeps this machine from grading.

use ipc_workbook::observe::Unseen;
use nix::errno::Errno;

/// This machine cannot do what grading takes: no verdict on the submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault(pub(crate) String);

impl Fault {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Fault(what.into())
    }

    pub(crate) fn call(call: &str, errno: Errno) -> Self {
        Fault(format!("{call}: {errno}"))
    }

    pub(crate) fn io(what: &str, error: &std::io::Error) -> Self {
        Fault(format!("{what}: {error}"))
    }
}

/// A call of the grader's own that failed: on objects that the grader has made itself.
impl From<Errno> for Fault {
    fn from(errno: Errno) -> Self {
        Fault(format!("a call of the grader's own failed: {errno}"))
    }
}

/// The kernel does not show what the grader has to see.
impl From<Unseen> for Fault {
    fn from(Unseen(why): Unseen) -> Self {
        Fault(why)
    }
}

//! Faults: reasons why this machine cannot grade.

use ipc_workbook::observe::Unseen;
use nix::errno::Errno;

/// This machine cannot do something that grading needs. A fault is not a verdict on the submission.
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

/// A call that the grader itself made, on its own objects, failed.
impl From<Errno> for Fault {
    fn from(errno: Errno) -> Self {
        Fault(format!("a call that the grader made failed: {errno}"))
    }
}

/// The kernel does not show something that the grader needs to see.
impl From<Unseen> for Fault {
    fn from(Unseen(why): Unseen) -> Self {
        Fault(why)
    }
}

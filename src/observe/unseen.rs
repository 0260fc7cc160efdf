//! The type for something that could not be seen, with the reason.

use crate::call::Errno;
use std::fmt;

/// Why something could not be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen(pub String);

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Unseen {
    /// Makes the reason from a failed call: `fstat: EBADF`.
    pub(super) fn because(call: &str, errno: Errno) -> Self {
        Unseen(format!("{call}: {errno:?}"))
    }

    pub(crate) fn io(what: &str, error: &std::io::Error) -> Self {
        let reason =
            error.raw_os_error().map_or_else(|| error.to_string(), |n| format!("{:?}", Errno::from_raw(n)));
        Unseen(format!("{what}: {reason}"))
    }
}

/// A number under the kernel's own name for it, or why it was not seen.
pub type Fact = (&'static str, Result<i64, Unseen>);

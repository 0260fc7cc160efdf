//! Why there is no private namespace.

use crate::call::{Errno, errno_text};
use std::fmt;

/// Why there is no private namespace: the call that was refused, and its errno.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The call, such as `unshare(CLONE_NEWUSER)`.
    pub call: &'static str,
    /// Its errno.
    pub errno: Errno,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.call, errno_text(self.errno))
    }
}

impl std::error::Error for Refused {}

impl From<Refused> for std::io::Error {
    fn from(refused: Refused) -> Self {
        refused.errno.into()
    }
}

/// The error of a call, as [`Refused`] has it.
pub(super) fn refused(call: &'static str) -> impl Fn(Errno) -> Refused {
    move |errno| Refused { call, errno }
}

//! The reason why a private namespace could not be made.

use crate::call::{Errno, errno_text};
use std::fmt;

/// Why a private namespace could not be made: the failed call and its errno.
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

/// Returns a function that makes a [`Refused`] from the errno of `call`.
pub(super) fn refused(call: &'static str) -> impl Fn(Errno) -> Refused {
    move |errno| Refused { call, errno }
}

//! One answer to a question, as it is remembered.

use serde::{Deserialize, Serialize};

/// How an answer was, in the words of FSRS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Grade {
    Again,
    Hard,
    Good,
    Easy,
}

impl Grade {
    /// Whether the answer counts as right.
    pub(crate) fn is_right(self) -> bool {
        self >= Grade::Good
    }
}

/// An answer: milliseconds since 1970, and how it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub(crate) struct Review(pub(crate) i64, pub(crate) Grade);

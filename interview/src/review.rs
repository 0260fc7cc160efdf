//! One answer to a question, as it is stored.

use serde::{Deserialize, Serialize};

/// The grade of an answer. The names are those of FSRS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Grade {
    Again,
    Hard,
    Good,
    Easy,
}

impl Grade {
    /// Returns whether the answer counts as right.
    pub(crate) fn is_right(self) -> bool {
        self >= Grade::Good
    }
}

/// An answer: its time in milliseconds since 1970, and its grade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub(crate) struct Review(pub(crate) i64, pub(crate) Grade);

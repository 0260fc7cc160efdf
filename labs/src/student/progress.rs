//! The student's stored progress, by the lab's name.

use crate::graded::Graded;
use ipc_workbook_tools::clock::now;
use ipc_workbook_tools::store::Stored;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The progress in all labs. A lab that is no longer in the workbook keeps its record.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Progress {
    pub(super) labs: BTreeMap<String, LabProgress>,
}

impl Stored for Progress {
    const SCHEMA: u32 = 1;
    const WHAT: &str = "your progress";
}

/// The progress in one lab.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct LabProgress {
    /// How many times it was checked.
    pub(super) checks: u64,
    /// The most points that a check gave, and the points that were possible.
    pub(super) best: u32,
    pub(super) of: u32,
    /// When it first got full marks, in milliseconds since 1970.
    pub(super) passed: Option<i64>,
    /// How many hints were shown.
    pub(super) hints: usize,
    /// When the solution was shown, if that was before full marks.
    pub(super) gave_up: Option<i64>,
}

impl LabProgress {
    /// Adds a check.
    pub(super) fn add(&mut self, graded: &Graded) {
        self.checks = self.checks.saturating_add(1);
        // Points of an older rubric do not compare with this one's.
        if self.of != graded.of() {
            (self.best, self.of) = (0, graded.of());
        }
        self.best = self.best.max(graded.points());
        if graded.is_full() {
            self.passed.get_or_insert_with(now);
        }
    }

    /// Describes the progress.
    pub(super) fn state(&self) -> &'static str {
        match self {
            LabProgress { passed: Some(_), gave_up: None, .. } => "passed",
            LabProgress { passed: Some(_), .. } => "passed after giving up",
            LabProgress { gave_up: Some(_), .. } => "given up",
            LabProgress { checks: 0, hints: 0, .. } => "not begun",
            _ => "begun",
        }
    }
}

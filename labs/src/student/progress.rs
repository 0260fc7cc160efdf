//! What is remembered of each lab, by its name.

use crate::graded::Graded;
use ipc_workbook_tools::clock::now;
use ipc_workbook_tools::store::Stored;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Of all labs. One that is gone from the workbook keeps its record.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Progress {
    pub(super) labs: BTreeMap<String, LabProgress>,
}

impl Stored for Progress {
    const SCHEMA: u32 = 1;
    const WHAT: &str = "your progress";
}

/// Of one lab.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct LabProgress {
    /// How often it was checked.
    pub(super) checks: u64,
    /// The most points that a check gave, of so many.
    pub(super) best: u32,
    pub(super) of: u32,
    /// When it first got full marks, in milliseconds since 1970.
    pub(super) passed: Option<i64>,
    /// How many hints were given.
    pub(super) hints: usize,
    /// When the solution was shown before it had full marks.
    pub(super) gave_up: Option<i64>,
}

impl LabProgress {
    /// One more check.
    pub(super) fn add(&mut self, graded: &Graded) {
        self.checks = self.checks.saturating_add(1);
        // Points of another rubric say nothing about this one.
        if self.of != graded.of() {
            (self.best, self.of) = (0, graded.of());
        }
        self.best = self.best.max(graded.points());
        if graded.is_full() {
            self.passed.get_or_insert_with(now);
        }
    }

    /// How far it is, in words.
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

//! The result of a grading: for each line of the rubric, what was observed and what is required.

use crate::sandbox::{Run, Step};
use ipc_workbook_tools::workbook::labs::Demand;
use serde::{Deserialize, Serialize};

/// The result of grading one submission to one lab.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Graded {
    pub(crate) lab: String,
    /// The name of the submission, as the user gave it.
    pub(crate) submission: String,
    pub(crate) kernel: String,
    /// Whether it was graded in the machine's own namespaces, by comparing objects before and after.
    #[serde(default)]
    pub(crate) shared: bool,
    /// Why it could not be run: it does not build, or is missing. All lines are lost.
    #[serde(default)]
    pub(crate) refused: Option<String>,
    pub(crate) lines: Vec<Line>,
    /// How long the grading took, in milliseconds; `build_millis` is the part that the build took.
    pub(crate) millis: u64,
    #[serde(default)]
    pub(crate) build_millis: u64,
}

/// A line of the rubric with its verdict.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    pub(crate) id: String,
    /// The requirement, as a sentence.
    pub(crate) says: String,
    pub(crate) points: u32,
    pub(crate) passed: bool,
    pub(crate) observed: String,
    pub(crate) required: String,
    /// The cause of what was observed, if the grader knows it.
    #[serde(default)]
    pub(crate) because: Option<String>,
    /// The earlier lost line because of which this one could not be checked.
    #[serde(default)]
    pub(crate) not_reached: Option<Cause>,
    /// The runs of the program that lost the line.
    #[serde(default)]
    pub(crate) runs: Vec<Run>,
    /// The steps of the scheduled programs in these runs, if a trace was asked for.
    #[serde(default)]
    pub(crate) steps: Vec<Step>,
    /// The seed of the first schedule that lost the line; the user can run that schedule alone.
    #[serde(default)]
    pub(crate) seed: Option<u64>,
    /// A command with which the student can see it.
    pub(crate) see: String,
}

/// A lost line of the rubric because of which another one could not be checked.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Cause {
    pub(crate) id: String,
    pub(crate) says: String,
}

impl Line {
    /// Returns a lost line; a later observation may replace it.
    pub(crate) fn lost(demand: &Demand, observed: &str) -> Self {
        Line {
            id: demand.id.clone(),
            says: demand.says.clone(),
            points: demand.points,
            passed: false,
            observed: observed.into(),
            required: demand.required.clone(),
            because: None,
            not_reached: None,
            runs: Vec::new(),
            steps: Vec::new(),
            seed: None,
            see: demand.see.clone(),
        }
    }
}

impl Graded {
    /// Returns the points of the earned lines.
    pub(crate) fn points(&self) -> u32 {
        self.lines.iter().filter(|line| line.passed).map(|line| line.points).sum()
    }

    /// Returns the points of all lines.
    pub(crate) fn of(&self) -> u32 {
        self.lines.iter().map(|line| line.points).sum()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.points() == self.of()
    }
}

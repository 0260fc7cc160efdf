//! What a grading found: the lines of the rubric, each observed against required.

use crate::sandbox::{Run, Step};
use ipc_workbook_tools::workbook::labs::Demand;
use serde::{Deserialize, Serialize};

/// One submission to one lab, graded.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Graded {
    pub(crate) lab: String,
    /// What was graded, as it was named.
    pub(crate) submission: String,
    pub(crate) kernel: String,
    /// Graded by differences in the machine's own namespaces.
    #[serde(default)]
    pub(crate) shared: bool,
    /// Why it could not be graded on its merits: it does not build, it is not there. All lines are lost.
    #[serde(default)]
    pub(crate) refused: Option<String>,
    pub(crate) lines: Vec<Line>,
    /// Milliseconds that the grading took, and of these, the build.
    pub(crate) millis: u64,
    #[serde(default)]
    pub(crate) build_millis: u64,
}

/// A line of the rubric, judged.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    pub(crate) id: String,
    /// What is demanded, as a sentence.
    pub(crate) says: String,
    pub(crate) points: u32,
    pub(crate) passed: bool,
    pub(crate) observed: String,
    pub(crate) required: String,
    /// Why it is as it was observed, where the grader knows.
    #[serde(default)]
    pub(crate) because: Option<String>,
    /// The line that was lost first, if this one was not reached because of it.
    #[serde(default)]
    pub(crate) not_reached: Option<Cause>,
    /// How the program ran when the line was lost.
    #[serde(default)]
    pub(crate) runs: Vec<Run>,
    /// What scheduled programs did then, step by step, where that was asked for.
    #[serde(default)]
    pub(crate) steps: Vec<Step>,
    /// The first schedule under which it was lost, to be tried alone.
    #[serde(default)]
    pub(crate) seed: Option<u64>,
    /// The command that shows the same.
    pub(crate) see: String,
}

/// The line of the rubric that stands in another one's way.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Cause {
    pub(crate) id: String,
    pub(crate) says: String,
}

impl Line {
    /// A line that is lost until something else is observed.
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
    /// The points that it has.
    pub(crate) fn points(&self) -> u32 {
        self.lines.iter().filter(|line| line.passed).map(|line| line.points).sum()
    }

    /// The points that there are.
    pub(crate) fn of(&self) -> u32 {
        self.lines.iter().map(|line| line.points).sum()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.points() == self.of()
    }
}

//! The folder that results and reports lie in.
//!
//! ```text
//! OUT/index.md                    all students, and where the report on each lies
//! OUT/results/LAB/STUDENT.json    a result, as it came
//! OUT/grades.json  grades.csv     all of them, once all are there
//! OUT/junit.xml
//! OUT/gradescope/STUDENT.json     from the first moment, and anew with each result
//! OUT/github-classroom/STUDENT.json
//! OUT/students/STUDENT.md         why points were lost, and what a person has written below that
//! ```
//!
//! A file is there whole or not at all: it is written under another name, and renamed.

use super::file_name::file_name;
use crate::graded::Graded;
use ipc_workbook_tools::cli::Failure;
use ipc_workbook_tools::store::{HALF, replace};
use ipc_workbook_tools::temporary::Temporary;
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// One student's submission to one lab: graded, or why this machine could not.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct SubmissionResult {
    pub(super) student: String,
    pub(super) lab: String,
    /// Of the submission, the lab and the grader: as long as it is the same, so is the grade.
    pub(super) digest: String,
    #[serde(default)]
    pub(super) graded: Option<Graded>,
    /// Why there is nothing to grade: nothing was handed in.
    #[serde(default)]
    pub(super) missing: Option<String>,
    /// Why this machine could not grade it.
    #[serde(default)]
    pub(super) not_graded: Option<String>,
}

/// What a result says.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome<'a> {
    Graded(&'a Graded),
    Missing(&'a str),
    NotGraded(&'a str),
}

impl SubmissionResult {
    pub(super) fn outcome(&self) -> Outcome<'_> {
        match (&self.graded, &self.missing, &self.not_graded) {
            (Some(graded), _, _) => Outcome::Graded(graded),
            (None, Some(why), _) => Outcome::Missing(why),
            (None, None, why) => Outcome::NotGraded(why.as_deref().unwrap_or("nobody knows why")),
        }
    }

    /// The points; what is missing has none, and what this machine could not grade has no number.
    pub(super) fn points(&self) -> Option<u32> {
        match self.outcome() {
            Outcome::Graded(graded) => Some(graded.points()),
            Outcome::Missing(_) => Some(0),
            Outcome::NotGraded(_) => None,
        }
    }
}

/// The folder, for one `lab` at a time.
#[derive(Debug)]
pub(super) struct ResultsFolder {
    folder: PathBuf,
    _lock: Flock<File>,
}

impl ResultsFolder {
    /// Opens it, and makes it where it is not.
    pub(super) fn open(folder: &Path) -> Result<Self, Failure> {
        let refused = |error: &dyn std::fmt::Display| {
            Failure::Usage(format!(
                "cannot keep results in {}: {error}; name another folder with --out",
                folder.display()
            ))
        };
        fs::create_dir_all(folder).map_err(|error| refused(&error))?;
        let file = File::open(folder).map_err(|error| refused(&error))?;
        let lock = Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|_| {
            Failure::Machine(format!("another lab is at work in {}; wait for its end", folder.display()))
        })?;
        // What a run that was killed has left half written.
        for entry in WalkDir::new(folder).max_depth(3).into_iter().filter_map(Result::ok) {
            if entry.file_name().as_encoded_bytes().starts_with(HALF.as_bytes()) {
                let _ = fs::remove_dir_all(entry.path()).or_else(|_| fs::remove_file(entry.path()));
            }
        }
        Ok(ResultsFolder { folder: folder.into(), _lock: lock })
    }

    /// A folder for what is needed during one run; it goes with the value.
    pub(super) fn temporary(&self) -> Result<Temporary, Failure> {
        Temporary::new(&self.folder, HALF)
            .map_err(|error| Failure::Machine(format!("cannot write to {}: {error}", self.folder.display())))
    }

    /// The result of another run. What cannot be read is not there.
    pub(super) fn result(&self, student: &str, lab: &str) -> Option<SubmissionResult> {
        let text = fs::read(self.folder.join(result_file(student, lab))).ok()?;
        let result: SubmissionResult = serde_json::from_slice(&text).ok()?;
        (result.student == student && result.lab == lab).then_some(result)
    }

    pub(super) fn keep(&self, result: &SubmissionResult) -> Result<(), Failure> {
        self.write(&result_file(&result.student, &result.lab), &json(result))
    }

    /// A text of the folder, from another run.
    pub(super) fn text(&self, file: &str) -> Option<String> {
        fs::read_to_string(self.folder.join(file)).ok()
    }

    /// Writes a file of the folder.
    pub(super) fn write(&self, file: &str, bytes: &[u8]) -> Result<(), Failure> {
        write(&self.folder.join(file), bytes)
    }
}

/// Writes a file, whole or not at all.
pub(super) fn write(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    replace(file, bytes)
        .map_err(|error| Failure::Machine(format!("cannot write {}: {error}", file.display())))
}

/// A value as JSON for people and programs, with a line's end.
pub(super) fn json(value: &impl Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(value).unwrap_or_default();
    text.push(b'\n');
    text
}

fn result_file(student: &str, lab: &str) -> String {
    format!("results/{lab}/{}.json", file_name(student))
}

//! The folder of results and reports.
//!
//! ```text
//! OUT/index.md                    all students, with links to their reports
//! OUT/results/LAB/STUDENT.json    one result, written as soon as it is there
//! OUT/grades.json  grades.csv     all results, written at the end
//! OUT/junit.xml
//! OUT/gradescope/STUDENT.json     written at the start, and again after each result
//! OUT/github-classroom/STUDENT.json
//! OUT/students/STUDENT.md         why points were lost, and a person's notes below that
//! ```
//!
//! A file is never half written: it is written under another name and then renamed.

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

/// The result of one student's submission to one lab.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct SubmissionResult {
    pub(super) student: String,
    pub(super) lab: String,
    /// Digest of the submission, the lab and the grader. While it stays the same, the result stays valid.
    pub(super) digest: String,
    #[serde(default)]
    pub(super) graded: Option<Graded>,
    /// Set if nothing was handed in; says so.
    #[serde(default)]
    pub(super) missing: Option<String>,
    /// Set if this machine could not grade it; says why.
    #[serde(default)]
    pub(super) not_graded: Option<String>,
}

/// The three kinds of result.
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
            (None, None, why) => Outcome::NotGraded(why.as_deref().unwrap_or("the reason is not known")),
        }
    }

    /// Returns the points: 0 for a missing submission, `None` if this machine could not grade it.
    pub(super) fn points(&self) -> Option<u32> {
        match self.outcome() {
            Outcome::Graded(graded) => Some(graded.points()),
            Outcome::Missing(_) => Some(0),
            Outcome::NotGraded(_) => None,
        }
    }
}

/// The folder of results. It is locked, so only one `lab` process uses it at a time.
#[derive(Debug)]
pub(super) struct ResultsFolder {
    folder: PathBuf,
    _lock: Flock<File>,
}

impl ResultsFolder {
    /// Opens and locks the folder; creates it if it does not exist.
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
            Failure::Machine(format!(
                "another lab process is using {}; wait until it has ended",
                folder.display()
            ))
        })?;
        // A run that was killed may have left half-written files.
        for entry in WalkDir::new(folder).max_depth(3).into_iter().filter_map(Result::ok) {
            if entry.file_name().as_encoded_bytes().starts_with(HALF.as_bytes()) {
                let _ = fs::remove_dir_all(entry.path()).or_else(|_| fs::remove_file(entry.path()));
            }
        }
        Ok(ResultsFolder { folder: folder.into(), _lock: lock })
    }

    /// Creates a folder for temporary files. It is removed when the value is dropped.
    pub(super) fn temporary(&self) -> Result<Temporary, Failure> {
        Temporary::new(&self.folder, HALF)
            .map_err(|error| Failure::Machine(format!("cannot write to {}: {error}", self.folder.display())))
    }

    /// Returns the result that an earlier run stored; `None` if there is none, or if it cannot be read.
    pub(super) fn result(&self, student: &str, lab: &str) -> Option<SubmissionResult> {
        let text = fs::read(self.folder.join(result_file(student, lab))).ok()?;
        let result: SubmissionResult = serde_json::from_slice(&text).ok()?;
        (result.student == student && result.lab == lab).then_some(result)
    }

    pub(super) fn keep(&self, result: &SubmissionResult) -> Result<(), Failure> {
        self.write(&result_file(&result.student, &result.lab), &json(result))
    }

    /// Returns the text of a file that an earlier run left in the folder.
    pub(super) fn text(&self, file: &str) -> Option<String> {
        fs::read_to_string(self.folder.join(file)).ok()
    }

    /// Writes a file in the folder.
    pub(super) fn write(&self, file: &str, bytes: &[u8]) -> Result<(), Failure> {
        write(&self.folder.join(file), bytes)
    }
}

/// Writes a file completely or not at all.
pub(super) fn write(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    replace(file, bytes)
        .map_err(|error| Failure::Machine(format!("cannot write {}: {error}", file.display())))
}

/// Returns a value as indented JSON, with a newline at the end.
pub(super) fn json(value: &impl Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(value).unwrap_or_default();
    text.push(b'\n');
    text
}

fn result_file(student: &str, lab: &str) -> String {
    format!("results/{lab}/{}.json", file_name(student))
}

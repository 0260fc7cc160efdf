//! `lessons/*/output`: the recorded output of lessons, from `scripts/record`.

use super::events::{self, Event};
use super::{Chapter, read};
use crate::cli::Failure;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::Path;

/// The system on which the recordings were made.
#[derive(Debug, Deserialize)]
pub struct RecordedOn {
    /// The kernel's release.
    pub kernel: String,
    /// The C library, and its version.
    pub libc: String,
}

/// Returns the system on which the recordings of this workbook were made.
pub fn recorded_on(root: &Path) -> Result<RecordedOn, Failure> {
    json(&root.join("lessons/recorded.json"))
}

/// Returns the recorded run of a lesson.
pub fn recording(chapter: &Chapter, lesson: &str) -> Result<Vec<Event>, Failure> {
    let file = chapter.path.join("output").join(lesson).with_extension("jsonl");
    if !file.exists() {
        let what = format!("{}: there is no recording; scripts/record makes one", file.display());
        return Err(Failure::Machine(what));
    }
    let event = |(n, line)| {
        events::parse(line).map_err(|error| {
            let file = file.display();
            Failure::Machine(format!("{file}:{n}: not an event ({error}); run scripts/record again"))
        })
    };
    (1..).zip(read(&file)?.lines()).map(event).collect()
}

/// Returns the results of runs with flags, by the questions that ask for a prediction of them. Without such
/// questions, a chapter has no such file.
pub fn predictions(chapter: &Chapter) -> Result<BTreeMap<String, String>, Failure> {
    let file = chapter.path.join("output/predictions.json");
    if file.exists() { json(&file) } else { Ok(BTreeMap::new()) }
}

fn json<T: DeserializeOwned>(file: &Path) -> Result<T, Failure> {
    serde_json::from_str(&read(file)?).map_err(|error| {
        let file = file.display();
        Failure::Machine(format!("{file} is malformed ({error}); run scripts/record again"))
    })
}

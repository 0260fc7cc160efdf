//! `lessons/*/output`: what the lessons printed when `scripts/record` ran them.

use super::events::{self, Event};
use super::{Chapter, read};
use crate::cli::Failure;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::Path;

/// What the recordings were made on.
#[derive(Debug, Deserialize)]
pub struct RecordedOn {
    /// The kernel's release.
    pub kernel: String,
    /// The C library, and its version.
    pub libc: String,
}

/// What the recordings of this workbook were made on.
pub fn recorded_on(root: &Path) -> Result<RecordedOn, Failure> {
    json(&root.join("lessons/recorded.json"))
}

/// The recorded run of a lesson.
pub fn recording(chapter: &Chapter, lesson: &str) -> Result<Vec<Event>, Failure> {
    let file = chapter.path.join("output").join(lesson).with_extension("jsonl");
    if !file.exists() {
        let what = format!("{}: there is no recording; scripts/record makes one", file.display());
        return Err(Failure::Machine(what));
    }
    let event = |(n, line)| {
        events::parse(line).map_err(|error| {
            let file = file.display();
            Failure::Machine(format!("{file}:{n}: is no event ({error}); scripts/record writes it again"))
        })
    };
    (1..).zip(read(&file)?.lines()).map(event).collect()
}

/// What runs with flags gave, by the questions that ask to predict it. A chapter without such
/// questions has no such file.
pub fn predictions(chapter: &Chapter) -> Result<BTreeMap<String, String>, Failure> {
    let file = chapter.path.join("output/predictions.json");
    if file.exists() { json(&file) } else { Ok(BTreeMap::new()) }
}

fn json<T: DeserializeOwned>(file: &Path) -> Result<T, Failure> {
    serde_json::from_str(&read(file)?).map_err(|error| {
        let file = file.display();
        Failure::Machine(format!("{file}: is malformed ({error}); scripts/record writes it again"))
    })
}

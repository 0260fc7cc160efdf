//! One run of a lesson under the tracer, and what became of its claims.

use super::site::Sites;
use crate::folder::{Folder, text_if_there};
use crate::run::command;
use crate::tracer::{Answers, End, Patience, trace};
use serde_json::Value;
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

/// No lesson takes so long, or stands still for so long, when nothing goes wrong.
const PATIENCE: Patience = Patience { whole: Duration::from_secs(10), still: Duration::from_millis(1500) };

/// How a claim fared in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fared {
    /// `None`: it was not seen.
    pub(super) held: Option<bool>,
    pub(super) got: String,
    pub(super) want: String,
}

/// What came out of a run.
pub(super) struct Ran {
    /// Its claims, by identifier; one that is not there was not put to the test.
    pub(super) claims: HashMap<String, Fared>,
    pub(super) end: End,
}

/// Runs the lesson in a private namespace to its end. What it leaves goes with the namespace;
/// the files that it has left elsewhere are removed.
pub(super) fn run(lesson: &Path, answers: &mut (impl Answers + HasSites)) -> std::io::Result<Ran> {
    let folder = Folder::new("lies");
    let output = folder.join("output");
    let mut command = command(lesson);
    command.args(["--private", "--format", "json"]).stdout(File::create(&output)?).stderr(Stdio::null());
    let end = trace(&mut command, PATIENCE, answers)?;
    for file in &answers.sites().files {
        let _ = std::fs::remove_file(file);
    }
    // A lesson that was killed may have left half a line.
    let events = text_if_there(&output);
    let events = events.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let claims = events.filter(|event| event["event"] == "claim").map(|event| fared(&event)).collect();
    Ok(Ran { claims, end })
}

/// Whoever answers counts the calls.
pub(super) trait HasSites {
    fn sites(&self) -> &Sites;
}

fn fared(event: &Value) -> (String, Fared) {
    let text = |key: &str| event[key].as_str().unwrap_or_default().to_string();
    (text("id"), Fared { held: event["held"].as_bool(), got: text("got"), want: text("want") })
}

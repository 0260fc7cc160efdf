//! Runs a lesson once under the tracer, and reads its claims.

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

/// An honest run is ended only if it can never end by itself, however busy the machine is.
pub(super) const HONEST: Patience =
    Patience { whole: Duration::from_secs(120), still: Duration::from_secs(30) };

/// An undisturbed lesson takes less time in all, and never waits so long without an event.
pub(super) const LIED_TO: Patience =
    Patience { whole: Duration::from_secs(10), still: Duration::from_millis(1500) };

/// A claim's result in one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fared {
    /// `None` means that it was not seen.
    pub(super) held: Option<bool>,
    pub(super) got: String,
    pub(super) want: String,
}

/// The results of one run.
pub(super) struct Ran {
    /// The claims by identifier. A claim that was not reached is missing.
    pub(super) claims: HashMap<String, Fared>,
    pub(super) end: End,
}

/// Runs the lesson to its end in a private namespace, which takes the lesson's objects with it. Removes
/// the files that the lesson has left elsewhere.
pub(super) fn run(
    lesson: &Path,
    patience: Patience,
    answers: &mut (impl Answers + HasSites),
) -> std::io::Result<Ran> {
    let folder = Folder::new("lies");
    let output = folder.join("output");
    let mut command = command(lesson);
    command.args(["--private", "--format", "json"]).stdout(File::create(&output)?).stderr(Stdio::null());
    let end = trace(&mut command, patience, answers)?;
    for file in &answers.sites().files {
        let _ = std::fs::remove_file(file);
    }
    // A lesson that was killed may have left an incomplete last line.
    let events = text_if_there(&output);
    let events = events.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let claims = events.filter(|event| event["event"] == "claim").map(|event| fared(&event)).collect();
    Ok(Ran { claims, end })
}

/// Gives access to the counted calls of a run.
pub(super) trait HasSites {
    fn sites(&self) -> &Sites;
}

fn fared(event: &Value) -> (String, Fared) {
    let text = |key: &str| event[key].as_str().unwrap_or_default().to_string();
    (text("id"), Fared { held: event["held"].as_bool(), got: text("got"), want: text("want") })
}

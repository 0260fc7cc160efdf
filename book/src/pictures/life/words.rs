//! The picture of a life, in words.

use super::super::objects::{Object, State};
use super::Drawn;
use std::fmt::Write;

impl Drawn<'_> {
    /// Describes the objects after an event.
    pub(super) fn after(&self, event: usize) -> String {
        let mut text = String::new();
        for object in &self.objects {
            if let Some(state) = object.at(event) {
                let _ = write!(text, "{} ", in_words(object, state));
            }
        }
        text
    }

    /// Describes the whole picture, for readers who do not see it.
    pub(super) fn says(&self, processes: &[&str]) -> String {
        let mut text = format!("Processes: {}.", processes.join(", "));
        let begins = self.begins();
        for object in &self.objects {
            let mut last = String::new();
            for (at, state) in &object.life {
                let step = begins.iter().filter(|begin| *begin <= at).count();
                let now = in_words(object, state);
                if now != last {
                    let _ = write!(text, " Step {step}: {now}");
                }
                last = now;
            }
        }
        text
    }
}

/// Describes an object, in a sentence.
fn in_words(object: &Object, state: &State) -> String {
    if !state.exists {
        return format!("{}: destroyed.", object.label);
    }
    let name = match (object.kind.is_posix(), state.named) {
        (true, true) => "has a name",
        (true, false) => "has no name",
        (false, true) => "has a key",
        (false, false) => "has no key",
    };
    let count = match state.count() {
        _ if !object.kind.is_counted() => String::new(),
        1 => ", 1 reference".into(),
        count => format!(", {count} references"),
    };
    let doubt = if state.is_known { "" } else { " (not known exactly)" };
    format!("{}: {name}{count}{doubt}.", object.label)
}

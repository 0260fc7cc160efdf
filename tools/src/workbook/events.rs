//! The output of a lesson with `--format json`: one event on each line. The schema is
//! `src/narrate/events.schema.json`.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// An event.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Event {
    /// The lesson begins.
    Lesson {},
    /// A step begins.
    Step {
        /// Its number.
        n: u32,
        /// Its heading.
        title: String,
    },
    /// The lesson makes a remark.
    Note {
        /// The remark.
        text: String,
    },
    /// A call, with its result.
    Call {
        /// The process's label.
        process: String,
        /// Its id: a number, or a word such as `PID-1` in a recording.
        #[serde(deserialize_with = "number_or_word")]
        pid: String,
        /// The call as in C, and its result.
        text: String,
        /// The name of the call in C.
        call: String,
        /// Whether it succeeded.
        ok: bool,
        /// The name of the errno; `None` if it succeeded.
        errno: Option<String>,
    },
    /// What the kernel shows about an object.
    Kernel {
        /// The object.
        what: String,
        /// The facts, in the order of the lesson.
        #[serde(flatten)]
        facts: Map<String, Value>,
    },
    /// A prediction that the reader is asked for.
    Question {
        /// The question.
        text: String,
        /// The possible answers.
        options: Vec<String>,
    },
    /// A claim, and whether it held.
    Claim(Claim),
    /// The lesson ends.
    End {},
}

fn number_or_word<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(word) => word,
        number => number.to_string(),
    })
}

/// A claim in a lesson's run.
#[derive(Clone, Debug, Deserialize)]
pub struct Claim {
    /// `refcount/mq_unlink-removes-the-name-at-once`
    pub id: String,
    /// Whether it held; `None` if it was not seen.
    pub held: Option<bool>,
    /// What the kernel did.
    pub got: String,
    /// Why it was not seen.
    pub why: Option<String>,
}

impl Claim {
    /// Returns its identifier without the chapter, as a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        super::sentence(&self.id)
    }
}

/// Parses the event of a line.
pub fn parse(line: &str) -> Result<Event, serde_json::Error> {
    serde_json::from_str(line)
}

/// Returns the claims in the output of a lesson.
#[must_use]
pub fn claims(output: &str) -> Vec<Claim> {
    let claim = |line| match parse(line) {
        Ok(Event::Claim(claim)) => Some(claim),
        _ => None,
    };
    output.lines().filter_map(claim).collect()
}

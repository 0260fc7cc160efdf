//! What a lesson prints with `--format json`: one event a line. The schema is
//! `src/narrate/events.schema.json`.

use serde::Deserialize;
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
    /// A remark.
    Note {
        /// The remark.
        text: String,
    },
    /// A call, with its result.
    Call {
        /// The process's label.
        process: String,
        /// The call as it is written in C, and its result.
        text: String,
        /// Whether it succeeded.
        ok: bool,
    },
    /// What the kernel shows of an object.
    Kernel {
        /// The object.
        what: String,
        /// In the order in which the lesson names them.
        #[serde(flatten)]
        facts: Map<String, Value>,
    },
    /// What a reader is asked to predict.
    Question {
        /// The question.
        text: String,
        /// What there is to choose from.
        options: Vec<String>,
    },
    /// A claim, and whether it held.
    Claim(Claim),
    /// The lesson ends.
    End {},
}

/// What a run has claimed.
#[derive(Clone, Debug, Deserialize)]
pub struct Claim {
    /// `refcount/mq_unlink-removes-the-name-at-once`
    pub id: String,
    /// `None`: it was not seen.
    pub held: Option<bool>,
    /// What the kernel gave.
    pub got: String,
    /// Why it was not seen.
    pub why: Option<String>,
}

impl Claim {
    /// Its identifier without the chapter, as a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        super::sentence(&self.id)
    }
}

/// The event of a line.
pub fn parse(line: &str) -> Result<Event, serde_json::Error> {
    serde_json::from_str(line)
}

/// The claims among the lines that a lesson has printed.
#[must_use]
pub fn claims(output: &str) -> Vec<Claim> {
    let claim = |line| match parse(line) {
        Ok(Event::Claim(claim)) => Some(claim),
        _ => None,
    };
    output.lines().filter_map(claim).collect()
}

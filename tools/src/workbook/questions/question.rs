//! The types for parsed questions of each kind.

use super::bug::Bug;
use serde::{Deserialize, Serialize};

/// A question.
#[derive(Serialize)]
pub struct Question {
    /// Its name, which never changes.
    pub id: String,
    /// The subject, in two or three words.
    pub topic: String,
    /// `junior`, `mid` or `senior`.
    pub level: String,
    /// The source of the question.
    pub source: String,
    /// The question itself.
    #[serde(rename = "question")]
    pub asks: String,
    /// The command that proves the answer: a lesson with its flags, a command of the chapter's text, or a
    /// program with a bug.
    pub run: String,
    /// The claims that prove the answer.
    pub claims: Vec<String>,
    /// The chapter's folder, `13-refcount`.
    pub chapter: String,
    /// What the reader has to do.
    #[serde(flatten)]
    pub task: Task,
    /// What an interviewer may ask next.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<Then>,
}

impl Question {
    /// Returns all claims that it names: its own, and those of its options and points.
    pub fn all_claims(&self) -> impl Iterator<Item = &str> {
        let others: Vec<&String> = match &self.task {
            Task::Choice { options } => options.iter().filter_map(|option| option.claim.as_ref()).collect(),
            Task::Explain { points } => points.iter().map(|point| &point.claim).collect(),
            Task::Predict { .. } | Task::Order { .. } | Task::FindBug(_) => Vec::new(),
        };
        let others = others.into_iter().filter(|claim| !self.claims.contains(claim));
        self.claims.iter().chain(others).map(String::as_str)
    }
}

/// What the reader has to do. The variants are the kinds.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Task {
    /// Choose the one option that is right.
    Choice {
        /// One of them is right.
        options: Vec<Choice>,
    },
    /// Predict a value from the kernel. The right option is determined when the question is asked.
    Predict {
        /// One of them is the kernel's value.
        options: Vec<Guess>,
        /// The claim whose `got` is the right option.
        claim: String,
        /// A sentence that explains the value.
        #[serde(skip_serializing_if = "Option::is_none")]
        answer: Option<String>,
    },
    /// Put the steps in order.
    Order {
        /// The steps, in the right order.
        steps: Vec<String>,
        /// Why no other order is right.
        why: String,
    },
    /// Name the line with the bug.
    FindBug(Bug),
    /// Explain something, and then mark the points that were in the explanation.
    Explain {
        /// The points of a full answer.
        points: Vec<Point>,
    },
}

impl Task {
    /// Returns the kind, as in quiz.toml.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Task::Choice { .. } => "choice",
            Task::Predict { .. } => "predict",
            Task::Order { .. } => "order",
            Task::FindBug(_) => "find-bug",
            Task::Explain { .. } => "explain",
        }
    }
}

/// An option to choose.
#[derive(Serialize)]
pub struct Choice {
    /// The option.
    pub text: String,
    /// Whether it is the right one.
    pub right: bool,
    /// Why it is right or wrong.
    pub why: String,
    /// The claim that refutes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
}

/// A possible value from the kernel.
#[derive(Serialize)]
pub struct Guess {
    /// The value, as a claim writes it in `got`.
    pub text: String,
    /// An explanation of this value.
    pub why: String,
}

/// A point of an explanation.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// The point.
    pub text: String,
    /// The claim that proves it.
    pub claim: String,
}

/// A follow-up.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Then {
    /// The words with which the interviewer asks it.
    pub asks: String,
    /// The question that follows.
    pub id: String,
}

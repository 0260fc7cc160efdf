//! Which questions were answered, when, and how well.
//!
//! The reviews are what counts. The time when a question is due is computed from them. It is stored too, so
//! that the program need not compute all of them at its start.

use crate::review::Review;
use crate::schedule;
use ipc_workbook_tools::cli::{Failure, warn};
use ipc_workbook_tools::clock::now;
use ipc_workbook_tools::store::{Store, Stored};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The history of one question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct History {
    /// Milliseconds since 1970.
    #[serde(default)]
    pub(crate) due: Option<i64>,
    pub(crate) reviews: Vec<Review>,
}

impl History {
    /// Sorts the reviews, removes duplicates, and computes when the question is due.
    fn settle(&mut self) {
        self.reviews.sort_unstable();
        self.reviews.dedup();
        self.due = schedule::memory(&self.reviews).map(|card| card.due.timestamp_millis());
    }
}

/// The histories of all questions, by their ids.
#[derive(Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Histories {
    pub(crate) questions: BTreeMap<String, History>,
}

impl Stored for Histories {
    /// Version 2 added the grades hard and easy.
    const SCHEMA: u32 = 2;
    const WHAT: &str = "answers";

    /// Version 1 did not store when a question is due.
    fn complete(&mut self) {
        self.questions.values_mut().filter(|history| history.due.is_none()).for_each(History::settle);
    }
}

impl Histories {
    /// Opens the file that `--state` names, or the usual one.
    pub(crate) fn store(named: Option<&PathBuf>) -> Result<Store<Histories>, Failure> {
        Store::new(named, "interview.json")
    }

    /// Adds one answer.
    pub(crate) fn add(&mut self, id: &str, review: Review) {
        let history = self.questions.entry(id.into()).or_default();
        history.reviews.push(review);
        history.settle();
    }

    /// Adds the reviews of another machine. Reviews that are in both count once. Returns how many were new.
    pub(crate) fn merge(&mut self, other: Histories) -> usize {
        let mut new = 0;
        for (id, history) in other.questions {
            let mine = self.questions.entry(id).or_default();
            let before = mine.reviews.len();
            mine.reviews.extend(history.reviews);
            mine.settle();
            new += mine.reviews.len() - before;
        }
        new
    }

    /// Warns if an answer has a time in the future, because due times can be wrong then. No answer is lost.
    pub(crate) fn warn_of_the_clock(&self) {
        let reviews = self.questions.values().filter_map(|history| history.reviews.last());
        let ahead = reviews.map(|review| review.0).max().map_or(0, |last| last - now());
        if ahead > 0 {
            warn(&format!(
                "the clock went backwards: the last answer is {} in the future; check the clock; all answers are kept",
                schedule::wait(ahead).trim_start_matches("in ")
            ));
        }
    }
}

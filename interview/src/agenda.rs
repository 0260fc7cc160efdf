//! The questions that an interviewer has not asked yet. Topics and kinds take turns.

use crate::random::shuffled;
use ipc_workbook_tools::cli::Failure;
use ipc_workbook_tools::workbook::questions::{Bank, Entry, Facets, Question};
use std::collections::{HashMap, HashSet};

/// The questions that are left.
pub(crate) struct Agenda<'a> {
    /// In an order that the seed decides.
    left: Vec<(&'a Entry, Facets)>,
    asked: HashSet<&'a str>,
    /// How often each topic, and each kind, has been asked about.
    topics: HashMap<String, usize>,
    kinds: HashMap<String, usize>,
}

impl<'a> Agenda<'a> {
    pub(crate) fn new(bank: &'a Bank, level: Option<&str>, seed: u64) -> Result<Self, Failure> {
        let entries = bank.entries();
        let mut left = Vec::new();
        for n in shuffled(entries.len(), seed) {
            let facets = entries[n].facets()?;
            if level.is_none_or(|level| level == facets.level) {
                left.push((&entries[n], facets));
            }
        }
        if left.is_empty() {
            let what = "no question has this level; interview list shows all questions";
            return Err(Failure::Usage(what.into()));
        }
        Ok(Agenda { left, asked: HashSet::new(), topics: HashMap::new(), kinds: HashMap::new() })
    }

    /// Returns a question whose topic and kind have been asked least often.
    pub(crate) fn next(&mut self) -> Result<Option<Question>, Failure> {
        let often =
            |counts: &HashMap<String, usize>, word: &str| counts.get(word).copied().unwrap_or_default();
        let weight = |facets: &Facets| often(&self.topics, &facets.topic) + often(&self.kinds, &facets.kind);
        let Some(least) = (0..self.left.len()).min_by_key(|n| weight(&self.left[*n].1)) else {
            return Ok(None);
        };
        let (entry, _) = self.left.remove(least);
        self.noted(entry).map(Some)
    }

    /// Returns a follow-up, which may have another level; `None` if it has been asked already.
    pub(crate) fn follow_up(&mut self, entry: &'a Entry) -> Result<Option<Question>, Failure> {
        if self.asked.contains(&*entry.id) {
            return Ok(None);
        }
        self.left.retain(|(other, _)| other.id != entry.id);
        self.noted(entry).map(Some)
    }

    fn noted(&mut self, entry: &'a Entry) -> Result<Question, Failure> {
        let question = entry.parse()?;
        self.asked.insert(&entry.id);
        *self.topics.entry(question.topic.clone()).or_default() += 1;
        *self.kinds.entry(question.task.kind().into()).or_default() += 1;
        Ok(question)
    }
}

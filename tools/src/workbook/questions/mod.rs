//! The questions of `lessons/*/quiz.toml`.
//!
//! There may be many questions, and the reader waits for only one. A file is therefore split at its
//! `[[question]]` lines, and a question is parsed only when it is asked.

mod bug;
mod keys;
mod question;

pub use bug::Bug;
pub use question::{Choice, Guess, Point, Question, Task, Then};

use super::files::{self, entries, malformed, read};
use super::nearest;
use crate::cli::Failure;
use keys::{Keys, Wrong};
use serde::Deserialize;
use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// All questions, in the order of the chapters.
pub struct Bank {
    entries: Vec<Entry>,
    by_id: HashMap<String, usize>,
}

/// A question that has not been parsed yet.
pub struct Entry {
    /// The question's id.
    pub id: String,
    file: PathBuf,
    /// The line number of its `[[question]]`, from 1.
    line: usize,
    /// The whole file, and the range of this question in it. This avoids a copy of each question.
    text: Rc<str>,
    part: Range<usize>,
}

/// The properties by which questions are chosen.
pub struct Facets {
    /// The subject.
    pub topic: String,
    /// `junior`, `mid` or `senior`.
    pub level: String,
    /// `choice`, `predict`, …
    pub kind: String,
}

#[derive(Deserialize)]
struct Quiz {
    question: [Keys; 1],
}

const HEAD: &str = "[[question]]";

impl Bank {
    /// Finds the questions of all chapters in this folder.
    pub fn find(lessons: &Path) -> Result<Self, Failure> {
        let files = entries(lessons)?.into_iter().map(|chapter| chapter.join("quiz.toml"));
        let mut bank = Bank { entries: Vec::new(), by_id: HashMap::new() };
        for file in files.filter(|file| file.exists()) {
            for entry in cut(&file, &read(&file)?)? {
                bank.add(entry)?;
            }
        }
        if bank.entries.is_empty() {
            return Err(Failure::Machine(format!(
                "there is no chapter with a quiz.toml in {}",
                lessons.display()
            )));
        }
        Ok(bank)
    }

    fn add(&mut self, entry: Entry) -> Result<(), Failure> {
        if let Some(other) = self.get(&entry.id) {
            let other = format!("the id {} is also at {}:{}", entry.id, other.file.display(), other.line);
            return Err(malformed(&entry.file, entry.line, &other));
        }
        self.by_id.insert(entry.id.clone(), self.entries.len());
        self.entries.push(entry);
        Ok(())
    }

    /// Returns all questions.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the question with this id, if there is one.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Entry> {
        self.by_id.get(id).map(|n| &self.entries[*n])
    }

    /// Returns the question with an id that the user has typed. The error suggests a similar id.
    pub fn question(&self, id: &str) -> Result<Question, Failure> {
        let Some(entry) = self.get(id) else {
            let near = nearest(id, self.entries.iter().map(|entry| entry.id.as_str()));
            let meant = near.map_or(String::new(), |near| format!("did you mean {near}? "));
            return Err(Failure::Usage(format!(
                "there is no question {id:?}; {meant}interview list names them all"
            )));
        };
        entry.parse()
    }

    /// Returns the question that follows another one.
    pub fn follow_up(&self, question: &Question, then: &Then) -> Result<&Entry, Failure> {
        self.get(&then.id).ok_or_else(|| match self.get(&question.id) {
            Some(entry) => entry.wrong(&Wrong("then", format!("there is no question {:?}", then.id))),
            None => {
                Failure::Machine(format!("there is no question {:?}, which follows {}", then.id, question.id))
            }
        })
    }
}

/// Splits a file at its `[[question]]` lines.
fn cut(file: &Path, text: &str) -> Result<Vec<Entry>, Failure> {
    let head_at = |at: &usize| {
        let line = text[*at..].lines().next().unwrap_or_default();
        line.trim_end() == HEAD && (*at == 0 || text[..*at].ends_with('\n'))
    };
    let heads: Vec<usize> = text.match_indices(HEAD).map(|(at, _)| at).filter(head_at).collect();
    let preamble = &text[..heads.first().copied().unwrap_or(text.len())];
    if let Some(n) = preamble.lines().position(|line| !line.is_empty() && !line.starts_with('#')) {
        return Err(malformed(file, n + 1, &format!("only comments may stand before the first {HEAD}")));
    }
    let whole: Rc<str> = text.into();
    let mut line = 1 + preamble.matches('\n').count();
    let ends = heads.iter().skip(1).copied().chain([text.len()]);
    heads
        .iter()
        .zip(ends)
        .map(|(start, end)| {
            let part = *start..end;
            let (_, rest) = text[part.clone()]
                .split_once("\nid = \"")
                .ok_or_else(|| malformed(file, line, "the question has no line id = \"…\""))?;
            let id = rest.split('"').next().unwrap_or_default().into();
            let entry = Entry { id, file: file.into(), line, text: Rc::clone(&whole), part };
            line += text[entry.part.clone()].bytes().filter(|byte| *byte == b'\n').count();
            Ok(entry)
        })
        .collect()
}

impl Entry {
    /// Parses the question, and checks that it has all that its kind needs.
    pub fn parse(&self) -> Result<Question, Failure> {
        let Quiz { question: [keys] } = files::toml(&self.file, self.line, &self.text[self.part.clone()])?;
        let folder = self.file.parent().unwrap_or(Path::new(""));
        keys.question(folder).map_err(|wrong| self.wrong(&wrong))
    }

    /// Returns the properties by which it is chosen. Parses the question only if its first lines do not show
    /// them.
    pub fn facets(&self) -> Result<Facets, Failure> {
        if let Some([topic, level, kind]) = self.plain(["topic", "level", "kind"]) {
            return Ok(Facets { topic: topic.into(), level: level.into(), kind: kind.into() });
        }
        let Question { topic, level, task, .. } = self.parse()?;
        Ok(Facets { topic, level, kind: task.kind().into() })
    }

    /// Returns the values of the lines `key = "…"`, if they contain no escapes.
    fn plain(&self, keys: [&str; 3]) -> Option<[&str; 3]> {
        let mut values = [None; 3];
        for line in self.text[self.part.clone()].lines() {
            // Inside a string of several lines, a line may look like a key without being one.
            if line.contains("\"\"\"") || line.contains("'''") {
                return None;
            }
            for (key, value) in keys.iter().zip(&mut values) {
                let rest = line.strip_prefix(key).and_then(|rest| rest.strip_prefix(" = \""));
                *value = value.or(rest.and_then(|rest| rest.strip_suffix('"')));
            }
            if let [Some(topic), Some(level), Some(kind)] = values {
                let plain = [topic, level, kind].iter().all(|value| !value.contains(['"', '\\']));
                return plain.then_some([topic, level, kind]);
            }
        }
        None
    }

    /// Makes the failure for an error, with the line of its key.
    fn wrong(&self, Wrong(key, what): &Wrong) -> Failure {
        let of_key =
            |line: &str| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='));
        let before = self.text[self.part.clone()].lines().position(of_key).unwrap_or(0);
        malformed(&self.file, self.line + before, &format!("{}: {what}", self.id))
    }
}

//! The questions of `lessons/*/quiz.toml`.
//!
//! A bank may be large, and a reader waits for one question. So a file is cut at
//! its `[[question]]` lines, and only what is asked is parsed.

use ipc_workbook::lesson::Stop;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// All questions, in the order of the chapters.
pub(crate) struct Bank {
    entries: Vec<Entry>,
    by_id: HashMap<String, usize>,
}

/// A question that has not been parsed yet.
pub(crate) struct Entry {
    pub(crate) id: String,
    file: PathBuf,
    /// Where its `[[question]]` stands, counted from 1.
    line: usize,
    /// The whole file, and which part of it this is: no copy of what may never be asked.
    text: Rc<str>,
    part: Range<usize>,
}

/// A question, as quiz.toml has it.
#[derive(Deserialize, Serialize)]
pub(crate) struct Question {
    pub(crate) id: String,
    pub(crate) topic: String,
    pub(crate) level: String,
    pub(crate) kind: String,
    #[serde(rename = "question")]
    pub(crate) asks: String,
    /// What proves the answer: a lesson with its flags, or a command of the chapter's text.
    pub(crate) run: String,
    pub(crate) claims: Vec<String>,
    pub(crate) options: Vec<Choice>,
    /// The chapter's folder, `13-refcount`.
    #[serde(skip_deserializing)]
    pub(crate) chapter: String,
}

/// One option of a question.
#[derive(Deserialize, Serialize)]
pub(crate) struct Choice {
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) right: bool,
    pub(crate) why: String,
}

#[derive(Deserialize)]
struct Quiz {
    question: [Question; 1],
}

const HEAD: &str = "[[question]]";

impl Bank {
    /// Finds the questions of all chapters in this folder.
    pub(crate) fn find(lessons: &Path) -> Result<Self, Stop> {
        let mut files: Vec<PathBuf> = fs::read_dir(lessons)
            .map_err(|error| unreadable(lessons, &error))?
            .filter_map(|entry| Some(entry.ok()?.path().join("quiz.toml")))
            .filter(|file| file.exists())
            .collect();
        files.sort();
        let mut bank = Bank { entries: Vec::new(), by_id: HashMap::new() };
        for file in files {
            let text = fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
            for entry in cut(&file, &text)? {
                bank.add(entry)?;
            }
        }
        if bank.entries.is_empty() {
            return Err(Stop::Machine(format!(
                "there is no chapter with a quiz.toml in {}",
                lessons.display()
            )));
        }
        Ok(bank)
    }

    fn add(&mut self, entry: Entry) -> Result<(), Stop> {
        if let Some(other) = self.get(&entry.id) {
            let other = format!("the id {} stands at {}:{} too", entry.id, other.file.display(), other.line);
            return Err(malformed(&entry.file, entry.line, &other));
        }
        self.by_id.insert(entry.id.clone(), self.entries.len());
        self.entries.push(entry);
        Ok(())
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Entry> {
        self.by_id.get(id).map(|n| &self.entries[*n])
    }

    /// The question of this id, which a user has typed.
    pub(crate) fn question(&self, id: &str) -> Result<Question, Stop> {
        let unknown = || Stop::Usage(format!("there is no question {id:?}; interview list names them all"));
        self.get(id).ok_or_else(unknown)?.parse()
    }
}

/// The pieces of a file between its heads.
fn cut(file: &Path, text: &str) -> Result<Vec<Entry>, Stop> {
    let head_at = |at: &usize| {
        let line = text[*at..].lines().next().unwrap_or_default();
        line.trim_end() == HEAD && (*at == 0 || text[..*at].ends_with('\n'))
    };
    let heads: Vec<usize> = text.match_indices(HEAD).map(|(at, _)| at).filter(head_at).collect();
    let preamble = &text[..heads.first().copied().unwrap_or(text.len())];
    if let Some(n) = preamble.lines().position(|line| !line.is_empty() && !line.starts_with('#')) {
        return Err(malformed(file, n + 1, &format!("what stands before the first {HEAD} is no comment")));
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
    /// Parses it, and checks what the type does not say.
    pub(crate) fn parse(&self) -> Result<Question, Stop> {
        let text = &self.text[self.part.clone()];
        let quiz: Quiz = toml::from_str(text).map_err(|error| {
            let before = error.span().map_or("", |span| &text[..span.start]);
            malformed(&self.file, self.line + before.matches('\n').count(), error.message())
        })?;
        let [mut question] = quiz.question;
        if question.options.iter().filter(|option| option.right).count() != 1 || question.options.len() > 26 {
            let text = format!("{} needs exactly one right option, and at most 26 in all", self.id);
            return Err(malformed(&self.file, self.line, &text));
        }
        let folder = self.file.parent().and_then(Path::file_name).unwrap_or_default();
        question.chapter = folder.to_string_lossy().into_owned();
        Ok(question)
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Stop {
    Stop::Machine(format!("cannot read {}: {error}", path.display()))
}

fn malformed(file: &Path, line: usize, what: &str) -> Stop {
    let what: Vec<&str> = what.split_whitespace().collect();
    Stop::Machine(format!("{}:{line}: {}", file.display(), what.join(" ")))
}

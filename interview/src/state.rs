//! What has been answered, and when: one JSON file.
//!
//! The reviews are the truth. When a question is due is computed from them, and
//! kept beside them so that a start need not replay all of them.
//!
//! A file is replaced, never changed, so whatever happens there is a whole one.
//! Each store reads it anew under a lock: two sessions on one file keep both
//! their reviews.

use crate::schedule;
use crate::screen::PROGRAM;
use ipc_workbook::cli::{Failure, complain};
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The version of the file that this program writes. It rises when an older
/// program would misread the file: 2 has the grades hard and easy.
const SCHEMA: u32 = 2;

/// How an answer was, in the words of FSRS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Grade {
    Again,
    Hard,
    Good,
    Easy,
}

impl Grade {
    /// Whether the answer counts as right.
    pub(crate) fn is_right(self) -> bool {
        self >= Grade::Good
    }
}

/// An answer: milliseconds since 1970, and how it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub(crate) struct Review(pub(crate) i64, pub(crate) Grade);

/// What is known of one question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Record {
    /// Milliseconds since 1970.
    #[serde(default)]
    pub(crate) due: Option<i64>,
    pub(crate) reviews: Vec<Review>,
}

/// The file's content.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct State {
    schema: u32,
    pub(crate) questions: BTreeMap<String, Record>,
}

impl Default for State {
    fn default() -> Self {
        State { schema: SCHEMA, questions: BTreeMap::new() }
    }
}

/// Why a text is no state.
pub(crate) enum Unusable {
    Corrupt(String),
    Newer(u32),
}

impl State {
    pub(crate) fn parse(text: &[u8]) -> Result<State, Unusable> {
        #[derive(Deserialize)]
        struct Version {
            schema: u32,
        }
        let corrupt = |error: serde_json::Error| Unusable::Corrupt(error.to_string());
        // What a newer version looks like is not known, save for this field.
        let mut state: State = match serde_json::from_slice(text) {
            Ok(State { schema, .. }) if schema > SCHEMA => return Err(Unusable::Newer(schema)),
            Ok(state) => state,
            Err(error) => match serde_json::from_slice(text) {
                Ok(Version { schema }) if schema > SCHEMA => return Err(Unusable::Newer(schema)),
                _ => return Err(corrupt(error)),
            },
        };
        state.schema = SCHEMA;
        for record in state.questions.values_mut().filter(|record| record.due.is_none()) {
            record.replay();
        }
        Ok(state)
    }

    pub(crate) fn text(&self) -> String {
        // A map of strings to numbers is always JSON.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    /// Adds the reviews of another state; those that both have count once.
    /// Returns how many were new.
    pub(crate) fn merge(&mut self, other: State) -> usize {
        let mut new = 0;
        for (id, record) in other.questions {
            let mine = self.questions.entry(id).or_default();
            let before = mine.reviews.len();
            mine.reviews.extend(record.reviews);
            mine.replay();
            new += mine.reviews.len() - before;
        }
        new
    }

    /// An answer from the future makes everything after it look early; nothing is lost by it.
    pub(crate) fn warn_of_the_clock(&self) {
        let reviews = self.questions.values().filter_map(|record| record.reviews.last());
        let ahead = reviews.map(|review| review.0).max().map_or(0, |last| last - now());
        if ahead > 0 {
            complain(&format!(
                "{PROGRAM}: the clock went backwards: the last answer was given {} from now; all answers are kept",
                schedule::wait(ahead).trim_start_matches("in ")
            ));
        }
    }
}

impl Record {
    fn replay(&mut self) {
        self.reviews.sort_unstable();
        self.reviews.dedup();
        self.due = schedule::memory(&self.reviews).map(|card| card.due.timestamp_millis());
    }
}

/// The file in which the state is kept.
pub(crate) struct Store {
    file: PathBuf,
    folder: PathBuf,
}

impl Store {
    /// `--state FILE`, or where XDG puts it.
    pub(crate) fn new(file: Option<&PathBuf>) -> Result<Self, Failure> {
        let absolute =
            |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let file = match file {
            Some(file) => file.clone(),
            None => absolute("XDG_STATE_HOME")
                .or_else(|| Some(absolute("HOME")?.join(".local/state")))
                .ok_or_else(|| {
                    Failure::Usage(
                        "there is no HOME to keep answers in; name a file with --state FILE".into(),
                    )
                })?
                .join("ipc-workbook/interview.json"),
        };
        let folder = match file.parent() {
            Some(parent) if parent != Path::new("") => parent.into(),
            _ => ".".into(),
        };
        Ok(Store { file, folder })
    }

    /// What is stored; what cannot be read as a state is set aside, and said so.
    pub(crate) fn load(&self) -> Result<State, Failure> {
        let text = match fs::read(&self.file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(State::default()),
            Err(error) => {
                return Err(Failure::Machine(format!("cannot read {}: {error}", self.file.display())));
            }
        };
        let why = match State::parse(&text) {
            Ok(state) => return Ok(state),
            Err(Unusable::Corrupt(error)) => format!("is damaged ({error})"),
            Err(Unusable::Newer(schema)) => {
                format!("is of version {schema}, and this program knows versions up to {SCHEMA}")
            }
        };
        let mut aside = self.file.clone().into_os_string();
        aside.push(format!(".aside-{}", now()));
        fs::rename(&self.file, &aside).map_err(|error| {
            Failure::Machine(format!("{} {why}, and cannot be set aside: {error}", self.file.display()))
        })?;
        let aside = Path::new(&aside).display().to_string();
        complain(&format!(
            "{PROGRAM}: {} {why}; it now lies at {aside}, and a new one begins",
            self.file.display()
        ));
        Ok(State::default())
    }

    /// Whether an answer could be stored; asked before there is one.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        fs::create_dir_all(&self.folder).map_err(|error| self.refused(&error))?;
        nix::unistd::access(&self.folder, nix::unistd::AccessFlags::W_OK)
            .map_err(|errno| self.refused(&errno.into()))
    }

    /// Changes what is stored, and returns it as it is now.
    pub(crate) fn change(&self, change: impl FnOnce(&mut State)) -> Result<State, Failure> {
        self.check()?;
        let folder = File::open(&self.folder).map_err(|error| self.refused(&error))?;
        // The folder, because the file itself is replaced. Waits for the other, who is quick.
        let lock =
            Flock::lock(folder, FlockArg::LockExclusive).map_err(|(_, errno)| self.refused(&errno.into()))?;
        let mut state = self.load()?;
        change(&mut state);
        self.replace(&state.text()).map_err(|error| self.refused(&error))?;
        drop(lock);
        Ok(state)
    }

    /// Stores one answer.
    pub(crate) fn add(&self, id: &str, review: Review) -> Result<State, Failure> {
        self.change(|state| {
            let record = state.questions.entry(id.into()).or_default();
            record.reviews.push(review);
            record.replay();
        })
    }

    fn replace(&self, text: &str) -> std::io::Result<()> {
        let mut new = self.file.clone().into_os_string();
        new.push(".new");
        let mut file = File::create(&new)?;
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        let replaced = written.and_then(|()| fs::rename(&new, &self.file));
        if replaced.is_err() {
            let _ = fs::remove_file(&new);
        }
        replaced
    }

    fn refused(&self, error: &std::io::Error) -> Failure {
        Failure::Machine(format!(
            "cannot store answers in {}: {error}; name another file with --state FILE. What was stored before is untouched",
            self.file.display()
        ))
    }
}

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

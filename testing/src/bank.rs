//! The questions of all chapters, as quiz.toml has them. The drills have a parser of their
//! own; what is said here of a question does not rest on it.

use crate::folder::{name, text_if_there};
use crate::lessons::chapters;
use crate::root;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// An entry of quiz.toml.
#[derive(Clone)]
pub struct Question {
    /// The chapter's folder.
    pub folder: PathBuf,
    pub table: Table,
}

/// Every question of lessons/, in the order of the chapters.
pub fn questions() -> Vec<Question> {
    let of_chapter = |folder: &PathBuf| {
        let text = text_if_there(&folder.join("quiz.toml"));
        parsed(folder, &text)
    };
    chapters(root()).iter().flat_map(of_chapter).collect()
}

/// The questions of a quiz.toml.
pub fn parsed(folder: &Path, text: &str) -> Vec<Question> {
    let table: Table = text.parse().unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let all = table.get("question").and_then(Value::as_array).cloned().unwrap_or_default();
    let question = |value: Value| match value {
        Value::Table(table) => Question { folder: folder.into(), table },
        other => panic!("{}: {other} is no table", folder.display()),
    };
    all.into_iter().map(question).collect()
}

impl Question {
    /// The text of a key; empty if there is none.
    pub fn text(&self, key: &str) -> &str {
        text(&self.table, key)
    }

    pub fn id(&self) -> &str {
        self.text("id")
    }

    pub fn kind(&self) -> &str {
        self.text("kind")
    }

    pub fn chapter(&self) -> String {
        name(&self.folder)
    }

    /// The strings of a list.
    pub fn texts(&self, key: &str) -> Vec<&str> {
        self.list(key).iter().filter_map(Value::as_str).collect()
    }

    /// The tables of a list: options, points, then.
    pub fn tables(&self, key: &str) -> Vec<&Table> {
        self.list(key).iter().filter_map(Value::as_table).collect()
    }

    fn list(&self, key: &str) -> &[Value] {
        self.table.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// All claims that it names: its own, and those of its options and points.
    pub fn claims(&self) -> Vec<&str> {
        let inside = self.tables("options").into_iter().chain(self.tables("points"));
        let inside = inside.map(|table| text(table, "claim")).chain([self.text("claim")]);
        self.texts("claims").into_iter().chain(inside.filter(|claim| !claim.is_empty())).collect()
    }

    /// The program with the bug.
    pub fn program(&self) -> PathBuf {
        self.folder.join("bugs").join(self.text("program")).with_extension("c")
    }
}

/// The text of a key; empty if there is none.
pub fn text<'a>(table: &'a Table, key: &str) -> &'a str {
    table.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// What a question offers, and which of it is right.
pub struct Offer<'a> {
    pub options: Vec<&'a str>,
    pub right: usize,
}

/// In how much of a hundred questions the right option may be the longest of all.
const LONGEST: usize = 35;

/// How the right options can be told from the others without knowing anything: as the longest,
/// or by a place that holds more than half again as many of them as its share.
pub fn given_away(offers: &[Offer]) -> Vec<String> {
    let mut ways = Vec::new();
    let length = |option: &&str| option.chars().count();
    let longest = offers.iter().filter(|offer| {
        let mut others = offer.options.iter().enumerate().filter(|(place, _)| *place != offer.right);
        others.all(|(_, other)| length(other) < length(&offer.options[offer.right]))
    });
    let longest = longest.count();
    if longest * 100 > LONGEST * offers.len() {
        ways.push(format!("the right option is the longest in {longest} of {}", offers.len()));
    }
    let mut by_size: BTreeMap<usize, BTreeMap<usize, usize>> = BTreeMap::new();
    for offer in offers {
        *by_size.entry(offer.options.len()).or_default().entry(offer.right).or_default() += 1;
    }
    for (size, places) in by_size {
        let all: usize = places.values().sum();
        // Of a few, chance alone puts many in one place.
        let few = all < 10 * size;
        for (place, n) in places.into_iter().filter(|(_, n)| !few && n * size * 2 > all * 3) {
            ways.push(format!(
                "of {all} questions with {size} options, {n} have the right one at place {place}"
            ));
        }
    }
    ways
}

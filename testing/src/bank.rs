//! The questions of all chapters, as they are in quiz.toml. The drills have their own parser; the
//! tests do not rely on it.

use crate::folder::{name, text_if_there};
use crate::lessons::chapters;
use crate::root;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// One entry of a quiz.toml.
#[derive(Clone)]
pub struct Question {
    /// The folder of its chapter.
    pub folder: PathBuf,
    pub table: Table,
}

/// Returns every question of lessons/, in the order of the chapters.
pub fn questions() -> Vec<Question> {
    let of_chapter = |folder: &PathBuf| {
        let text = text_if_there(&folder.join("quiz.toml"));
        parsed(folder, &text)
    };
    chapters(root()).iter().flat_map(of_chapter).collect()
}

/// Parses the questions of a quiz.toml.
pub fn parsed(folder: &Path, text: &str) -> Vec<Question> {
    let table: Table = text.parse().unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let all = table.get("question").and_then(Value::as_array).cloned().unwrap_or_default();
    let question = |value: Value| match value {
        Value::Table(table) => Question { folder: folder.into(), table },
        other => panic!("{}: {other} is not a table", folder.display()),
    };
    all.into_iter().map(question).collect()
}

impl Question {
    /// Returns the text of a key, or an empty string if the key is missing.
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

    /// Returns the strings of a list.
    pub fn texts(&self, key: &str) -> Vec<&str> {
        self.list(key).iter().filter_map(Value::as_str).collect()
    }

    /// Returns the tables of a list, such as options, points or then.
    pub fn tables(&self, key: &str) -> Vec<&Table> {
        self.list(key).iter().filter_map(Value::as_table).collect()
    }

    fn list(&self, key: &str) -> &[Value] {
        self.table.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Returns all claims that the question names: its own, and those of its options and points.
    pub fn claims(&self) -> Vec<&str> {
        let inside = self.tables("options").into_iter().chain(self.tables("points"));
        let inside = inside.map(|table| text(table, "claim")).chain([self.text("claim")]);
        self.texts("claims").into_iter().chain(inside.filter(|claim| !claim.is_empty())).collect()
    }

    /// Returns the path of the program with the bug.
    pub fn program(&self) -> PathBuf {
        self.folder.join("bugs").join(self.text("program")).with_extension("c")
    }
}

/// Returns the text of a key, or an empty string if the key is missing.
pub fn text<'a>(table: &'a Table, key: &str) -> &'a str {
    table.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The options of a question, and which of them is right.
pub struct Offer<'a> {
    pub options: Vec<&'a str>,
    pub right: usize,
}

/// The largest percentage of questions in which the right option may be the longest.
const LONGEST: usize = 35;

/// Returns the ways in which the right options stand out: they are the longest too often, or one place
/// has more than one and a half times its share of them.
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
        // With few questions, chance alone puts many right options in one place.
        let few = all < 10 * size;
        for (place, n) in places.into_iter().filter(|(_, n)| !few && n * size * 2 > all * 3) {
            ways.push(format!(
                "of {all} questions with {size} options, {n} have the right option at place {place}"
            ));
        }
    }
    ways
}

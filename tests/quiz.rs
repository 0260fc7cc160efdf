//! The questions of all chapters are well formed. That the claims beneath them hold is asked in claims.rs.

mod blocks;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use support::*;
use toml::{Table, Value};

/// Every question with the file it stands in.
fn questions() -> Vec<(String, Table)> {
    let lessons = concat!(env!("CARGO_MANIFEST_DIR"), "/lessons");
    let mut all = Vec::new();
    for chapter in std::fs::read_dir(lessons).expect("lessons").filter_map(Result::ok) {
        let file = chapter.path().join("quiz.toml");
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let file = file.display().to_string();
        let table: Table = text.parse().unwrap_or_else(|error| panic!("{file}: {error}"));
        let questions = table["question"].as_array().unwrap_or_else(|| panic!("{file}: no [[question]]"));
        all.extend(
            questions.iter().map(|question| (file.clone(), question.as_table().expect("a table").clone())),
        );
    }
    all
}

fn text<'a>(question: &'a Table, key: &str) -> &'a str {
    let value = question.get(key).and_then(Value::as_str);
    value.unwrap_or_else(|| panic!("question {:?} has no {key}", question.get("id")))
}

#[test]
fn every_chapter_has_at_least_ten_questions() {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for (file, _) in questions() {
        *count.entry(file).or_default() += 1;
    }
    assert!(!count.is_empty());
    assert!(count.values().all(|n| *n >= 10), "{count:?}");
}

#[test]
fn every_question_has_what_a_question_needs() {
    let mut ids = BTreeSet::new();
    let blocks: String = blocks::blocks().into_iter().map(|block| block.text).collect();
    let typed: Vec<&str> = blocks.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    for (_, question) in questions() {
        let id = text(&question, "id");
        assert!(ids.insert(id.to_string()), "{id} stands twice");
        assert!(["junior", "mid", "senior"].contains(&text(&question, "level")), "{id}: level");
        assert!(["choice", "predict"].contains(&text(&question, "kind")), "{id}: kind");
        for key in ["topic", "question", "source", "run"] {
            assert!(!text(&question, key).is_empty(), "{id}: {key}");
        }
        assert!(question["claims"].as_array().is_some_and(|claims| !claims.is_empty()), "{id}: claims");
        let command = text(&question, "run");
        let program = command.split(' ').next().expect("a word").to_string();
        let can_be_run = lessons().contains(&program) || typed.iter().any(|line| line.starts_with(command));
        assert!(can_be_run, "{id}: {command} is neither a lesson nor in a console block");
    }
}

#[test]
fn one_option_is_right_and_each_says_why() {
    for (_, question) in questions() {
        let id = text(&question, "id");
        let options = question["options"].as_array().expect("options");
        assert!(options.len() >= 3, "{id}");
        let right = options
            .iter()
            .filter(|option| option.get("right").and_then(Value::as_bool) == Some(true))
            .count();
        assert_eq!(right, 1, "{id}: right options");
        let texts: BTreeSet<&str> =
            options.iter().map(|option| option["text"].as_str().expect("text")).collect();
        assert_eq!(texts.len(), options.len(), "{id}: two options say the same");
        assert!(
            options.iter().all(|option| option.get("why").is_some_and(|why| why.as_str() != Some(""))),
            "{id}: why"
        );
    }
}

#[test]
fn no_position_gives_the_right_option_away() {
    let mut positions: BTreeMap<usize, usize> = BTreeMap::new();
    let all = questions();
    for (_, question) in &all {
        let options = question["options"].as_array().expect("options");
        let right = options.iter().position(|option| option.get("right").is_some()).expect("a right one");
        *positions.entry(right).or_default() += 1;
    }
    assert!(positions.values().all(|n| n * 2 <= all.len()), "{positions:?} of {}", all.len());
}

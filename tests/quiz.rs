//! The questions of all chapters: well formed, and proved by claims that hold here and now.

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
    for (_, question) in questions() {
        let id = text(&question, "id");
        assert!(ids.insert(id.to_string()), "{id} stands twice");
        assert!(["junior", "mid", "senior"].contains(&text(&question, "level")), "{id}: level");
        assert!(["choice", "predict"].contains(&text(&question, "kind")), "{id}: kind");
        for key in ["topic", "question", "source", "run"] {
            assert!(!text(&question, key).is_empty(), "{id}: {key}");
        }
        let program = text(&question, "run").split(' ').next().expect("a word").to_string();
        assert!(lessons().contains(&program), "{id}: there is no lesson {program}");
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

/// The claims that the pages name, `chapter/claim`, each with its page.
fn named_claims() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/lessons");
    let mut all = Vec::new();
    let chapters: Vec<_> = std::fs::read_dir(folder).expect("lessons").filter_map(Result::ok).collect();
    let names: Vec<String> = chapters
        .iter()
        .filter_map(|chapter| Some(chapter.file_name().to_str()?.split_once('-')?.1.to_string()))
        .collect();
    for chapter in chapters {
        for page in std::fs::read_dir(chapter.path()).into_iter().flatten().filter_map(Result::ok) {
            let page = page.path();
            if page.extension().is_none_or(|end| end != "md") {
                continue;
            }
            for claim in claims_in(&std::fs::read_to_string(&page).expect("a page"), &names) {
                all.push((page.display().to_string(), claim));
            }
        }
    }
    all
}

/// The code of a text that is the name of a chapter, a slash, and words with hyphens.
fn claims_in(text: &str, chapters: &[String]) -> Vec<String> {
    let code = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let is_claim = |code: &&str| {
        code.split_once('/').is_some_and(|(chapter, claim)| {
            chapters.iter().any(|known| known == chapter)
                && claim.contains('-')
                && !claim.contains([' ', '/'])
        })
    };
    code.filter(is_claim).map(Into::into).collect()
}

#[test]
fn each_point_of_posix_and_system_v_names_claims_on_both_sides() {
    let page = include_str!("../lessons/23-connectionless/posix-and-system-v.md");
    let chapters: Vec<String> = named_claims()
        .into_iter()
        .filter_map(|(_, claim)| Some(claim.split_once('/')?.0.to_string()))
        .collect();
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    let points: Vec<Vec<&str>> = rows
        .map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
        .filter(|cells: &Vec<&str>| cells[0] != "point")
        .collect();
    assert!(points.len() >= 20, "{points:?}");
    for cells in points {
        assert_eq!(cells.len(), 3, "{cells:?}");
        for side in &cells[1..] {
            assert!(!claims_in(side, &chapters).is_empty(), "{}: no claim proves: {side}", cells[0]);
        }
    }
}

#[test]
fn every_answer_and_every_claim_that_a_page_names_is_proved_here() {
    private(|| {
        let mut held = BTreeSet::new();
        for lesson in lessons() {
            let output = run(workbook(&lesson).args(["--format", "json"]), 0);
            let claims = events(&output)
                .into_iter()
                .filter(|event| event["event"] == "claim" && held_or_excused(event));
            held.extend(claims.map(|claim| claim["id"].as_str().expect("an id").to_string()));
        }
        for (_, question) in questions() {
            let claims = question["claims"].as_array().expect("claims");
            assert!(!claims.is_empty(), "{}", text(&question, "id"));
            for claim in claims {
                let claim = claim.as_str().expect("an id");
                assert!(held.contains(claim), "{}: {claim} did not hold", text(&question, "id"));
            }
        }
        for (page, claim) in named_claims() {
            assert!(held.contains(&claim), "{page}: {claim} did not hold");
        }
    });
}

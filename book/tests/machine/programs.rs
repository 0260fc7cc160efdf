//! Each C program in the page, and each Rust lesson if the machine has them, against the recording of its lesson.

use crate::chromium::Chromium;
use crate::{Page, command, trial};
use ipc_workbook_testing::harness::Trial;
use ipc_workbook_testing::root;
use ipc_workbook_tools::workbook::events::{self, Claim, Event};
use ipc_workbook_tools::workbook::promises::{Promise, promises};
use ipc_workbook_tools::workbook::recordings::recording;
use ipc_workbook_tools::workbook::{Chapter, contents};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The seconds that a program may take. Two of them try a race many times.
const SECONDS: u32 = 400;
const NOT_SEEN: &str = "not seen";

/// One trial for each chapter.
pub(crate) fn trials(page: &Page) -> Vec<Trial> {
    let chapters = contents(root()).expect("the chapters").chapters;
    let with_lessons = chapters.into_iter().filter(|chapter| !chapter.lessons.is_empty());
    let mut trials = vec![Trial::test("a program that differs from its recording is reported", || {
        differences();
        Ok(())
    })];
    // rustc can compile the lessons only where it has the standard library for the machine.
    let with_rust = root().join("target/machine/file-system/rust").is_dir();
    let languages = if with_rust { vec![Language::C, Language::Rust] } else { vec![Language::C] };
    for chapter in with_lessons.map(Arc::new) {
        for language in languages.clone() {
            let name = format!("{}: the {language:?} programs get what was recorded", chapter.folder);
            let chapter = Arc::clone(&chapter);
            trials.push(trial(&name, page, move |browser| all_of(&chapter, language, browser)));
        }
    }
    trials
}

#[derive(Clone, Copy, Debug)]
enum Language {
    C,
    Rust,
}

impl Language {
    /// Returns the command that runs a lesson.
    fn command(self, name: &str) -> String {
        match self {
            Language::C => format!("cd /src; timeout {SECONDS} /lessons/{name}"),
            Language::Rust => format!("timeout {SECONDS} /rust/{name} --format json"),
        }
    }

    /// Returns a line for each claim that was seen: its identifier and its result.
    fn lines(self, output: String) -> String {
        match self {
            Language::C => output,
            Language::Rust => {
                let seen = events::claims(&output).into_iter().filter(|claim| claim.held.is_some());
                let line = |claim: Claim| format!("{}: {}", without_chapter(&claim.id), claim.got);
                seen.map(line).collect::<Vec<String>>().join("\n")
            }
        }
    }
}

fn without_chapter(id: &str) -> &str {
    id.split_once('/').map_or(id, |(_, id)| id)
}

fn all_of(chapter: &Chapter, language: Language, browser: &mut Chromium) -> Result<(), String> {
    let promises = promises(chapter).map_err(|error| error.to_string())?;
    let mut wrong = Vec::new();
    for lesson in &chapter.lessons {
        let name = &lesson.name;
        let recorded = recording(chapter, name).map_err(|error| error.to_string())?;
        let (output, code) = command(browser, &language.command(name))?;
        if code != 0 {
            wrong.push(format!("{name} ends with {code}: {output}"));
            continue;
        }
        let differs = differs(&language.lines(output), &claims(&recorded), &promises);
        wrong.extend(differs.into_iter().map(|what| format!("{name}: {what}")));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// The claims of a recording: identifier without the chapter, and result.
fn claims(events: &[Event]) -> BTreeMap<&str, &str> {
    let claims = events.iter().filter_map(|event| match event {
        Event::Claim(claim) => Some(claim),
        _ => None,
    });
    claims.map(|claim| (without_chapter(&claim.id), &*claim.got)).collect()
}

/// Compares what a program prints with the recording, and returns what differs.
fn differs(
    output: &str,
    recorded: &BTreeMap<&str, &str>,
    promises: &BTreeMap<String, Promise>,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for line in output.lines() {
        let Some((id, got)) = line.split_once(": ") else {
            wrong.push(format!("not a claim: {line}"));
            continue;
        };
        let is_wide = promises.get(id).is_some_and(|promise| promise.wide.is_some());
        match recorded.get(id) {
            None => wrong.push(format!("the recording has no {id}")),
            // The recording hides a value that differs from machine to machine.
            Some(&other) if other == NOT_SEEN || other.starts_with("ADDRESS-") => compared += 1,
            Some(&other) if is_wide && other == got => {
                wrong.push(format!("{id} is {got} on 32 bits too, so remove `wide` from claims.toml"));
            }
            Some(&other) if !is_wide && other != got => wrong.push(format!("{id}: {got}, recorded {other}")),
            Some(_) => compared += 1,
        }
    }
    if compared == 0 {
        wrong.push("it makes no claim".into());
    }
    wrong
}

/// Checks the comparison itself.
fn differences() {
    let recorded = BTreeMap::from([("one", "1"), ("two", "ENOENT"), ("three", NOT_SEEN), ("wide", "64")]);
    let wide = r#"{ "wide": { "by": "Linux", "source": "mq_overview(7)", "wide": "A reason." } }"#;
    let promises: BTreeMap<String, Promise> = serde_json::from_str(wide).expect("an entry");
    let differs = |output: &str| differs(output, &recorded, &promises).join("; ");
    assert_eq!(differs("one: 1\ntwo: ENOENT\nthree: 3\nwide: 32"), "");
    assert_eq!(differs("one: 2"), "one: 2, recorded 1; it makes no claim");
    assert!(differs("wide: 64").contains("remove `wide`"));
    assert!(differs("four: 4").contains("the recording has no four"));
    assert!(differs("").contains("it makes no claim"));
    assert!(differs("one: 1\nTerminated").contains("not a claim: Terminated"));
}

//! Every lesson, as a student runs it: all claims hold, whoever runs it, with and without
//! /dev/mqueue; and its events are as the schema describes, and agree with one another.
//!
//! This is what each lesson promises first, and a run takes a few hundredths of a second. So
//! nothing is left to a sample here: all lessons run in each place, one after another.

use crate::events::{agree_with_one_another, as_described};
use ipc_workbook_testing::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Output;

pub(crate) fn trials(trials: &mut Trials) {
    for place in Place::all() {
        let name = format!("every claim of every lesson holds{}", place.words());
        trials.add(name, place, every_lesson_holds);
    }
    trials.plain("every claim holds in a lesson's own private namespace".into(), || {
        for lesson in lessons() {
            let output = run(workbook(lesson).args(["--private", "--format", "json"]), 0);
            assert_eq!(events(&output)[0]["private"], true, "{}", describe(&output));
            all_claims_hold(lesson, &output);
        }
    });
}

fn every_lesson_holds() {
    let all = lessons();
    assert!(!all.is_empty());
    let mut made: BTreeMap<String, String> = BTreeMap::new();
    for lesson in all {
        let output = run(workbook(lesson).args(["--format", "json"]), 0);
        for claim in all_claims_hold(lesson, &output) {
            let id = claim["id"].as_str().expect("an id").to_string();
            let before = made.insert(id.clone(), lesson.clone());
            assert_eq!(before, None, "{lesson} claims {id} again");
        }
        let events = events(&output);
        as_described(&events, &output);
        agree_with_one_another(lesson, &events, &output);
        assert!(complaints(&output).is_empty(), "{}", describe(&output));
        // The chapter is a folder that is there.
        let chapter = events[0]["chapter"].as_str().unwrap_or_default();
        assert!(root().join("lessons").join(chapter).is_dir(), "{lesson}: there is no chapter {chapter}");
    }
}

/// The claims of a run: all that is claimed was seen and held, but for what one user alone
/// cannot see.
fn all_claims_hold(lesson: &str, output: &Output) -> Vec<Value> {
    let claims: Vec<Value> = events(output).into_iter().filter(|event| event["event"] == "claim").collect();
    assert!(!claims.is_empty(), "{lesson} claims nothing: {}", describe(output));
    assert!(claims.iter().all(held_or_excused), "{}", describe(output));
    claims
}

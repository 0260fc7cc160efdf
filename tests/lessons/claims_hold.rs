//! Every lesson, run as a student runs it: all claims hold, for each user, with and without /dev/mqueue.
//! Its events match the schema and are consistent. The options of each question contain the result. The
//! lesson has the flags for keys if it uses keys.
//!
//! These are the first promises of a lesson, and all of them are read from one run, which takes a few hundredths
//! of a second. No sample is taken here: all lessons run in each place, one after another.

use crate::events::{agree_with_one_another, as_described};
use crate::flags::questions_are_answered;
use crate::keys::offered_where_used;
use ipc_workbook_testing::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Output;

pub(crate) fn trials(trials: &mut Trials) {
    for place in Place::all() {
        let name = format!("every claim of every lesson holds{}", place.words());
        trials.add(name, place, every_lesson_holds);
    }
    trials.plain("every claim holds with --private".into(), || {
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
            assert_eq!(before, None, "{lesson} makes the claim {id} of another lesson");
        }
        let events = events(&output);
        as_described(&events, &output);
        agree_with_one_another(lesson, &events, &output);
        questions_are_answered(&events);
        offered_where_used(lesson, &events);
        assert!(complaints(&output).is_empty(), "{}", describe(&output));
        // The chapter must be an existing folder.
        let chapter = events[0]["chapter"].as_str().unwrap_or_default();
        assert!(root().join("lessons").join(chapter).is_dir(), "{lesson}: there is no chapter {chapter}");
    }
}

/// Returns the claims of a run. Panics if a claim failed, or was not seen for another reason than that it
/// needs a second user or root.
fn all_claims_hold(lesson: &str, output: &Output) -> Vec<Value> {
    let claims: Vec<Value> = events(output).into_iter().filter(|event| event["event"] == "claim").collect();
    assert!(!claims.is_empty(), "{lesson} claims nothing: {}", describe(output));
    assert!(claims.iter().all(held_or_excused), "{}", describe(output));
    claims
}

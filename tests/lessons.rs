//! Every lesson, as a student runs it: all claims hold, whoever runs it, with
//! and without /dev/mqueue. (In a test's own namespace the lessons run without --private.)

// A closure carries its test's name, which a function of its own would not.
#![allow(clippy::redundant_closure)]

mod support;

use std::collections::BTreeMap;
use support::*;

/// Runs every lesson; all that is claimed was seen and held, but for what one
/// user alone cannot see.
fn every_lesson_holds() {
    let all = lessons();
    assert!(!all.is_empty());
    for lesson in all {
        let output = run(workbook(&lesson).args(["--format", "json"]), 0);
        let claims: Vec<_> = events(&output).into_iter().filter(|event| event["event"] == "claim").collect();
        assert!(!claims.is_empty(), "{lesson} claims nothing");
        assert!(claims.iter().all(held_or_excused), "{}", tell(&output));
    }
}

#[test]
fn every_claim_holds() {
    private(|| every_lesson_holds());
}

#[test]
fn every_claim_holds_without_dev_mqueue() {
    private_as(User::Me, Mqueue::Absent, || every_lesson_holds());
}

#[test]
fn every_claim_holds_for_an_unprivileged_user() {
    let user = *User::all().last().expect("somebody");
    private_as(user, Mqueue::Mounted, || every_lesson_holds());
}

#[test]
fn every_claim_holds_for_an_unprivileged_user_without_dev_mqueue() {
    let user = *User::all().last().expect("somebody");
    private_as(user, Mqueue::Absent, || every_lesson_holds());
}

#[test]
fn every_claim_holds_in_the_lessons_own_private_namespace() {
    for lesson in lessons() {
        let output = run(workbook(&lesson).args(["--private", "--format", "json"]), 0);
        let events = events(&output);
        assert_eq!(events[0]["private"], true, "{}", tell(&output));
        let mut claims = events.iter().filter(|event| event["event"] == "claim");
        assert!(claims.all(held_or_excused), "{}", tell(&output));
    }
}

#[test]
fn a_claim_is_made_once_in_its_chapter() {
    private(|| {
        let mut made: BTreeMap<String, String> = BTreeMap::new();
        for lesson in lessons() {
            let output = run(workbook(&lesson).args(["--format", "json"]), 0);
            for event in events(&output).iter().filter(|event| event["event"] == "claim") {
                let id = event["id"].as_str().expect("an id").to_string();
                let before = made.insert(id.clone(), lesson.clone());
                assert_eq!(before, None, "{lesson} claims {id} again");
            }
        }
    });
}

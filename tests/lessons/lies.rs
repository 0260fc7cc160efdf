//! Lies to each lesson about its calls. Each claim notices at least one lie, or claims.toml says why it
//! cannot. Each day tries a few claims of one lesson, and `.ci/exhaustive` tries all.

use ipc_workbook_testing::lies::{lie_to, reasons::reasons};
use ipc_workbook_testing::prelude::*;

/// One claim in so many of the day's lesson is tried.
const ONE_CLAIM_IN: u64 = 4;

/// How many more times the lies are told to the claims that have not turned.
const MORE_ATTEMPTS: usize = 3;

pub(crate) fn trials(trials: &mut Trials) {
    for lesson in sample(lessons().to_vec(), "lies", 1) {
        let name = format!("{lesson}: each claim notices a lie");
        trials.add(name, Place::EASIEST, move || each_claim_turns(&lesson));
    }
}

fn each_claim_turns(lesson: &str) {
    let reasons = reasons();
    // Only all lies together show that a claim with a reason never turns.
    let is_excused =
        |id: &str| !is_in_sample(id, ONE_CLAIM_IN) || (!exhaustive() && reasons.contains_key(id));
    let lied = |is_excused: &dyn Fn(&str) -> bool| {
        lie_to(&program(lesson), is_excused).expect("the lesson under a tracer")
    };
    let mut findings = lied(&is_excused);
    // Where processes race, a lie turns a claim only in some runs, so try the others again.
    for _ in 0..MORE_ATTEMPTS {
        let left = findings.unexplained(&reasons);
        if left.is_empty() {
            break;
        }
        findings = lied(&|id| !left.iter().any(|claim| claim == id));
    }
    let wrong = findings.wrong(&reasons);
    assert!(
        wrong.is_empty(),
        "cargo run -p ipc-workbook-testing --bin lies {lesson} shows each lie\n{}",
        wrong.join("\n")
    );
}

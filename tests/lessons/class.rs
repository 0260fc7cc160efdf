//! A class on one machine: other users run the same lessons at the same time, and nobody
//! notices. Whoever comes second uses a name, or a key, of their own.

use ipc_workbook_testing::prelude::*;
use std::os::unix::fs::MetadataExt;
use std::process::{Output, Stdio};

pub(crate) fn trials(trials: &mut Trials) {
    let beside = "beside a run of another user that pauses, it uses a name or a key of its own";
    let given = "a name that a run of another user has is refused to whoever chooses it";
    let at_once = "two users run it at the same time";
    let in_any_order = "two users run all lessons at the same time, each in another order";
    if users_of_trials().len() < 2 {
        for sentence in [beside, given, at_once, in_any_order] {
            trials.skip(sentence, "it needs root, to be two users");
        }
        return;
    }
    let place = [Place::EASIEST];
    trials.shared_layer(beside, &place, Profile::makes_something, beside_a_pause);
    trials.shared_layer(given, &place, Profile::makes_something, chosen_by_both);
    trials.shared_layer(at_once, &place, any_lesson, at_the_same_time);
    trials.add(in_any_order.into(), Place::EASIEST, all_in_any_order);
}

/// Whether a run has locked a name or a key here. One in a private namespace is in nobody's way.
fn names_are_locked() -> bool {
    let namespace = std::fs::metadata("/proc/self/ns/ipc").expect("/proc is mounted").ino();
    let sockets = std::fs::read_to_string("/proc/net/unix").expect("/proc is mounted");
    !leftovers().is_empty() || sockets.contains(&format!(" @ipc-workbook {namespace} "))
}

/// How often two users start at the same time.
fn rounds() -> usize {
    if exhaustive() { 10 } else { 1 }
}

/// The lesson, about to run as `user`.
fn as_user(lesson: &str, user: User) -> std::process::Command {
    let mut command = workbook(lesson);
    become_user(&mut command, user);
    command
}

fn beside_a_pause(lesson: &str) {
    let steps = usual(lesson).steps;
    for step in sample((1..=steps).collect(), &format!("{lesson}: the step of the pause"), 1) {
        for (first, second) in [(User::Nobody, User::Me), (User::Me, User::Nobody)] {
            let mut paused = Paused::of(as_user(lesson, first).arg("--pause"));
            paused.enter(step - 1);
            paused.prompts(step);
            let (before, shared) = (leftovers(), names_are_locked());
            let output = run(as_user(lesson, second).args(["--format", "json"]), 0);
            let events = events(&output);
            let when = format!("{first:?} pauses in step {step}: {}", describe(&output));
            let claims = events.iter().filter(|event| event["event"] == "claim");
            assert!(claims.clone().count() > 0, "{when}");
            for claim in claims {
                assert!(held_or_excused_as(second, claim), "{claim}: {when}");
            }
            let says_so = |event: &serde_json::Value| {
                event["event"] == "note"
                    && event["text"].as_str().is_some_and(|text| text.contains("so this run uses the "))
            };
            assert_eq!(events.iter().any(says_so), shared, "does it say what it uses? {when}");
            assert!(complaints(&output).is_empty(), "{when}");
            assert_eq!(leftovers(), before, "{when}");
            paused.enter(steps);
            no_claim_failed(&paused.end());
            nothing_left("after both");
        }
    }
}

fn chosen_by_both(lesson: &str) {
    let steps = usual(lesson).steps;
    for step in sample((1..=steps).collect(), &format!("{lesson}: the step of the pause"), 1) {
        let mut paused = Paused::of(as_user(lesson, User::Nobody).args(["--pause", "--name", "/given"]));
        paused.enter(step - 1);
        paused.prompts(step);
        let before = leftovers();
        let mut chosen = workbook(lesson);
        chosen.args(["--name", "/given"]);
        // Also where the object is not made yet, or is gone already.
        if names_are_locked() {
            refused(&mut chosen, 3, &["choose another", "with --"]);
        } else {
            run(&mut chosen, 0);
        }
        assert_eq!(leftovers(), before, "while another user pauses in step {step}");
        paused.enter(steps);
        no_claim_failed(&paused.end());
        nothing_left("after both");
    }
}

/// Nobody was in the way, and nothing false was said. (What somebody else's work hides is not seen.)
fn no_claim_failed(output: &Output) {
    assert!(output.status.success() && complaints(output).is_empty(), "{}", describe(output));
}

fn at_the_same_time(lesson: &str) {
    for _ in 0..rounds() {
        let runs = [User::Me, User::Nobody].map(|user| {
            let mut command = as_user(lesson, user);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            (format!("{lesson} as {user:?}"), command.spawn().expect("a lesson"))
        });
        for (text, child) in runs {
            no_claim_failed(&end_of(child, &text));
        }
        nothing_left(lesson);
    }
}

fn all_in_any_order() {
    for round in 0..rounds() {
        let run_all = |user: User| {
            let label = format!("lessons of {user:?}, round {round}");
            let some: Vec<String> = sample(lessons().to_vec(), &label, 4);
            for lesson in shuffled(some, &label) {
                no_claim_failed(&run(&mut as_user(&lesson, user), 0));
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(|| run_all(User::Nobody));
            run_all(User::Me);
        });
        nothing_left("all lessons");
    }
}

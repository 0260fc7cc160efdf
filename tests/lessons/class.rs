//! Several users of one machine run the same lessons at the same time and do not disturb each other. The
//! second one's run uses a name or key of its own.

use ipc_workbook_testing::prelude::*;
use std::os::unix::fs::MetadataExt;
use std::process::{Output, Stdio};

pub(crate) fn trials(trials: &mut Trials) {
    let beside = "while the run of another user pauses, it uses a name or key of its own";
    let given = "it refuses a --name that a run of another user has";
    let at_once = "two users can run it at the same time";
    let in_any_order = "two users can run all lessons at the same time, in different orders";
    if users_of_trials().len() < 2 {
        for sentence in [beside, given, at_once, in_any_order] {
            trials.skip(sentence, "only root can run it as two users");
        }
        return;
    }
    let place = [Place::EASIEST];
    trials.shared_layer(beside, &place, Profile::makes_something, beside_a_pause);
    trials.shared_layer(given, &place, Profile::makes_something, chosen_by_both);
    trials.shared_layer(at_once, &place, any_lesson, at_the_same_time);
    trials.add(in_any_order.into(), Place::EASIEST, all_in_any_order);
}

/// Returns whether a run has locked a name or key here. A run in a private namespace locks nothing.
fn names_are_locked() -> bool {
    let namespace = std::fs::metadata("/proc/self/ns/ipc").expect("/proc is mounted").ino();
    let sockets = std::fs::read_to_string("/proc/net/unix").expect("/proc is mounted");
    !leftovers().is_empty() || sockets.contains(&format!(" @ipc-workbook {namespace} "))
}

/// Returns how often two users start at the same time.
fn rounds() -> usize {
    if exhaustive() { 10 } else { 1 }
}

/// Returns a command that runs the lesson as `user`.
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
            assert_eq!(events.iter().any(says_so), shared, "whether it says what it uses: {when}");
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
        // There is a lock even if the object does not exist yet or any more.
        if names_are_locked() {
            refused(&mut chosen, 3, &["choose another", "with --"]);
        } else {
            run(&mut chosen, 0);
        }
        assert_eq!(leftovers(), before, "the objects of the other user, who pauses in step {step}");
        paused.enter(steps);
        no_claim_failed(&paused.end());
        nothing_left("after both");
    }
}

/// Panics if a run failed or complained. A claim may be unseen, because another user's work
/// can make it impossible to observe.
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

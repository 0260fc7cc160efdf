//! The drills as a person uses them: in a real pseudo-terminal.

use crate::common::*;
use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};
use std::path::Path;

/// A debug build on a busy machine, which may have a lesson to build first.
const MILLISECONDS: u64 = 300_000;

fn session(folder: &Path, args: &[&str]) -> PtySession {
    let mut command = drills(folder, args);
    command.env("TERM", "xterm").env_remove("NO_COLOR");
    // Where the lessons are built already, the drills need not look for cargo.
    if Path::new(env!("CARGO_BIN_EXE_interview")).with_file_name("refcount_demo").exists() {
        command.env("CARGO", "/nowhere/cargo");
    }
    spawn_command(command, Some(MILLISECONDS)).expect("a terminal")
}

/// Waits for these words, and types a line.
fn after(session: &mut PtySession, words: &str, line: &str) -> String {
    let before = session.exp_string(words).unwrap_or_else(|error| panic!("{words}: {error}"));
    session.send_line(line).expect("typed");
    before
}

fn ends_well(mut session: PtySession) {
    session.exp_eof().expect("the end");
    assert!(matches!(session.process().wait(), Ok(WaitStatus::Exited(_, 0))));
}

#[test]
fn proving_runs_the_lesson_in_a_private_namespace_and_returns() {
    let folder = scratch("prove");
    let mut session = session(&folder, &["--level", "junior"]);
    after(&mut session, "q to stop: ", "a");
    session.exp_string("(your answer)").expect("the answer");
    after(&mut session, "q to stop: ", "p");
    let narrated = session.exp_string("p to prove it").expect("the offer again");
    assert!(narrated.contains("private namespace") && narrated.contains(" 0 failed"), "{narrated}");
    after(&mut session, "q to stop: ", "q");
    session.exp_string("1 answered").expect("the sum");
    ends_well(session);
}

#[test]
fn each_kind_is_answered_and_discussed() {
    for (flags, prompt, typed, told) in [
        (["names", "mid"], "answer a-c, ", "a", "The name goes at once"),
        (["lives", "mid"], "the letters a-d in the right order, ", "abcd", "Only what has no name"),
        (["names", "senior"], "the line with the bug, 1-20, ", "14", "so that no client finds the queue"),
        (["lives", "senior"], "Enter shows the points, ", "the name keeps it", "1  Its name."),
    ] {
        let folder = scratch(&flags.concat());
        let mut session = session(&folder, &["--topic", flags[0], "--level", flags[1]]);
        session.exp_string(prompt).unwrap_or_else(|error| panic!("{prompt}: {error}"));
        after(&mut session, "q to stop: ", typed);
        if typed == "the name keeps it" {
            after(&mut session, "Enter for none: ", "a c");
            session.exp_string("2 of 3 points.").expect("the sum");
        } else {
            session.exp_string(told).unwrap_or_else(|error| panic!("{told}: {error}"));
        }
        after(&mut session, "Enter to go on, q to stop: ", "q");
        session.exp_string("1 answered").expect("the sum");
        ends_well(session);
    }
}

#[test]
fn a_bug_is_proved_by_running_it() {
    let folder = scratch("bug");
    let mut session = session(&folder, &["--topic", "names", "--level", "senior"]);
    after(&mut session, "q to stop: ", "9");
    after(&mut session, "Enter to go on, q to stop: ", "p");
    session.exp_string("as it stands above:").expect("the program");
    session.exp_string("client: ENOENT").expect("what the bug does");
    session.exp_string("with the fix in place:").expect("the fix");
    session.exp_string("client: connected").expect("what the fix does");
    after(&mut session, "Enter to go on, q to stop: ", "q");
    ends_well(session);
}

#[test]
fn an_interview_is_held_and_reported() {
    let folder = scratch("mock");
    let mut session = session(&folder, &["mock", "--minutes", "5", "--level", "junior"]);
    after(&mut session, "4 min 59 s left", "a");
    session.exp_string("And whoever comes later?").expect("the follow-up");
    after(&mut session, "q to stop: ", "s");
    session.exp_string(" of 2 right, in ").expect("a report");
    session.exp_string("cargo run --bin refcount_demo").expect("what to run");
    ends_well(session);
}

#[test]
fn ctrl_c_after_an_answer_loses_nothing() {
    for (args, next) in
        [(&["--level", "junior"][..], "p to prove it"), (&["mock", "--level", "junior"], "question 2")]
    {
        let folder = scratch(&format!("ctrl-c-{}", args.len()));
        let mut session = session(&folder, args);
        after(&mut session, "q to stop: ", "a");
        session.exp_string(next).expect("what comes after the answer");
        session.send_control('c').expect("typed");
        session.exp_eof().expect("the end");
        assert!(!matches!(session.process().wait(), Ok(WaitStatus::Exited(_, 0))));
        assert_eq!(grades(&folder, "drill-choice").len(), 1);
    }
}

#[test]
fn ctrl_d_ends_it_with_a_clear_line() {
    for args in [&[][..], &["mock"]] {
        let folder = scratch(&format!("ctrl-d-{}", args.len()));
        let mut session = session(&folder, args);
        session.exp_string("q to stop: ").expect("the question");
        session.send_control('d').expect("typed");
        session.exp_string("standard input has ended").expect("the line");
        session.exp_eof().expect("the end");
        assert!(matches!(session.process().wait(), Ok(WaitStatus::Exited(_, 3))));
    }
}

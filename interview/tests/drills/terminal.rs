//! The drills as a person uses them: in a pseudo-terminal.

use crate::common::*;
use ipc_workbook_testing::screen::{fits, on_screen};
use ipc_workbook_testing::terminal::Terminal;
use std::path::Path;
use std::time::Duration;

/// A debug build on a busy machine is slow, and may first have to build a lesson.
const LIMIT: Duration = Duration::from_secs(300);

fn session(folder: &Path, args: &[&str]) -> Terminal {
    let mut command = drills(folder, args);
    // The screen is wide enough for every text that the tests wait for to fit on one line.
    command.env("TERM", "xterm").env("COLUMNS", "1000").env_remove("NO_COLOR");
    Terminal::start(&mut command).with_limit(LIMIT)
}

/// Waits for these words, and then types a line.
fn after(session: &mut Terminal, words: &str, line: &str) {
    session.expect(words);
    session.type_line(line);
}

/// Waits until the session has ended by itself, with this exit code.
fn ends_with(session: Terminal, code: i32) {
    let (text, status) = session.rest();
    assert_eq!(status.code(), Some(code), "{text}");
}

#[test]
fn a_question_and_its_answer_fit_the_terminal() {
    let folder = Folder::new("narrow");
    for width in [80, 50] {
        for kind in ["choice", "predict", "order", "bug", "explain"] {
            fits(&on_screen(&mut drills(&folder, &["show", &format!("drill-{kind}")]), width, 0), width);
        }
        fits(&on_screen(&mut interview(&folder, &["--help"]), width, 0), width);
        fits(&on_screen(&mut interview(&folder, &["stats"]), width, 0), width);
    }
}

#[test]
fn proving_runs_the_lesson_in_a_private_namespace_and_returns() {
    let folder = Folder::new("prove");
    let mut session = session(&folder, &["--level", "junior"]);
    after(&mut session, "q to stop: ", "a");
    session.expect("(your answer)");
    after(&mut session, "q to stop: ", "p");
    let narrated = session.expect("p to prove it");
    assert!(narrated.contains("private namespace") && narrated.contains(" 0 failed"), "{narrated}");
    let proof = narrated.split("What proves the answer:").nth(1).unwrap_or_default();
    assert!(proof.contains("  step "), "{narrated}");
    after(&mut session, "q to stop: ", "q");
    session.expect("1 answered");
    ends_with(session, 0);
}

#[test]
fn each_kind_is_answered_and_discussed() {
    for (flags, prompt, typed, answer) in [
        (["names", "mid"], "type a letter a-c, ", "a", "The name is removed at once"),
        (["lives", "mid"], "type the letters a-d in the right order, ", "abcd", "A queue is destroyed when"),
        (["names", "senior"], "the line with the bug, 1-20, ", "14", "so the client cannot open the queue"),
        (["lives", "senior"], "Enter to see the points, ", "the name keeps it", "1  Its name."),
    ] {
        let folder = Folder::new(&flags.concat());
        let mut session = session(&folder, &["--topic", flags[0], "--level", flags[1]]);
        session.expect(prompt);
        after(&mut session, "q to stop: ", typed);
        if typed == "the name keeps it" {
            after(&mut session, "Enter for none: ", "a c");
            session.expect("2 of 3 points.");
        } else {
            session.expect(answer);
        }
        after(&mut session, "Enter to go on, q to stop: ", "q");
        session.expect("1 answered");
        ends_with(session, 0);
    }
}

#[test]
fn a_bug_is_proved_by_running_it() {
    let folder = Folder::new("bug");
    let mut session = session(&folder, &["--topic", "names", "--level", "senior"]);
    after(&mut session, "q to stop: ", "9");
    after(&mut session, "Enter to go on, q to stop: ", "p");
    session.expect("with the bug:");
    session.expect("client: ENOENT");
    session.expect("with the fix:");
    session.expect("client: connected");
    after(&mut session, "Enter to go on, q to stop: ", "q");
    ends_with(session, 0);
}

#[test]
fn an_interview_is_held_and_reported() {
    let folder = Folder::new("mock");
    let mut session = session(&folder, &["mock", "--minutes", "5", "--level", "junior"]);
    // A busy machine may use up some of the five minutes before the first question.
    after(&mut session, "4 min 5", "a");
    session.expect("And for a process that opens it later?");
    after(&mut session, "q to stop: ", "s");
    session.expect(" of 2 right, in ");
    session.expect("cargo run --bin refcount_demo");
    ends_with(session, 0);
}

#[test]
fn ctrl_c_after_an_answer_loses_nothing() {
    for (args, next) in
        [(&["--level", "junior"][..], "p to prove it"), (&["mock", "--level", "junior"], "question 2")]
    {
        let folder = Folder::new(&format!("ctrl-c-{}", args.len()));
        let mut session = session(&folder, args);
        after(&mut session, "q to stop: ", "a");
        session.expect(next);
        session.type_control('c');
        let (text, status) = session.rest();
        assert!(!status.success(), "{text}");
        assert_eq!(grades(&folder, "drill-choice").len(), 1);
    }
}

#[test]
fn ctrl_d_ends_it_with_a_message() {
    for args in [&[][..], &["mock"]] {
        let folder = Folder::new(&format!("ctrl-d-{}", args.len()));
        let mut session = session(&folder, args);
        session.expect("q to stop: ");
        session.type_control('d');
        session.expect("standard input has ended");
        ends_with(session, 3);
    }
}

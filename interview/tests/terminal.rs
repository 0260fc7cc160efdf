//! The drills as a person uses them: in a real pseudo-terminal.

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A debug build on a busy machine, which may have a lesson to build first.
const MILLISECONDS: u64 = 300_000;

/// A file that is not there yet, in a folder that goes with the test.
struct State(PathBuf);

fn state(name: &str) -> State {
    State(std::env::temp_dir().join(format!("interview-terminal-{}-{name}", std::process::id())))
}

impl State {
    fn file(&self) -> PathBuf {
        self.0.join("state.json")
    }
}

impl Drop for State {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn session(state: &State, args: &[&str]) -> PtySession {
    let program = Path::new(env!("CARGO_BIN_EXE_interview"));
    let mut command = Command::new(program);
    command.arg("--state").arg(state.file()).args(args).env("TERM", "xterm").env_remove("NO_COLOR");
    // Where the lessons are built already, the drills need not look for cargo.
    if program.with_file_name("refcount_demo").exists() {
        command.env("CARGO", "/nowhere/cargo");
    }
    spawn_command(command, Some(MILLISECONDS)).expect("a terminal")
}

#[test]
fn proving_runs_the_lesson_in_a_private_namespace_and_returns() {
    // Questions of this topic that are of this level rest on refcount lessons.
    let state = state("prove");
    let mut session = session(&state, &["--topic", "reference counts", "--level", "junior"]);
    session.exp_string("q to stop: ").expect("the question");
    session.send_line("a").expect("typed");
    session.exp_string("(your answer)").expect("the answer");
    session.exp_string("p to prove it").expect("the offer");
    session.send_line("p").expect("typed");
    let narrated = session.exp_string("p to prove it").expect("the offer again");
    assert!(narrated.contains("private namespace") && narrated.contains(" 0 failed"), "{narrated}");
    session.exp_string("q to stop: ").expect("the offer again");
    session.send_line("q").expect("typed");
    session.exp_string("1 answered").expect("the sum");
    session.exp_eof().expect("the end");
    assert!(matches!(session.process().wait(), Ok(WaitStatus::Exited(_, 0))));
}

#[test]
fn ctrl_c_after_an_answer_loses_nothing() {
    let file = state("interrupted");
    let mut session = session(&file, &[]);
    session.exp_string("q to stop: ").expect("the question");
    session.send_line("a").expect("typed");
    session.exp_string("p to prove it").expect("the offer");
    session.send_control('c').expect("typed");
    session.exp_eof().expect("the end");
    assert!(!matches!(session.process().wait(), Ok(WaitStatus::Exited(_, 0))));
    let stored = std::fs::read_to_string(file.file()).expect("a state");
    assert_eq!(stored.matches("\"reviews\"").count(), 1, "{stored}");
}

#[test]
fn ctrl_d_ends_it_with_a_clear_line() {
    let state = state("ended");
    let mut session = session(&state, &[]);
    session.exp_string("q to stop: ").expect("the question");
    session.send_control('d').expect("typed");
    session.exp_string("standard input has ended").expect("the line");
    session.exp_eof().expect("the end");
    assert!(matches!(session.process().wait(), Ok(WaitStatus::Exited(_, 3))));
}

//! Shared by the tests of the drills: starts the program, and reads what it stores.
#![allow(dead_code, unreachable_pub)] // each test file uses only a part

use ipc_workbook_testing::run::{command, describe, stderr, stdout};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub use ipc_workbook_testing::folder::Folder;
pub use ipc_workbook_testing::run::events_in;
pub use ipc_workbook_tools::clock::now;

/// A bank with one question of each kind, only for tests.
pub const BANK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bank");

/// The chapter of that bank.
pub const CHAPTER: &str = "91-drill";

/// Returns a command that asks the workbook's own questions.
pub fn interview(folder: &Path, args: &[&str]) -> Command {
    let mut command = command(env!("CARGO_BIN_EXE_interview"));
    command.args(args).arg("--state").arg(folder.join("state.json"));
    command.env_remove("CLICOLOR_FORCE");
    command
}

/// Lets the drills not look for cargo, where the lessons are already built.
pub fn without_cargo(command: &mut Command) {
    if Path::new(env!("CARGO_BIN_EXE_interview")).with_file_name("refcount_demo").exists() {
        command.env("CARGO", "/nowhere/cargo");
    }
}

/// Returns a command that asks the questions of the bank, one of each kind.
pub fn drills(folder: &Path, args: &[&str]) -> Command {
    let mut command = interview(folder, args);
    command.args(["--lessons", BANK]);
    without_cargo(&mut command);
    command
}

/// Returns a command that asks the questions of the bank after a change to its quiz.toml.
pub fn drills_over(folder: &Path, change: impl FnOnce(String) -> String, args: &[&str]) -> Command {
    let chapter = folder.join("lessons").join(CHAPTER);
    let copied = Command::new("cp").arg("-R").arg(BANK).arg(folder.join("lessons")).status();
    assert!(copied.expect("cp").success());
    let quiz = chapter.join("quiz.toml");
    let text = fs::read_to_string(&quiz).expect("the quiz");
    fs::write(&quiz, change(text)).expect("written");
    let mut command = interview(folder, args);
    command.arg("--lessons").arg(folder.join("lessons"));
    command
}

/// Starts a command with pipes for its input and output.
pub fn started(command: &mut Command) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("interview")
}

/// Runs a command with these lines as input. Panics if it exits with another code.
pub fn typed(command: &mut Command, lines: &str, code: i32) -> (String, String) {
    let mut child = started(command);
    // The command may exit before it has read all lines.
    let _ = child.stdin.take().expect("a pipe").write_all(lines.as_bytes());
    let output = child.wait_with_output().expect("the output");
    assert_eq!(output.status.code(), Some(code), "{command:?}: {}", describe(&output));
    (stdout(&output), stderr(&output))
}

/// Runs the bank with these lines as input, and returns the events.
pub fn answered(name: &str, args: &[&str], lines: &str) -> (Folder, Vec<Value>) {
    let folder = Folder::new(name);
    let (stdout, _) = typed(&mut drills(&folder, &[args, &["--format", "json"]].concat()), lines, 0);
    (folder, events_in(&stdout))
}

/// Returns the events of this name.
pub fn named<'a>(events: &'a [Value], name: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["event"] == name).collect()
}

pub fn state(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("state.json")).expect("a state")).expect("JSON")
}

/// Returns the grades of the answers to a question, the latest one last.
pub fn grades(folder: &Path, id: &str) -> Vec<String> {
    let state = state(folder);
    let reviews = state["questions"][id]["reviews"].as_array().cloned().unwrap_or_default();
    reviews.iter().map(|review| review[1].as_str().expect("a grade").into()).collect()
}

pub fn store(folder: &Path, state: &Value) {
    fs::write(folder.join("state.json"), state.to_string()).expect("written");
}

pub const DAY: i64 = 86_400_000;

/// Returns the letter of an option, step or point with this text.
pub fn key(event: &Value, list: &str, text: &str) -> String {
    let offered = event[list].as_array().unwrap_or_else(|| panic!("{event} has no {list}"));
    let found = offered.iter().find(|offer| offer["text"] == text);
    found.unwrap_or_else(|| panic!("{event} has no {text}"))["key"].as_str().expect("a key").into()
}

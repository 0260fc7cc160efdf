//! The stored answers, none of which may ever be lost.

use crate::common::*;
use ipc_workbook_testing::run::{describe, stdout, wait_for_end};
use ipc_workbook_testing::until::until_so;
use nix::fcntl::{Flock, FlockArg};
use serde_json::json;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// The flags that select one question, drill-choice.
const CHOICE: [&str; 2] = ["--level", "junior"];

/// Returns the files of a folder that were set aside.
fn aside(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    entries.filter(|path| path.to_string_lossy().contains(".aside-")).collect()
}

/// A file exactly as a program of September 2026 stored it.
const OF_AN_EARLIER_PROGRAM: &str = concat!(
    r#"{"schema":2,"questions":{"drill-bug":{"due":1785000000000,"reviews":[[1784000000000,"good"]]},"#,
    r#""drill-choice":{"due":1784500000000,"reviews":[[1783000000000,"again"],[1784000000000,"hard"]]},"#,
    r#""gone":{"due":1786000000000,"reviews":[[1784000000001,"easy"]]}}}"#,
    "\n"
);

#[test]
fn answers_that_an_earlier_program_stored_stay_unchanged() {
    let folder = Folder::new("earlier");
    fs::write(folder.join("state.json"), OF_AN_EARLIER_PROGRAM).expect("written");
    let (stdout, stderr) = typed(&mut drills(&folder, &["export", "json"]), "", 0);
    assert_eq!((stdout.as_str(), stderr.as_str()), (OF_AN_EARLIER_PROGRAM, ""));
    typed(&mut drills(&folder, &CHOICE), "a\nq\n", 0);
    let questions = state(&folder)["questions"].clone();
    let before: serde_json::Value = serde_json::from_str(OF_AN_EARLIER_PROGRAM).expect("JSON");
    for id in ["drill-bug", "gone"] {
        assert_eq!(questions[id], before["questions"][id]);
    }
    assert_eq!(grades(&folder, "drill-choice")[..2], ["again", "hard"]);
    assert_eq!(grades(&folder, "drill-choice").len(), 3);
}

#[test]
fn answers_of_an_older_version_are_converted() {
    let folder = Folder::new("older");
    let before = json!({ "schema": 1, "questions": { "drill-bug": { "reviews": [[now() - DAY, "good"]] } } });
    store(&folder, &before);
    typed(&mut drills(&folder, &["--level", "junior"]), "a\nq\n", 0);
    let after = state(&folder);
    assert_eq!(
        after["schema"], 2,
        "the schema must be newer, because an older program does not know the new grades"
    );
    assert_eq!(after["questions"]["drill-bug"]["reviews"], before["questions"]["drill-bug"]["reviews"]);
}

#[test]
fn a_damaged_or_newer_file_is_set_aside_unchanged() {
    for (name, content, word) in [
        ("damaged", "{\"schema\":1,\"quest".to_string(), "is damaged"),
        ("newer", json!({ "schema": 7, "cards": [1] }).to_string(), "is of version 7"),
        ("newer-alike", json!({ "schema": 3, "questions": {} }).to_string(), "is of version 3"),
    ] {
        let folder = Folder::new(name);
        fs::write(folder.join("state.json"), &content).expect("written");
        let (_, stderr) = typed(&mut drills(&folder, &CHOICE), "a\nq\n", 0);
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.contains(word), "{stderr}");
        let aside = aside(&folder);
        assert_eq!(aside.len(), 1, "{aside:?}");
        assert_eq!(fs::read_to_string(&aside[0]).expect("text"), content);
        assert_eq!(state(&folder)["questions"].as_object().expect("questions").len(), 1);
    }
}

#[test]
fn two_sessions_with_one_file_lose_nothing() {
    let folder = Folder::new("two");
    let mut command = drills(&folder, &["--format", "json", "--level", "junior"]);
    let mut slow = started(&mut command);
    let mut keys = slow.stdin.take().expect("a pipe");
    let mut screen = BufReader::new(slow.stdout.take().expect("a pipe"));
    // A session that asks has read the file. Then the other session answers.
    screen.read_line(&mut String::new()).expect("a question");
    typed(&mut drills(&folder, &["--level", "senior", "--topic", "names"]), "14\nq\n", 0);
    keys.write_all(b"a\nq\n").expect("typed");
    screen.read_to_end(&mut Vec::new()).expect("the rest");
    assert_eq!(slow.wait().expect("the exit status").code(), Some(0));
    let questions = state(&folder)["questions"].clone();
    let reviews: usize = questions
        .as_object()
        .expect("questions")
        .values()
        .map(|record| record["reviews"].as_array().expect("reviews").len())
        .sum();
    assert_eq!(reviews, 2, "{questions}");
}

#[test]
fn a_lock_on_the_folder_does_not_block_a_session() {
    let folder = Folder::new("held");
    // A backup may hold such a lock, and on some network file systems a folder cannot be locked.
    let held = File::open(&*folder).expect("the folder");
    let held = Flock::lock(held, FlockArg::LockExclusive).expect("a lock");
    let mut session = started(&mut drills(&folder, &CHOICE));
    session.stdin.take().expect("a pipe").write_all(b"a\nq\n").expect("typed");
    wait_for_end(&mut session, "a session that does not wait for the folder");
    assert_eq!(grades(&folder, "drill-choice").len(), 1);
    drop(held);
}

#[test]
fn a_damaged_file_that_another_session_repairs_is_not_set_aside() {
    let folder = Folder::new("mended");
    fs::write(folder.join("state.json"), "{\"schema\":2,\"quest").expect("written");
    let lock = OpenOptions::new().create(true).append(true).open(folder.join("state.json.lock"));
    let lock = Flock::lock(lock.expect("a file"), FlockArg::LockExclusive).expect("a lock");
    let stats = started(&mut drills(&folder, &["stats", "--format", "json"]));
    let waits = |pid: u32| {
        let call = fs::read_to_string(format!("/proc/{pid}/syscall")).unwrap_or_default();
        call.starts_with(&format!("{} ", libc::SYS_flock))
    };
    until_so("command that waits for the lock", || waits(stats.id()));
    fs::write(folder.join("state.json"), OF_AN_EARLIER_PROGRAM).expect("the repaired file");
    drop(lock);
    let output = stats.wait_with_output().expect("the output");
    let asked_again = stdout(&output).contains("\"asked_again\":1");
    assert!(output.status.success() && asked_again, "{}", describe(&output));
    assert_eq!(aside(&folder), Vec::<PathBuf>::new());
}

#[test]
fn a_link_to_the_answers_stays_a_link() {
    let folder = Folder::new("link");
    fs::create_dir(folder.join("elsewhere")).expect("a folder");
    fs::write(folder.join("elsewhere/kept.json"), OF_AN_EARLIER_PROGRAM).expect("written");
    symlink("elsewhere/kept.json", folder.join("state.json")).expect("a link");
    typed(&mut drills(&folder, &CHOICE), "a\nq\n", 0);
    assert!(folder.join("state.json").is_symlink());
    assert_eq!(grades(&folder, "drill-choice").len(), 3);
}

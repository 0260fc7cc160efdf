//! The labs as a student uses them: in a real pseudo-terminal.

use crate::support::course::{LAB, source};
use crate::support::{Folder, lab};
use nix::sys::signal::Signal;
use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};
use std::fs;
use std::path::Path;

/// A debug build on a busy machine.
const MILLISECONDS: u64 = 120_000;

fn session(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> PtySession {
    let mut command = lab(args);
    command.arg("--state").arg(folder.join("state.json")).arg("--exercises").arg(folder.join("exercises"));
    command.current_dir(folder).env("TERM", "xterm").env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command.envs(variables.iter().copied());
    spawn_command(command, Some(MILLISECONDS)).expect("a terminal")
}

/// Puts a file of the lab's in the place of the student's, as an editor does: by renaming.
fn save(folder: &Path, file: &str) {
    let exercise = folder.join("exercises").join(LAB);
    fs::create_dir_all(&exercise).expect("a folder");
    fs::write(exercise.join("main.c~"), source(file)).expect("written");
    fs::rename(exercise.join("main.c~"), exercise.join("main.c")).expect("saved");
}

#[test]
fn watch_checks_after_each_change_until_ctrl_c() {
    let folder = Folder::new("watch");
    save(&folder, "starter.c");
    let mut session = session(&folder, &["watch", LAB], &[]);
    session.exp_string("0 of 10 points").expect("the first check");
    save(&folder, "bad/trusts-the-umask.diff");
    session.exp_string("6 of 10 points").expect("the second");
    // What cannot be checked is said, and ends nothing.
    fs::remove_file(folder.join("exercises/exact-mode/main.c")).expect("removed");
    fs::write(folder.join("exercises/exact-mode/main.sh"), "exit 0\n").expect("written");
    session.exp_string("chmod +x").expect("the complaint");
    fs::remove_file(folder.join("exercises/exact-mode/main.sh")).expect("removed");
    save(&folder, "solution.c");
    session.exp_string("10 of 10 points").expect("the third");
    session.send_control('c').expect("typed");
    session.exp_eof().expect("the end");
    // As a shell tells it: 130.
    let end = session.process().wait().expect("its end");
    assert!(matches!(end, WaitStatus::Signaled(_, Signal::SIGINT, _)), "{end:?}");
}

#[test]
fn watch_without_a_lab_checks_the_one_that_changes_and_no_other() {
    let folder = Folder::new("watch-all");
    let mut session = session(&folder, &["watch"], &[]);
    session.exp_string("until Ctrl-C").expect("the beginning");
    save(&folder, "bad/trusts-the-umask.diff");
    let before = session.exp_string("6 of 10 points").expect("the check");
    assert_eq!(before.matches("Linux").count(), 1, "{before}");
    session.send_control('c').expect("typed");
    session.exp_eof().expect("the end");
}

#[test]
fn a_check_that_changes_nothing_is_not_followed_by_another() {
    let folder = Folder::new("watch-still");
    save(&folder, "starter.c");
    let mut session = session(&folder, &["watch", LAB], &[]);
    session.exp_string("0 of 10 points").expect("the first check");
    // Several times what a check and the wait for quiet take.
    std::thread::sleep(std::time::Duration::from_secs(3));
    session.send_control('c').expect("typed");
    let rest = session.exp_eof().expect("the end");
    assert!(!rest.contains("points"), "{rest}");
}

#[test]
fn a_terminal_is_given_colour_unless_it_wants_none() {
    let folder = Folder::new("colour");
    save(&folder, "bad/trusts-the-umask.diff");
    for (args, variables, coloured) in [
        (&["check", LAB][..], &[][..], true),
        (&["check", LAB], &[("NO_COLOR", "1")], false),
        (&["check", LAB], &[("TERM", "dumb")], false),
        (&["check", LAB, "--color", "never"], &[], false),
        (&["check", LAB, "--format", "json"], &[], false),
    ] {
        let told = session(&folder, args, variables).exp_eof().expect("the end");
        assert_eq!(told.contains('\u{1b}'), coloured, "{args:?} {variables:?} {told}");
        assert!(told.contains("the-queue") || told.contains(" lost "), "{told}");
    }
}

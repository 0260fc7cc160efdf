//! Tests of the student's commands in a real pseudo-terminal.

use super::command;
use crate::support::course::{LAB, lab_folder, source};
use crate::support::*;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

fn session(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> Terminal {
    let mut command = lab(args);
    command.arg("--state").arg(folder.join("state.json")).arg("--exercises").arg(folder.join("exercises"));
    command.current_dir(folder).env("TERM", "xterm").env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command.envs(variables.iter().copied());
    Terminal::start(&mut command).with_limit(GRADING_LIMIT)
}

/// Replaces the student's file by a file of the lab, as an editor does: by renaming.
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
    session.expect("0 of 10 points");
    save(&folder, "bad/trusts-the-umask.diff");
    session.expect("6 of 10 points");
    // It watches only its file, and reports when that no longer exists.
    let exercise = folder.join("exercises/exact-mode");
    fs::write(exercise.join("main.rs"), source("starter.rs")).expect("written");
    fs::remove_file(exercise.join("main.c")).expect("removed");
    session.expect("main.c no longer exists; waiting");
    fs::write(exercise.join("main.sh"), "exit 0\n").expect("written");
    save(&folder, "solution.c");
    let between = session.expect("10 of 10 points");
    assert!(!between.contains("main.sh · ") && between.matches("no longer exists").count() == 0, "{between}");
    session.type_control('c');
    // A shell shows this as 130.
    let (text, status) = session.end();
    assert_eq!(status.signal(), Some(libc::SIGINT), "{text}");
}

#[test]
fn watch_without_a_lab_checks_the_one_that_changes_and_no_other() {
    let folder = Folder::new("watch-all");
    let mut session = session(&folder, &["watch"], &[]);
    session.expect("until Ctrl-C");
    save(&folder, "bad/trusts-the-umask.diff");
    let before = session.expect("6 of 10 points");
    assert_eq!(before.matches("Linux").count(), 1, "{before}");
    session.type_control('c');
    session.end();
}

#[test]
fn a_check_that_changes_nothing_is_not_followed_by_another() {
    let folder = Folder::new("watch-still");
    save(&folder, "starter.c");
    let mut session = session(&folder, &["watch", LAB], &[]);
    session.expect("0 of 10 points");
    // Several times as long as a check and the wait for quiet.
    std::thread::sleep(std::time::Duration::from_secs(3));
    session.type_control('c');
    let (rest, _) = session.rest();
    assert!(!rest.contains("points"), "{rest}");
}

#[test]
fn what_it_shows_fits_the_terminal() {
    let folder = Folder::new("narrow");
    save(&folder, "bad/trusts-the-umask.diff");
    for width in [80, 50] {
        for (args, code) in [
            (&["--help"][..], 0),
            (&["grade", "--help"], 0),
            (&["list"], 0),
            (&["show", LAB], 0),
            (&["hint", LAB], 0),
            (&["check", LAB], 1),
            (&["check", "exact-mod"], 2),
        ] {
            let text = on_screen(&mut command(&folder, args), width, code);
            fits(&text, width);
            assert!(text.lines().count() > 1 || width == 80, "{text}");
        }
    }
    // The columns of a table are aligned, without the vertical bars.
    let task = on_screen(&mut command(&folder, &["show", LAB]), 50, 0);
    assert!(task.contains("\n  argument  meaning\n  `/NAME`   the name of the queue;"), "{task}");
    // In a pipe the task stays as its author wrote it.
    let (piped, _) = texts(&mut command(&folder, &["show", LAB]), 0);
    assert!(piped.starts_with(text_of(lab_folder().join("README.md")).trim_end()), "{piped}");
}

/// Whether one of the escape sequences sets a colour. The bar that shows how far a long check is has others.
fn is_coloured(printed: &str) -> bool {
    let mut sequences = printed.split("\u{1b}[").skip(1);
    sequences.any(|code| code.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m'))
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
        let (printed, _) = session(&folder, args, variables).end();
        assert_eq!(is_coloured(&printed), coloured, "{args:?} {variables:?} {printed}");
        assert!(!variables.contains(&("TERM", "dumb")) || !printed.contains('\u{1b}'), "{printed}");
        assert!(printed.contains("the-queue") || printed.contains(" lost "), "{printed}");
    }
}

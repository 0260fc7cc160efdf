//! What a student learns from a lost line: the program's standard error, how it ended, and the steps of
//! scheduled programs.

use super::command;
use crate::support::course::{Course, LAB};
use crate::support::known_bad::write_program;
use crate::support::*;
use std::fs;
use std::path::{Path, PathBuf};

/// Creates a script that prints many lines on standard error, with an escape sequence, and exits with code 7.
fn complains(folder: &Path) -> PathBuf {
    let script = folder.join("complains.sh");
    let text = "#!/bin/sh\nfor n in 1 2 3 4 5 6 7 8 9; do echo \"complaint $n\" >&2; done\n\
                printf '\\033[31mmq_open: Permission denied\\n' >&2\nexit 7\n";
    fs::write(&script, text).expect("written");
    make_executable(&script);
    script
}

fn make_executable(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).expect("a mode");
}

#[test]
fn the_last_words_and_the_end_of_a_program_are_told_escaped_and_once() {
    let folder = Folder::new("last-words");
    complains(&folder);
    let (printed, _) = texts(&mut command(&folder, &["check", LAB, "--program", "complains.sh"]), 1);
    assert!(printed.contains("(umask 0022; ./complains.sh /lab 0600): exit code 7"), "{printed}");
    assert!(printed.contains("| \\u{1b}[31mmq_open: Permission denied"), "{printed}");
    // The last five lines, of the first run only: the same run loses several lines.
    assert!(printed.contains("| complaint 9") && !printed.contains("complaint 5"), "{printed}");
    assert_eq!(printed.matches("(umask 0022; ./complains.sh").count(), 1, "{printed}");
    let graded = super::object(&folder, &["check", LAB, "--program", "complains.sh"], 1);
    let run = &graded["lines"][0]["runs"][0];
    assert_eq!(run["end"], "exit code 7", "{run:#}");
    assert_eq!(run["stderr"].as_array().map(Vec::len), Some(5), "{run:#}");
}

#[test]
fn each_form_of_a_courses_report_tells_them_as_well() {
    let course = Course::new();
    complains(&course.subs());
    run(&mut course.grade(&["--lab", LAB]), 0);
    for file in ["junit.xml", "students/complains.sh.md", "gradescope/complains.sh.json", "grades.json"] {
        let text =
            fs::read_to_string(course.out().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(text.contains("[31mmq_open: Permission denied"), "{file}\n{text}");
        assert!(text.contains("exit code 7") && !text.contains('\u{1b}'), "{file}\n{text}");
    }
}

/// Writes a known-bad program of a lab to a file.
fn known_bad(chapter_and_lab: &str, bad: &str, folder: &Folder) -> PathBuf {
    let bad = root().join("lessons").join(chapter_and_lab).join("bad").join(bad);
    write_program(&bad, folder).expect("a known-bad program")
}

#[test]
fn a_line_that_was_not_reached_names_the_one_in_its_way() {
    let folder = Folder::new("not-reached");
    let starter = root().join("lessons/14-persistence/labs/outlive-its-maker/starter.c");
    let starter = starter.to_str().expect("UTF-8");
    let (printed, _) = texts(&mut command(&folder, &["check", "outlive-its-maker", "--program", starter]), 1);
    let named = printed.matches("not reached because of \"The program ends with exit code 0").count();
    assert_eq!(named, 6, "{printed}");
    assert_eq!(printed.matches("observed").count(), 1, "{printed}");
}

#[test]
fn a_failed_schedule_is_shown_step_by_step() {
    let folder = Folder::new("trace");
    let program =
        known_bad("11-open-close-unlink/labs/exclusive-creation", "looks-before-it-creates.diff", &folder);
    let program = program.to_str().expect("UTF-8");
    let check = ["check", "exclusive-creation", "--program", program];
    let (printed, _) = texts(&mut command(&folder, &check), 1);
    assert!(!printed.contains("A starts"), "a trace without --trace: {printed}");
    let seed = printed.split_once("--seed ").expect("a seed").1.split_whitespace().next().expect("a number");
    assert!(printed.contains("(add --trace to see each step)"), "{printed}");
    let (traced, _) = texts(command(&folder, &check).args(["--seed", seed, "--trace"]), 1);
    for step in [
        "A starts",
        "A before mq_open",
        "the kernel shows no object",
        "makes mq_open \"/lab\" O_RDWR|O_CREAT",
        "the kernel shows queue /lab (mode 0600), 0 messages",
        "C ended: exit code ",
    ] {
        assert!(traced.contains(step), "{step} is not in\n{traced}");
    }
    // The same seed gives the same steps.
    let (again, _) = texts(command(&folder, &check).args(["--seed", seed, "--trace"]), 1);
    let steps =
        |text: &str| text.lines().filter(|line| line.contains(" makes ")).collect::<Vec<_>>().join("\n");
    assert_eq!(steps(&traced), steps(&again));
}

#[test]
fn how_far_a_long_check_is_is_shown_on_a_terminal_and_nowhere_else() {
    let folder = Folder::new("progress");
    let program = known_bad("14-persistence/labs/own-crash", "begins-again.diff", &folder);
    let program = program.to_str().expect("UTF-8");
    let check = ["check", "own-crash", "--program", program];
    let output = command(&folder, &check).output().expect("it runs");
    assert_eq!(stderr(&output), "");
    let mut session =
        Terminal::start(command(&folder, &check).env("TERM", "xterm")).with_limit(GRADING_LIMIT);
    let shown = session.expect(" · Linux");
    assert!(shown.contains("  1s  "), "{shown:?}");
    assert!(shown.contains("schedule ") || shown.contains("call "), "{shown:?}");
    // The progress bar was erased before the grade was printed.
    let last = shown.rfind("s  ").expect("a bar");
    assert!(shown[last..].contains("\u{1b}[2K"), "{shown:?}");
    session.end();
}

//! Without namespaces of their own, submissions are graded by differences, and the grade says so.
//! The machine is a private room here, so that it can be looked at before and after.

use crate::support::known_bad::write_program;
use crate::support::*;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// An object that was there before; then a grade, and whether all is as it was.
const BESIDE: &str = r#"
listing() { ls -i /dev/shm /dev/mqueue; cat /proc/sysvipc/*; ls "$TMPDIR" | grep -v lock$; cat /proc/[0-9]*/comm | grep -c program; }
echo before >/dev/shm/before
before=$(listing)
"$LAB" check "$1" --shared --format json --program "$2"
code=$?
[ "$before" = "$(listing)" ] || { echo "$before"; listing; exit 99; } >&2
exit $code
"#;

fn shared(lab: &str, file: &Path) -> (Output, Value) {
    let scratch = Scratch::new(&format!("shared-{lab}-{}", name(file)));
    let mut beside = Command::new("sh");
    beside
        .args(["-c", BESIDE, "sh", lab])
        .arg(file)
        .env("LAB", env!("CARGO_BIN_EXE_lab"))
        .env("TMPDIR", &scratch.0)
        .stdin(Stdio::null());
    let output = in_a_room(beside).output().expect("a room");
    let graded =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no grade: {}", tell(&output)));
    (output, graded)
}

/// A program of a lab's, in this folder.
fn program(lab: &str, file: &str, folder: &Path) -> PathBuf {
    let lab = labs().into_iter().find(|found| name(found) == lab).expect("the lab");
    write_program(&lab.join(file), folder).expect("a program")
}

#[test]
fn a_shared_grade_is_the_grade_and_says_that_it_is_shared() {
    let scratch = Scratch::new("shared-grade");
    for (lab, path, full) in [
        ("exact-mode", "solution.c", true),
        ("exact-mode", "bad/leaves-a-semaphore.diff", false),
        ("exclusive-creation", "solution.c", true),
        ("exclusive-creation", "bad/looks-before-it-creates.diff", false),
        ("clean-up-on-signals", "solution.c", true),
        ("hand-over", "bad/leaks-the-second.diff", false),
    ] {
        let file = program(lab, path, &scratch);
        let (output, there) = shared(lab, &file);
        let here = graded(lab, &file).expect("a grade");
        assert_eq!(output.status.code(), Some(i32::from(!full)), "{path}: {}", tell(&output));
        assert_eq!(there["lines"], here["lines"], "{path}");
        assert_eq!((&there["shared"], &here["shared"]), (&Value::Bool(true), &Value::Bool(false)));
    }
}

#[test]
fn what_stays_behind_in_a_shared_cell_is_ended_and_removed() {
    let scratch = Scratch::new("shared-stays-behind");
    for hostile in ["stays-behind.c", "forks-without-end.c"] {
        let program = scratch.0.join("program");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile").join(hostile);
        let compiled = Command::new("cc").args(["-w", "-o"]).args([&program, &source]).status().expect("cc");
        assert!(compiled.success(), "{hostile}");
        let (output, there) = shared("exact-mode", &program);
        assert_eq!(output.status.code(), Some(1), "{hostile}: {}", tell(&output));
        assert!(lines(&there).all(|line| line["passed"] == false), "{hostile}: {there:#}");
    }
}

#[test]
fn what_has_a_name_that_graders_use_is_left_alone_and_nothing_is_graded() {
    let scratch = Scratch::new("shared-taken");
    let mut beside = Command::new("sh");
    beside
        .args(["-c", r#"echo mine >/dev/shm/lab; "$LAB" check exact-mode --shared --program "$1"; code=$?; cat /dev/shm/lab; exit $code"#, "sh"])
        .arg(program("exact-mode", "solution.c", &scratch))
        .env("LAB", env!("CARGO_BIN_EXE_lab"))
        .env("TMPDIR", &scratch.0)
        .stdin(Stdio::null());
    let output = in_a_room(beside).output().expect("a room");
    assert_eq!(output.status.code(), Some(3), "{}", tell(&output));
    assert_eq!(output.stdout, b"mine\n", "{}", tell(&output));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(complaint.contains("shared memory object /lab (mode 0644) already"), "{complaint}");
    let left = std::fs::read_dir(&scratch.0).expect("the folder").filter_map(Result::ok);
    let mut left: Vec<PathBuf> = left.map(|entry| entry.path()).collect();
    left.retain(|path| path.extension().is_none_or(|end| end != "lock"));
    assert_eq!(left, Vec::<PathBuf>::new());
}

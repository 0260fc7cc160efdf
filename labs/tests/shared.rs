//! Without namespaces of their own, submissions are graded by differences, and the grade says so.
//! The machine is a private namespace here, so that it can be looked at before and after.

mod support;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use support::*;

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
    let output = in_a_namespace(beside).expect("a namespace");
    let graded =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no grade: {}", tell(&output)));
    (output, graded)
}

fn file(path: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../lessons")).join(path)
}

#[test]
fn a_shared_grade_is_the_grade_and_says_that_it_is_shared() {
    for (lab, path, full) in [
        ("exact-mode", "12-permissions/labs/exact-mode/solution.c", true),
        ("exact-mode", "12-permissions/labs/exact-mode/bad/leaves-a-semaphore.c", false),
        ("exclusive-creation", "11-open-close-unlink/labs/exclusive-creation/solution.c", true),
        (
            "exclusive-creation",
            "11-open-close-unlink/labs/exclusive-creation/bad/looks-before-it-creates.c",
            false,
        ),
        ("clean-up-on-signals", "14-persistence/labs/clean-up-on-signals/solution.c", true),
        ("hand-over", "13-refcount/labs/hand-over/bad/leaks-the-second.c", false),
    ] {
        let (output, there) = shared(lab, &file(path));
        let here = graded(lab, &file(path)).expect("a grade");
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
        .arg(file("12-permissions/labs/exact-mode/solution.c"))
        .env("LAB", env!("CARGO_BIN_EXE_lab"))
        .env("TMPDIR", &scratch.0)
        .stdin(Stdio::null());
    let output = in_a_namespace(beside).expect("a namespace");
    assert_eq!(output.status.code(), Some(3), "{}", tell(&output));
    assert_eq!(output.stdout, b"mine\n", "{}", tell(&output));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(complaint.contains("shared memory object /lab (mode 0644) already"), "{complaint}");
    let left = std::fs::read_dir(&scratch.0).expect("the folder").filter_map(Result::ok);
    let mut left: Vec<PathBuf> = left.map(|entry| entry.path()).collect();
    left.retain(|path| path.extension().is_none_or(|end| end != "lock"));
    assert_eq!(left, Vec::<PathBuf>::new());
}

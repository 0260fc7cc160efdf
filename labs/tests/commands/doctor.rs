//! `lab doctor` reports what it has tried, and names remedies.

use crate::support::course::*;
use crate::support::*;
use serde_json::Value;
use std::process::Command;

fn diagnosis(command: &mut Command) -> Value {
    let output = command.output().unwrap();
    let found: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", describe(&output)));
    let code = if found["can_grade"] == true { 0 } else { 3 };
    assert_eq!(output.status.code(), Some(code), "{}", describe(&output));
    found
}

fn doctor() -> Command {
    lab(&["doctor", "--format", "json"])
}

/// Returns whether it works, and the remedies.
fn check<'a>(found: &'a Value, what: &str) -> (&'a Value, String) {
    let all = found["checks"].as_array().unwrap();
    let check = all.iter().find(|check| check["what"].as_str().is_some_and(|name| name.contains(what)));
    let check = check.unwrap_or_else(|| panic!("no check of {what}: {found:#}"));
    (&check["works"], check["remedies"].to_string())
}

#[test]
fn here_everything_works_that_the_other_tests_need() {
    let found = diagnosis(&mut doctor());
    for what in ["user namespace", "IPC", "mount", "PID", "network", "a sandbox", "seccomp", "queue", "in C"]
    {
        assert_eq!(check(&found, what).0, true, "{what}: {found:#}");
    }
    assert_eq!(check(&found, "in Rust").0, has_rust(), "{found:#}");
    assert_eq!(found["can_grade"], has_rust());
}

#[test]
fn without_namespaces_it_names_the_sysctl_and_grades_nothing() {
    let found = diagnosis(&mut without_namespaces(&doctor()));
    assert_eq!(found["can_grade"], false);
    for what in ["user namespace", "a sandbox", "in C"] {
        assert_eq!(check(&found, what).0, false, "{found:#}");
    }
    for what in ["user namespace", "IPC namespace", "a sandbox"] {
        assert!(check(&found, what).1.contains("sysctl -w user.max_user_namespaces"), "{found:#}");
    }
    let text = without_namespaces(&lab(&["doctor"])).output().unwrap();
    assert!(
        stdout(&text).contains("✘ a sandbox") && stdout(&text).contains("→ as root: sysctl"),
        "{}",
        describe(&text)
    );
}

/// Runs `lab doctor` with a resource limit.
fn doctor_under(limit: &str) -> Value {
    let mut command = command("prlimit");
    command.arg(limit).arg(env!("CARGO_BIN_EXE_lab")).args(["doctor", "--format", "json"]);
    // Root may exceed most limits, so an ordinary user is limited here.
    become_user(&mut command, *User::all().last().expect("one user at least"));
    diagnosis(&mut command)
}

#[test]
fn a_limit_that_is_too_low_is_named() {
    let found = doctor_under("--msgqueue=0");
    let (works, remedies) = check(&found, "queue");
    assert!(works == false && remedies.contains("ulimit -q 819200"), "{found:#}");
    for (limit, remedy) in [("--as=4000000000", "ulimit -Hv 8388608"), ("--fsize=1000000", "ulimit -Hf")] {
        let found = doctor_under(limit);
        let (works, remedies) = check(&found, "a sandbox");
        assert!(works == false && remedies.contains(remedy), "{limit}: {found:#}");
    }
}

#[test]
fn without_rust_it_says_so() {
    let found = diagnosis(doctor().env("PATH", "/nowhere"));
    let (works, remedies) = check(&found, "in Rust");
    assert!(works == false && remedies.contains("rustc and cargo"), "{found:#}");
    assert_eq!(found["can_grade"], false);
    assert_eq!(check(&found, "in C").0, true, "{found:#}");
}

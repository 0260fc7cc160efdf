//! `verify`: checks all claims of all lessons.

use crate::menu;
use ipc_workbook_testing::prelude::*;
use serde_json::Value;
use std::process::Command;

fn verified(command: &mut Command, code: i32) -> Value {
    let output = run(command, code);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", describe(&output)))
}

#[test]
fn verify_counts_the_claims_of_the_lessons() {
    let verified = verified(&mut menu(&["verify", "--format", "json"]), 0);
    let all = verified["lessons"].as_array().expect("lessons");
    let names: Vec<&str> = all.iter().filter_map(|lesson| lesson["name"].as_str()).collect();
    assert_eq!(names.len(), lessons().len());
    let held: u64 = all.iter().filter_map(|lesson| lesson["held"].as_u64()).sum();
    assert_eq!(verified["held"].as_u64(), Some(held));
    assert!(held > 50, "{verified}");
    assert_eq!((&verified["failed"], verified["kernel"].is_string()), (&Value::from(0), true));
    for lesson in all {
        let claims = lesson["claims"].as_array().expect("claims");
        let held = claims.iter().filter(|claim| claim["held"] == true).count() as u64;
        assert_eq!(lesson["held"].as_u64(), Some(held), "{lesson}");
        assert!(
            lesson["exit"] == 0 && lesson["millis"].is_u64() && lesson["chapter"].is_string(),
            "{lesson}"
        );
    }
}

#[test]
fn verify_checks_only_what_is_named_and_each_lesson_once() {
    let verified = verified(&mut menu(&["verify", "13", "refcount_demo", "demo_mq", "--format", "json"]), 0);
    let names: Vec<&str> = verified["lessons"]
        .as_array()
        .expect("lessons")
        .iter()
        .filter_map(|of| of["name"].as_str())
        .collect();
    let is_of_13 = |name: &&str| {
        let source = text_of(root().join("src/bin").join(name).with_extension("rs"));
        ipc_workbook::lesson::chapter_of(&source) == Some("13-refcount")
    };
    assert_eq!(names.iter().filter(|name| **name == "refcount_demo").count(), 1, "{names:?}");
    let others: Vec<&&str> = names.iter().filter(|name| !is_of_13(name)).collect();
    assert_eq!(others, [&"demo_mq"]);
    let of_13 = lessons().iter().filter(|name| is_of_13(&name.as_str())).count();
    assert_eq!(names.len(), of_13 + 1, "{names:?}");
}

#[test]
fn verify_prints_a_table_with_the_versions_of_kernel_and_libc() {
    let output = run(&mut menu(&["verify"]), 0);
    let text = stdout(&output);
    assert!(text.starts_with("Linux ") && text.contains("glibc "), "{}", describe(&output));
    for lesson in lessons().iter().map(String::as_str).chain(["total", "not seen"]) {
        assert!(text.contains(lesson), "{lesson}: {}", describe(&output));
    }
}

#[test]
fn verify_reports_a_claim_that_fails() {
    if !have("strace") {
        skip("strace is not installed");
        return;
    }
    // Make the first receive of the lesson fail.
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=mq_timedreceive"]);
    strace.args(["-e", "inject=mq_timedreceive:error=EAGAIN:when=1"]);
    let command = ["verify", "refcount_demo", "--format", "json"];
    strace.arg(program("ipc-workbook")).args(command).env("CARGO", "/nowhere/cargo");
    let verified = verified(&mut strace, 1);
    assert!(verified["failed"].as_u64() > Some(0), "{verified}");
}

#[test]
fn verify_runs_in_the_shared_namespace_where_private_ones_are_refused() {
    private(|| {
        if !nix::unistd::geteuid().is_root() {
            skip("only root can forbid new namespaces inside its own");
            return;
        }
        std::fs::write("/proc/sys/user/max_user_namespaces", "0").expect("the limit");
        let mut command = menu(&["verify", "--format", "json"]);
        become_user(&mut command, User::Nobody);
        let output = run(&mut command, 0);
        let said = stderr(&output);
        assert!(
            said.contains("no private namespaces here") && said.contains("ENOSPC"),
            "{}",
            describe(&output)
        );
        let verified: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert!(verified["held"].as_u64() > Some(50) && verified["failed"] == 0, "{}", describe(&output));
    });
}

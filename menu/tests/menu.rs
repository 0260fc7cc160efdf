//! `cargo run`: the list, a whole chapter, and verify.

use ipc_workbook_testing::prelude::*;
use serde_json::Value;
use std::process::Command;
use std::sync::OnceLock;

/// Builds the lessons that `cargo test -p ipc-workbook-menu` has not built.
fn built() {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        if lessons().iter().any(|lesson| !program(lesson).exists()) {
            let mut cargo = Command::new(env!("CARGO"));
            run(cargo.args(["build", "--package", "ipc-workbook", "--bins"]).current_dir(root()), 0);
        }
    });
}

/// The menu, which need not look for cargo: the lessons are built.
fn menu(args: &[&str]) -> Command {
    built();
    let mut command = workbook("ipc-workbook");
    command.args(args).env("CARGO", "/nowhere/cargo");
    command
}

fn verified(command: &mut Command, code: i32) -> Value {
    let output = run(command, code);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", describe(&output)))
}

#[test]
fn the_list_names_every_lesson_and_how_to_run_it() {
    let output = run(&mut menu(&[]), 0);
    let text = stdout(&output);
    assert!(!lessons().is_empty());
    for lesson in lessons() {
        assert!(text.contains(&format!("cargo run --bin {lesson} ")), "{lesson}: {}", describe(&output));
    }
    assert!(text.contains("cargo run -- run 13-refcount"), "{}", describe(&output));
    assert_eq!(run(&mut menu(&["list"]), 0).stdout, output.stdout);
}

#[test]
fn the_menu_builds_the_lessons_that_are_missing() {
    // With the real cargo, which finds all fresh; a failure of it is reported.
    let mut command = workbook("ipc-workbook");
    command.args(["run", "refcount_demo", "--private"]).env("CARGO", env!("CARGO"));
    if nix::unistd::access(&root().join("target"), nix::unistd::AccessFlags::W_OK).is_err() {
        skip("this user may not write to the target folder");
        return;
    }
    run(&mut command, 0);
    let output = run(menu(&["run", "refcount_demo"]).env("CARGO", "false"), 3);
    assert!(stderr(&output).contains("cargo build failed"), "{}", describe(&output));
}

#[test]
fn a_chapter_is_played_lesson_after_lesson() {
    private(|| {
        let output = run(&mut menu(&["run", "13-refcount", "--format", "json"]), 0);
        let events = events(&output);
        let begun: Vec<&str> =
            events.iter().filter(|e| e["event"] == "lesson").filter_map(|e| e["name"].as_str()).collect();
        assert_eq!(
            begun,
            ["refcount_demo", "refcount_two_processes", "unlink_demo", "what_counts", "what_keeps_memory"]
        );
        let ended = events.iter().filter(|event| event["event"] == "end").count();
        assert_eq!(ended, begun.len(), "{}", describe(&output));
    });
}

#[test]
fn a_chapter_goes_by_its_folder_too() {
    private(|| {
        run(&mut menu(&["run", "lessons/13-refcount/", "--format", "json"]), 0);
    });
}

#[test]
fn a_chapter_without_lessons_is_to_be_read() {
    let words = ["lessons/15-from-the-shell/README.md"];
    refused(&mut menu(&["run", "15-from-the-shell"]), 2, &words);
    let list = stdout(&run(&mut menu(&[]), 0));
    assert!(list.contains("to read and type: lessons/15-from-the-shell/README.md"), "{list}");
    assert!(!list.contains("run 15-from-the-shell"), "{list}");
}

#[test]
fn what_does_not_exist_cannot_be_run() {
    for args in
        [&["run", "99-nowhere"][..], &["run"], &["nonsense"], &["verify", "--format", "xml"], &["--nonsense"]]
    {
        refused(&mut menu(args), 2, &[]);
    }
}

#[test]
fn a_lesson_that_cannot_run_ends_the_chapter_with_its_code() {
    private(|| {
        run(&mut menu(&["run", "13-refcount", "--name", "noslash"]), 2);
    });
}

#[test]
fn verify_counts_what_the_lessons_claim() {
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
fn verify_prints_a_table_with_the_versions_of_kernel_and_libc() {
    let output = run(&mut menu(&["verify"]), 0);
    let text = stdout(&output);
    assert!(text.starts_with("Linux ") && text.contains("glibc "), "{}", describe(&output));
    for lesson in lessons().iter().map(String::as_str).chain(["in all", "not seen"]) {
        assert!(text.contains(lesson), "{lesson}: {}", describe(&output));
    }
}

#[test]
fn verify_says_when_a_claim_fails() {
    if !have("strace") {
        skip("strace is missing");
        return;
    }
    // Let the kernel refuse the first unlink of each lesson.
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e", "inject=mq_timedreceive:error=EAGAIN:when=1"]);
    strace.arg(program("ipc-workbook")).args(["verify", "--format", "json"]).env("CARGO", "/nowhere/cargo");
    let verified = verified(&mut strace, 1);
    assert!(verified["failed"].as_u64() > Some(0), "{verified}");
}

#[test]
fn verify_runs_in_the_shared_namespace_where_private_ones_are_refused() {
    private(|| {
        if !nix::unistd::geteuid().is_root() {
            skip("only root can forbid namespaces in its own");
            return;
        }
        std::fs::write("/proc/sys/user/max_user_namespaces", "0").expect("forbidden");
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

#[test]
fn output_that_cannot_be_written_is_told() {
    for args in [&["list"][..], &["--help"], &["verify"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
        let output = run(menu(args).stdout(full), 3);
        assert!(stderr(&output).contains("ENOSPC"), "{args:?}: {}", describe(&output));
    }
}

//! `run`: plays a chapter or a lesson, by any of its names.

use crate::menu;
use ipc_workbook_testing::prelude::*;

/// Returns the lessons that were played, in order.
fn played(what: &str) -> Vec<String> {
    let output = run(&mut menu(&["run", what, "--format", "json"]), 0);
    let events = events(&output);
    let names = events.iter().filter(|event| event["event"] == "lesson");
    let names: Vec<String> = names.filter_map(|event| event["name"].as_str().map(Into::into)).collect();
    let ended = events.iter().filter(|event| event["event"] == "end").count();
    assert_eq!(ended, names.len(), "{}", describe(&output));
    names
}

const REFCOUNT: [&str; 5] =
    ["refcount_demo", "refcount_two_processes", "unlink_demo", "what_counts", "what_keeps_memory"];

#[test]
fn a_chapter_is_found_by_its_number_name_or_folder() {
    private(|| {
        for name in ["13", "refcount", "13-refcount", "lessons/13-refcount/"] {
            assert_eq!(played(name), REFCOUNT, "{name}");
        }
        assert_eq!(played("refcount_demo"), ["refcount_demo"]);
    });
}

#[test]
fn lessons_are_played_in_the_order_of_the_chapters_text() {
    private(|| {
        let played = played("14");
        // This is the order in the text, not that of the alphabet.
        let order = ["ep_demo", "persist_demo", "sigwait_demo", "atexit_demo", "producer", "consumer"];
        let of_these: Vec<&String> =
            played.iter().filter(|lesson| order.contains(&lesson.as_str())).collect();
        assert_eq!(of_these, order);
    });
}

#[test]
fn the_menu_builds_the_lessons_that_are_missing() {
    // The real cargo finds that all is built. If it fails, the menu reports that.
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
fn a_chapter_without_lessons_says_what_to_do() {
    let text = stdout(&run(&mut menu(&["run", "15"]), 0));
    let parts = [
        "It has no lessons",
        "lessons/15-from-the-shell/README.md",
        "scripts/mount_mqueue.sh",
        "lab -- show safe-cleanup",
    ];
    for part in parts {
        assert!(text.contains(part), "no {part} in {text}");
    }
    assert_eq!(stdout(&run(&mut menu(&["list", "15-from-the-shell"]), 0)), text);
}

#[test]
fn an_unknown_name_cannot_be_run() {
    for args in [
        &["run", "99-nowhere"][..],
        &["run"],
        &["list", "9"],
        &["nonsense"],
        &["verify", "--format", "xml"],
        &["--nonsense"],
    ] {
        refused(&mut menu(args), 2, &[]);
    }
}

#[test]
fn a_typo_gets_the_nearest_name() {
    let meant: [(&[&str], &str); 10] = [
        (&["verfy"], "do you mean verify?"),
        (&["lst"], "do you mean list?"),
        (&["run", "refcont"], "do you mean refcount?"),
        (&["run", "refcount_dmo"], "do you mean refcount_demo?"),
        (&["run", "31-refcount"], "do you mean 13-refcount?"),
        (&["list", "persistance"], "do you mean persistence?"),
        (&["refcount_demo"], "cargo run -- run refcount_demo plays it"),
        (&["13"], "cargo run -- run 13 plays it"),
        (&["refcont_demo"], "do you mean run refcount_demo?"),
        (&["verify", "--fromat", "json"], "'--format'"),
    ];
    for (typed, words) in meant {
        refused(&mut menu(typed), 2, &[words]);
    }
}

#[test]
fn a_lesson_names_the_flag_that_was_meant() {
    refused(workbook("refcount_demo").arg("--predct"), 2, &["'--predct'", "'--predict'"]);
}

#[test]
fn a_wrong_flag_is_reported_once() {
    private(|| {
        for what in ["refcount_demo", "13"] {
            let output = refused(&mut menu(&["run", what, "--bogus"]), 2, &["--bogus"]);
            assert!(output.stdout.is_empty(), "{}", describe(&output));
        }
        refused(&mut menu(&["run", "13", "--name", "noslash"]), 2, &["noslash"]);
    });
}

#[test]
fn a_chapter_ends_with_the_total_of_its_claims() {
    private(|| {
        let text = stdout(&run(&mut menu(&["run", "13"]), 0));
        let totals: Vec<[u32; 3]> = text.lines().filter_map(totals).collect();
        let [lessons @ .., all] = &totals[..] else { panic!("no totals in {text}") };
        assert_eq!(lessons.len(), REFCOUNT.len(), "{text}");
        let sum = |n: usize| lessons.iter().map(|lesson| lesson[n]).sum::<u32>();
        assert_eq!(*all, [sum(0), sum(1), sum(2)], "{text}");
        let last = text.trim_end().lines().last().unwrap_or_default();
        assert!(last.starts_with("claims of all 5 lessons: ") && all[0] > 50, "{last}");
        // The total of a single lesson is not repeated.
        let text = stdout(&run(&mut menu(&["run", "refcount_demo"]), 0));
        assert!(!text.contains("claims of"), "{text}");
    });
}

#[test]
fn a_total_says_how_many_lessons_ran_to_the_end() {
    if !have("strace") {
        skip("strace is not installed");
        return;
    }
    private(|| {
        // On a kernel without queues, the lessons that need them end early, and the others run.
        let mut strace = command("strace");
        strace.args(["-f", "-qq", "-o", "/dev/null", "-e", "inject=mq_open:error=ENOSYS"]);
        strace.arg(program("ipc-workbook")).args(["run", "13"]).env("CARGO", "/nowhere/cargo");
        let output = run(&mut strace, 3);
        let last = stdout(&output).trim_end().lines().last().unwrap_or_default().to_string();
        assert!(last.starts_with("claims of 1 of 5 lessons: "), "{}", describe(&output));
    });
}

/// Reads the numbers in a total such as `claims: 12 held, 0 failed, 1 not seen`.
fn totals(line: &str) -> Option<[u32; 3]> {
    let (_, counts) = line.strip_prefix("claims")?.split_once(": ")?;
    let mut numbers = counts.split(", ").map_while(|count| count.split(' ').next()?.parse().ok());
    Some([numbers.next()?, numbers.next()?, numbers.next()?])
}

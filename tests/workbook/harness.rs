//! The harness of the trials reports what has failed, and runs what the command line asks for.

use ipc_workbook_testing::harness::{Arguments, Report, Trial, ended};

/// The arguments of `cargo test`.
const USUAL: Arguments = Arguments {
    filter: None,
    skip: Vec::new(),
    exact: false,
    list: false,
    quiet: true,
    ignored: false,
    only_ignored: false,
    report_time: false,
    test_threads: 2,
};

fn report(arguments: &Arguments) -> Report {
    let trials = vec![
        Trial::test("it passes", || Ok(())),
        Trial::test("it fails", || Err("for a reason".into())),
        Trial::test("it fails, too", || panic!("the value is {}", 7)),
        Trial::test("it cannot run", || Err("it was run".into())).with_ignored_flag(true),
    ];
    ended(arguments, trials)
}

fn failed(report: &Report) -> Vec<&str> {
    let mut names: Vec<&str> = report.failed.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable(); // they run at the same time
    names
}

#[test]
fn a_trial_that_fails_or_panics_is_reported() {
    let report = report(&USUAL);
    assert_eq!((report.passed, report.ignored), (1, 1));
    assert_eq!(failed(&report), ["it fails", "it fails, too"]);
    let why: Vec<&str> = report.failed.iter().map(|(_, why)| why.message()).collect();
    assert!(why.contains(&"for a reason"), "{why:?}");
    let panic = why.iter().find(|why| why.contains("the value is 7"));
    assert!(panic.is_some_and(|why| why.contains("harness.rs:")), "{why:?}");
}

#[test]
fn the_command_line_chooses_the_trials() {
    let filter = Some("it fails".to_string());
    assert_eq!(failed(&report(&Arguments { filter: filter.clone(), ..USUAL })).len(), 2);
    assert_eq!(failed(&report(&Arguments { filter: filter.clone(), exact: true, ..USUAL })), ["it fails"]);
    let skip = vec!["too".to_string()];
    assert_eq!(failed(&report(&Arguments { filter, skip, ..USUAL })), ["it fails"]);
    let all = report(&Arguments { ignored: true, ..USUAL });
    assert_eq!(failed(&all), ["it cannot run", "it fails", "it fails, too"]);
    let only = report(&Arguments { ignored: true, only_ignored: true, ..USUAL });
    assert_eq!((failed(&only), only.passed), (vec!["it cannot run"], 0));
}

#[test]
fn trials_run_at_the_same_time() {
    let both_are_there = std::sync::Arc::new(std::sync::Barrier::new(2));
    let meets = |name: &str| {
        let barrier = both_are_there.clone();
        Trial::test(name, move || {
            barrier.wait(); // does not return before the other one is here
            Ok(())
        })
    };
    assert_eq!(ended(&USUAL, vec![meets("one"), meets("another")]).passed, 2);
}

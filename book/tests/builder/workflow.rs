//! The workflow that publishes the book.

use ipc_workbook_testing::root;
use std::fs;

#[test]
fn the_workflow_pins_its_actions_and_builds_the_machine_first() {
    let workflow = fs::read_to_string(root().join(".github/workflows/book.yml")).expect("the workflow");
    let mut actions = 0;
    for action in workflow.lines().filter_map(|line| line.trim().strip_prefix("uses: ")) {
        let commit =
            action.split_once('@').map_or("", |(_, rest)| rest.split(' ').next().unwrap_or_default());
        let is_commit = commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit());
        assert!(is_commit && action.contains(" # v"), "{action} is not pinned by its commit");
        actions += 1;
    }
    assert!(actions >= 5, "only {actions} actions");
    let pinned = |line: &&str| line.trim().starts_with("runs-on:");
    for line in workflow.lines().filter(pinned) {
        assert!(!line.contains("latest"), "{line}");
    }
    // The machine is copied into the book, so it is built first.
    let calls: Vec<&str> = workflow
        .lines()
        .filter_map(|line| line.split_once("ipc-workbook-book -- "))
        .map(|(_, call)| call)
        .collect();
    assert_eq!(calls, ["machine", "build"]);
    assert!(workflow.contains("path: target/book\n"), "the pages are somewhere else");
}

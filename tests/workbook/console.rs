//! Every console block of the chapters prints what the chapter shows.

use ipc_workbook_testing::blocks::*;
use ipc_workbook_testing::prelude::*;
use std::process::Command;

fn every_block_prints_what_is_shown() {
    let mut wrong = Vec::new();
    assert!(!blocks().is_empty());
    for block in blocks() {
        if block.as_root && User::all().len() < 2 {
            skip(&format!("{} needs root and a second user", block.claim));
        } else if let Err(difference) = block.run() {
            wrong.push(difference);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_console_block_prints_what_the_chapter_shows() {
    private(|| every_block_prints_what_is_shown());
}

#[test]
fn every_console_block_prints_the_same_for_an_unprivileged_user() {
    let user = User::all().pop().expect("one user at least");
    private_as(user, Mqueue::Mounted, || every_block_prints_what_is_shown());
}

#[test]
fn a_block_that_prints_something_else_is_reported() {
    let text = "<!-- console: right -->\n```console\n$ echo a 1 b\na [..] b\n$ echo \"it's\" >&2\nit's\n```\n\
        <!-- console: wrong -->\n```console\n$ echo a\nb\n```\n\
        <!-- console: silent -->\n```console\n$ true\nb\n```\n\
        <!-- console: talkative -->\n```console\n$ echo a\n```\n";
    let results: Vec<bool> = blocks_of("99-nowhere", text).iter().map(|block| block.run().is_ok()).collect();
    assert_eq!(results, [true, false, false, false]);
}

/// Checks on this machine what the chapter says about versions of lsipc.
#[test]
fn lsipc_knows_posix_objects_since_2_41() {
    let said = |words: &[&str]| Command::new("lsipc").args(words).output().map(|output| stdout(&output));
    let Ok(version) = said(&["--version"]) else { return skip("lsipc is not installed") };
    let number: Vec<u32> = version
        .split_whitespace()
        .last()
        .unwrap_or_default()
        .split(['.', '-'])
        .filter_map(|part| part.parse().ok())
        .collect();
    let knows = said(&["--help"]).expect("lsipc").contains("--posix-mqueues");
    assert_eq!(knows, number >= vec![2, 41], "{version}");
}

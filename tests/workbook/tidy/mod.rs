//! The repository's own order: nothing is registered by hand, so what belongs
//! together is found by looking, and what is missing is named.
//!
//! | file | what |
//! | --- | --- |
//! | `chapters`, `labs`, `links` | what a chapter, a lesson, a lab and a page must have |
//! | `missing` | each of these is missed in a copy that lacks it |
//! | `scripts` | a new lesson and a new lab have all of it |
//! | `copied` | a copy of the workbook |
//! | `habits`, `texts` | sentences that a reader stumbles over, in everything that people read |
//! | `prose` | `prose/check` finds wrong spelling and grammar |

mod chapters;
mod copied;
mod habits;
mod labs;
mod links;
mod missing;
mod prose;
mod scripts;
mod texts;

use ipc_workbook_testing::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

fn everything_wrong(root: &Path) -> Vec<String> {
    [
        chapters::chapters_that_lack_a_part,
        chapters::lessons_that_lack_a_part,
        chapters::twins_of_no_lesson,
        labs::labs_that_lack_a_part,
        labs::chapters_without_a_lab,
        links::origins_that_are_not_there,
        links::anchors_that_no_page_shows,
        links::links_that_lead_nowhere,
    ]
    .into_iter()
    .flat_map(|check| check(root))
    .collect()
}

#[test]
fn nothing_lacks_a_part() {
    assert!(!chapters(root()).is_empty());
    assert_eq!(everything_wrong(root()), Vec::<String>::new());
}

/// A first build compiles a lesson with four crates and what they need, each with the features
/// that any default member has turned on.
#[test]
fn no_default_member_changes_what_a_lesson_is_built_of() {
    if nix::unistd::access(env!("CARGO"), nix::unistd::AccessFlags::X_OK).is_err() {
        skip("this user cannot run cargo");
        return;
    }
    let tree = |which: &[&str]| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["tree", "--offline", "--edges", "normal", "--prefix", "none", "--format", "{p} {f}"]);
        let output = run(cargo.args(which).current_dir(root()).env_remove("CARGO_MANIFEST_DIR"), 0);
        let text = stdout(&output);
        text.lines().map(|line| line.trim_end_matches(" (*)").to_string()).collect::<BTreeSet<_>>()
    };
    let direct = tree(&["-p", "ipc-workbook", "--depth", "1"]);
    let names: Vec<&str> = direct.iter().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(names, ["clap", "colored", "ipc-workbook", "libc", "nix"]);
    let (alone, together) = (tree(&["-p", "ipc-workbook"]), tree(&[]));
    assert!(!alone.iter().any(|line| line.contains("derive")), "{alone:?}");
    assert_eq!(alone.difference(&together).collect::<Vec<_>>(), Vec::<&String>::new());
}

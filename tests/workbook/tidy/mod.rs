//! The layout of the repository. Nothing is registered by hand: these tests find the files that belong
//! together, and name each missing part.
//!
//! | file | contents |
//! | --- | --- |
//! | `chapters`, `labs`, `links` | the parts that a chapter, a lesson, a lab and a page must have |
//! | `missing` | a copy that lacks parts, each of which must be reported |
//! | `scripts` | a new lesson and a new lab, which must have every part |
//! | `copied` | makes a copy of the workbook |
//! | `habits`, `texts` | sentences that are hard to read, in everything that people read |
//! | `prose` | `prose/check`, which must find wrong spelling and grammar |

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
fn no_part_is_missing() {
    assert!(!chapters(root()).is_empty());
    assert_eq!(everything_wrong(root()), Vec::<String>::new());
}

/// A first build of a lesson compiles four crates and their dependencies. A default member must not turn
/// on more features of these crates, because the first build would take longer. Nor must the tests: the library and all
/// lessons would be compiled for `cargo test`, and again for the next `cargo run`.
#[test]
fn no_default_member_and_no_test_adds_features_to_a_lessons_build() {
    if nix::unistd::access(env!("CARGO"), nix::unistd::AccessFlags::X_OK).is_err() {
        skip("this user cannot run cargo");
        return;
    }
    let tree = |edges: &str, which: &[&str]| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["tree", "--offline", "--edges", edges, "--prefix", "none", "--format", "{p} {f}"]);
        let output = run(cargo.args(which).current_dir(root()).env_remove("CARGO_MANIFEST_DIR"), 0);
        let text = stdout(&output);
        text.lines().map(|line| line.trim_end_matches(" (*)").to_string()).collect::<BTreeSet<_>>()
    };
    let direct = tree("normal", &["-p", "ipc-workbook", "--depth", "1"]);
    let names: Vec<&str> = direct.iter().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(names, ["clap", "colored", "ipc-workbook", "libc", "nix"]);
    let (alone, together) = (tree("normal", &["-p", "ipc-workbook"]), tree("normal,dev", &[]));
    assert!(!alone.iter().any(|line| line.contains("derive")), "{alone:?}");
    assert_eq!(alone.difference(&together).collect::<Vec<_>>(), Vec::<&String>::new());
}

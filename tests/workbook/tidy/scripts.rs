//! The scripts that start a lesson or a lab, and the help of all scripts.

use super::copied::copy;
use super::everything_wrong;
use ipc_workbook_testing::prelude::*;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns a cargo command for a copy of the workbook. The copy shares the target folder, so that its
/// dependencies are already built. No package of the copy may have the name and version of a package of
/// the workbook, because cargo would confuse their builds.
fn cargo_in(tree: &Path, words: &str) -> Command {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let target = scratch.parent().expect("it is in the target folder");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(words.split(' ')).current_dir(tree);
    cargo.env("CARGO_TARGET_DIR", target).env_remove("CARGO_MANIFEST_DIR");
    cargo
}

#[test]
fn a_new_lesson_compiles_runs_and_is_tidy() {
    let Some(tree) = copy("with-a-new-lesson") else { return };
    run(Command::new(tree.join("scripts/new-lesson")).args(["13-refcount", "a_new_lesson"]), 0);
    assert_eq!(everything_wrong(&tree), Vec::<String>::new());
    let text = text_if_there(&tree.join("lessons/13-refcount/README.md"));
    let place = |heading: &str| text.find(heading).unwrap_or_else(|| panic!("no {heading}: {text}"));
    assert!(place("\n## a_new_lesson\n") < place("\n## Questions\n"), "{text}");
    let on_record = text_if_there(&tree.join("lessons/13-refcount/claims.toml"));
    assert!(on_record.contains("\na-new-queue-of-a-new-lesson-is-empty = "), "{on_record}");
    make_a_package_of_its_own(&tree);
    let words = "run --quiet --offline --bin a_new_lesson -- --private --format json";
    let output = run(&mut cargo_in(&tree, words), 0);
    let events = events(&output);
    let claims: Vec<&str> = events
        .iter()
        .filter(|event| event["event"] == "claim" && event["held"] == true)
        .filter_map(|claim| claim["id"].as_str()?.split_once('/'))
        .map(|(_, claim)| claim)
        .collect();
    let [claim] = claims[..] else { panic!("{}", describe(&output)) };
    let twin = tree.join("lessons/13-refcount/c/a_new_lesson.c");
    assert!(text_if_there(&twin).contains(&format!("claim(\"{claim}\"")), "{}", text_if_there(&twin));
    if have("cc") {
        run(&mut cc(&twin, &twin.with_extension("")), 0);
    } else {
        skip("cc is not installed");
    }
}

/// Makes the lessons of the copy a separate package, which uses the library of the workbook.
fn make_a_package_of_its_own(tree: &Path) {
    let manifest = text_if_there(&root().join("Cargo.toml"));
    let section = |heading: &str| {
        let start = manifest.find(heading).unwrap_or_else(|| panic!("Cargo.toml has no {heading}"));
        let rest = &manifest[start..];
        rest[..rest[1..].find("\n[").map_or(rest.len(), |end| end + 1)].to_string()
    };
    let package = "[package]\nname = \"with-a-new-lesson\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    let library = format!("ipc-workbook = {{ path = \"{}\" }}\n", root().display());
    let (dependencies, profile) = (section("[dependencies]"), section("[profile.dev]"));
    let text = format!("{package}{dependencies}\n{library}{profile}\n[workspace]\n");
    std::fs::write(tree.join("Cargo.toml"), text).expect("a manifest");
    std::fs::remove_file(tree.join("src/lib.rs")).expect("the copy of the library");
}

#[test]
fn a_new_lab_is_tidy_and_its_grader_is_proven() {
    let Some(tree) = copy("with-a-new-lab") else { return };
    run(Command::new(tree.join("scripts/new-lab")).args(["13-refcount", "a-new-lab"]), 0);
    assert_eq!(everything_wrong(&tree), Vec::<String>::new());
    if !have("cc") {
        skip("cc is not installed");
        return;
    }
    if !exhaustive() {
        // Takes minutes of processor time: all of it is built again, in another folder.
        note("only .ci/exhaustive grades a new lab");
        return;
    }
    let words = "test --quiet --offline -p ipc-workbook-labs --test proven a-new-lab::";
    // In a target folder of its own: in a shared one the next build of the workbook would use the copy's graders.
    let target = tree.with_file_name("target-of-a-new-lab");
    let output = run(cargo_in(&tree, words).env("CARGO_TARGET_DIR", target), 0);
    // Two solutions, two starters, five known-bad submissions, and the check in the page.
    assert!(stdout(&output).contains("10 passed"), "{}", describe(&output));
}

/// Checks that the script refuses each of these names with one line, and changes nothing.
fn takes_no_bad_name(script: &str, more: &[(&str, &str)]) {
    let Some(tree) = copy(&format!("without-a-{script}")) else { return };
    let script = tree.join("scripts").join(script);
    refused(&mut command(&script), 2, &[]);
    refused(command(&script).arg("13-refcount"), 2, &[]);
    let bad = [("nowhere", "x"), ("13-refcount", "../x"), ("13-refcount", "Big")];
    for (chapter, name) in bad.iter().chain(more) {
        refused(command(&script).args([chapter, name]), 2, &[]);
    }
    assert_eq!(everything_wrong(&tree), Vec::<String>::new());
}

#[test]
fn a_bad_name_for_a_new_lab_is_refused() {
    // The last one exists in another chapter: the name of a lab must be unique in all chapters.
    let more = ["under_score", "9-lives", "exact-mode"].map(|name| ("13-refcount", name));
    takes_no_bad_name("new-lab", &more);
}

#[test]
fn a_bad_name_for_a_new_lesson_is_refused() {
    takes_no_bad_name("new-lesson", &[("13-refcount", "refcount_demo")]);
}

#[test]
fn every_script_answers_help() {
    let files = ["scripts", ".ci"].into_iter().flat_map(|it| entries(&root().join(it)));
    let is_script = |file: &PathBuf| file.is_file() && file.extension().is_none_or(|end| end == "sh");
    let scripts: Vec<PathBuf> = files.filter(|file| is_script(file) && name(file) != "help.sh").collect();
    assert!(scripts.len() > 5, "{scripts:?}");
    for script in scripts {
        for flag in ["--help", "-h"] {
            let output = run(command(&script).arg(flag), 0);
            let help = stdout(&output);
            assert!(help.contains(&name(&script)) && help.contains("Exit code"), "{}", describe(&output));
        }
    }
}

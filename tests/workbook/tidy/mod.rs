//! The repository's own order: nothing is registered by hand, so what belongs
//! together is found by looking, and what is missing is named.

mod labs;

use ipc_workbook::lesson::{chapter_of, title_of};
use ipc_workbook_testing::prelude::*;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What is wrong with the chapters.
fn chapters_that_lack_a_part(root: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    let summary = text_if_there(&root.join("lessons/SUMMARY.md"));
    for chapter in chapters(root) {
        let (folder, text) = (name(&chapter), text_if_there(&chapter.join("README.md")));
        let mut demand = |holds: bool, what: &str| {
            if !holds {
                wrong.push(format!("{folder}: {what}"));
            }
        };
        demand(text.starts_with("# "), "README.md begins with its title");
        demand(text.contains("**Predict.**"), "README.md opens with a question to predict");
        demand(text.contains("## Misconceptions"), "README.md names its misconceptions");
        demand(text.contains("## Look for yourself"), "README.md says how to look from a second terminal");
        demand(chapter.join("quiz.toml").exists(), "there is a quiz.toml");
        let shows_lessons = folder_has_lessons(root, &folder);
        let blocks = text.matches("```console\n").count();
        let named = text.matches(" -->\n```console\n").count();
        demand(shows_lessons || blocks > 0, "it has lessons, or console blocks that tests run");
        demand(shows_lessons || blocks == named, "each of its console blocks has a name, and is run");
        demand(summary.contains(&format!("({folder}/README.md)")), "lessons/SUMMARY.md links it");
    }
    wrong
}

/// Whether some lesson names this chapter as its own.
fn folder_has_lessons(root: &Path, chapter: &str) -> bool {
    entries(&root.join("src/bin")).iter().any(|file| chapter_of(&text_if_there(file)) == Some(chapter))
}

/// What is wrong with the lessons.
fn lessons_that_lack_a_part(root: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in entries(&root.join("src/bin")) {
        let (source, program) = (text_if_there(&file), name(&file).trim_end_matches(".rs").to_string());
        let chapter = chapter_of(&source).unwrap_or("no chapter");
        let text = text_if_there(&root.join("lessons").join(chapter).join("README.md"));
        let header: Vec<&str> = source.lines().take_while(|line| line.starts_with("//!")).collect();
        let neighbours = header.join(" ").replace("//!", "");
        let mut demand = |holds: bool, what: &str| {
            if !holds {
                wrong.push(format!("{program}: {what}"));
            }
        };
        demand(title_of(&source).ends_with('.'), "its first line is one sentence");
        demand(neighbours.contains(&format!("cargo run --bin {program}")), "its header says how to run it");
        demand(neighbours.contains("Manual pages: "), "its header names the manual pages");
        demand(!text.is_empty(), "its header names a chapter that exists");
        demand(text.contains(&program), "its chapter mentions it");
        let twin = format!("lessons/{chapter}/c/{program}.c");
        demand(root.join(&twin).exists(), &format!("there is {twin}, the same calls in C"));
        for word in ["Next: ", "Previous: "] {
            let named = neighbours.split(word).nth(1).and_then(|rest| rest.split('.').next());
            let exists =
                named.is_none_or(|other| root.join("src/bin").join(format!("{}.rs", other.trim())).exists());
            demand(exists, "the neighbour it names exists");
        }
    }
    wrong
}

/// C programs of the chapters that are no lesson's twin, so that no test runs them.
fn twins_of_no_lesson(root: &Path) -> Vec<String> {
    let twins = chapters(root).into_iter().flat_map(|chapter| entries(&chapter.join("c")));
    let of_a_lesson = |twin: &PathBuf| {
        let lesson = root.join("src/bin").join(name(twin)).with_extension("rs");
        let chapter = twin.ancestors().nth(2).map(name);
        chapter_of(&text_if_there(&lesson)) == chapter.as_deref()
    };
    twins.filter(|twin| !of_a_lesson(twin)).map(|twin| format!("{}: it has no lesson", name(&twin))).collect()
}

/// `{{#include ../../src/bin/x.rs:anchor}}`: the file and the anchor exist.
fn includes_that_lead_nowhere(root: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    for chapter in chapters(root) {
        for include in text_if_there(&chapter.join("README.md")).split("{{#include ").skip(1) {
            let include = include.split("}}").next().unwrap_or_default();
            let (file, anchor) = include.split_once(':').unwrap_or((include, ""));
            let target = text_if_there(&chapter.join(file));
            let found = if anchor.is_empty() {
                !target.is_empty()
            } else {
                target.lines().any(|line| line.ends_with(&format!("ANCHOR: {anchor}")))
            };
            if !found {
                wrong.push(format!("{}: {include}", name(&chapter)));
            }
        }
    }
    wrong
}

/// Relative links of all pages lead to files.
fn links_that_lead_nowhere(root: &Path) -> Vec<String> {
    let mut pages = entries(root);
    pages.extend(entries(&root.join("lessons")));
    pages.extend(chapters(root).iter().flat_map(|chapter| entries(chapter)));
    pages.extend(labs::labs(root).iter().map(|lab| lab.join("README.md")));
    let mut wrong = Vec::new();
    for page in pages.into_iter().filter(|page| page.extension().is_some_and(|end| end == "md")) {
        for link in text_if_there(&page).split("](").skip(1) {
            let link = link.split([')', '#']).next().unwrap_or_default();
            let outside = link.is_empty() || link.contains("://");
            if !outside && !page.parent().expect("a folder").join(link).exists() {
                wrong.push(format!("{}: {link}", page.display()));
            }
        }
    }
    wrong
}

fn everything_wrong(root: &Path) -> Vec<String> {
    [
        chapters_that_lack_a_part,
        lessons_that_lack_a_part,
        twins_of_no_lesson,
        labs::labs_that_lack_a_part,
        labs::chapters_without_a_lab,
        includes_that_lead_nowhere,
        links_that_lead_nowhere,
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

#[test]
fn the_run_that_the_readme_shows_is_a_recorded_one() {
    let readme = text_if_there(&root().join("README.md"));
    let mark = "<!-- recorded: ";
    let shown = readme.split(mark).nth(1).expect("a recorded run");
    let words: Vec<&str> = shown.split(" -->").next().expect("a mark").split(' ').collect();
    let [chapter, lesson, step] = words[..] else { panic!("{words:?}") };
    let block = shown.split("```text\n").nth(1).and_then(|rest| rest.split("\n```").next()).expect("a block");
    let recorded = text_if_there(&root().join(format!("lessons/{chapter}/output/{lesson}.txt")));
    let recorded = recorded
        .split(&format!("ANCHOR: {step}\n"))
        .nth(1)
        .and_then(|rest| rest.split("\n\nANCHOR_END").next());
    assert_eq!(Some(block), recorded);
}

/// A copy of what a lesson is made of, in a folder for temporary things; `None`,
/// and said so, for a user who may not write there.
fn copy(to: &str) -> Option<PathBuf> {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    if nix::unistd::access(scratch, nix::unistd::AccessFlags::W_OK).is_err() {
        skip("this user may not write to the target folder");
        return None;
    }
    let to = scratch.join(to);
    let _ = fs::remove_dir_all(&to);
    fs::create_dir_all(&to).expect("a folder");
    let parts = [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "src",
        "scripts",
        "lessons",
        "benches",
        "tests",
        "book",
        "interview",
        "labs",
        "menu",
        "testing",
        "tools",
    ];
    let present = parts.iter().map(|part| root().join(part)).filter(|part| part.exists());
    let copied = Command::new("cp").arg("-R").args(present).arg(&to).status().expect("cp");
    assert!(copied.success());
    Some(to)
}

#[test]
fn what_is_missing_is_named() {
    let Some(broken) = copy("broken") else { return };
    assert_eq!(everything_wrong(&broken), Vec::<String>::new());
    fs::remove_file(broken.join("lessons/13-refcount/quiz.toml")).expect("removed");
    fs::write(broken.join("lessons/SUMMARY.md"), "").expect("written");
    let shell = broken.join("lessons/15-from-the-shell/README.md");
    fs::write(&shell, text_if_there(&shell).replace("<!-- console: which-lsipc -->\n", "")).expect("written");
    fs::remove_file(broken.join("lessons/13-refcount/c/unlink_demo.c")).expect("removed");
    fs::write(broken.join("lessons/13-refcount/c/stray.c"), "").expect("written");
    let demo = broken.join("src/bin/refcount_demo.rs");
    fs::write(
        &demo,
        text_if_there(&demo).replace("13-refcount", "99-nowhere").replace("ANCHOR: emsgsize", ""),
    )
    .expect("written");
    let lab = broken.join("lessons/12-permissions/labs/exact-mode");
    for gone in ["grader.rs", "solution.c", "bad/trusts-the-umask.diff"] {
        fs::remove_file(lab.join(gone)).expect("removed");
    }
    let change = |file: &str, piece: &str, by: &str| {
        let text = text_if_there(&lab.join(file));
        assert!(text.contains(piece), "{file} has no {piece}");
        fs::write(lab.join(file), text.replacen(piece, by, 1)).expect("written");
    };
    change("README.md", "    PROGRAM /NAME MODE", "");
    change("starter.rs", "TODO", "");
    change("bad/leaves-a-semaphore.diff", "loses: nothing-else-is-left", "loses: the-moon");
    change("bad/hangs-afterwards.diff", "loses: ", "");
    change("bad/first-for-everybody.diff", "--- solution.c", "--- starter.c");
    change("lab.toml", "points = 4", "points = 0");
    change("bad/says-that-it-did.c", "the-program-ends-with-exit-code-0 ", "");
    change("lab.toml", "required = \"exit code 0, and a queue\"", "required = \"\"");
    fs::write(broken.join("lessons/13-refcount/labs/nameless-queue/lab.toml"), "= =").expect("written");
    fs::remove_dir_all(broken.join("lessons/16-errors/labs")).expect("removed");
    let wrong = everything_wrong(&broken).join("\n");
    for part in [
        "quiz.toml",
        "SUMMARY.md links",
        "15-from-the-shell: each of its console blocks has a name",
        "refcount_demo: its header names a chapter that exists",
        "refcount_demo.rs:emsgsize",
        "unlink_demo: there is lessons/13-refcount/c/unlink_demo.c",
        "stray.c: it has no lesson",
        "lab exact-mode: grader.rs has the function grade",
        "lab exact-mode: there is solution.c",
        "lab exact-mode: there are five known-bad submissions",
        "lab exact-mode: README.md states the interface",
        "lab exact-mode: starter.rs has a TODO",
        "lab exact-mode: bad/leaves-a-semaphore.diff loses the-moon, which is",
        "lab exact-mode: bad/hangs-afterwards.diff says on its first line what it loses",
        "lab exact-mode: bad/first-for-everybody.diff names the solution that it changes",
        "lab exact-mode: the line the-queue-has-the-mode-under-any-umask gives points",
        "lab exact-mode: the line the-program-ends-with-exit-code-0 has required",
        "lab exact-mode: a known-bad submission loses the-program-ends-with-exit-code-0",
        "16-errors: it has a lab",
        "lab nameless-queue: there is a lab.toml, and it is TOML",
    ] {
        assert!(wrong.contains(part), "{part} is not among\n{wrong}");
    }
}

/// Cargo in a copy of the workbook. It shares the target folder, so that the packages that the
/// copy depends on are built already.
fn cargo_in(tree: &Path, words: &str) -> Command {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let target = scratch.parent().expect("it lies in the target folder");
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
        skip("there is no cc");
    }
}

#[test]
fn a_new_lab_is_tidy_and_its_grader_is_proven() {
    let Some(tree) = copy("with-a-new-lab") else { return };
    run(Command::new(tree.join("scripts/new-lab")).args(["13-refcount", "a-new-lab"]), 0);
    assert_eq!(everything_wrong(&tree), Vec::<String>::new());
    if !have("cc") {
        skip("there is no cc");
        return;
    }
    if !exhaustive() {
        // Half a minute of processor time: all of the labs is built once more, in another folder.
        note("a new lab is graded by .ci/exhaustive alone");
        return;
    }
    let words = "test --quiet --offline -p ipc-workbook-labs --test proven a-new-lab::";
    let output = run(&mut cargo_in(&tree, words), 0);
    // Two solutions, two starters, five known-bad submissions.
    assert!(stdout(&output).contains("9 passed"), "{}", describe(&output));
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

/// The script takes none of these names, says why in one line, and changes nothing.
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
    // The last is of another chapter: a lab is called by its name alone.
    let more = ["under_score", "9-lives", "exact-mode"].map(|name| ("13-refcount", name));
    takes_no_bad_name("new-lab", &more);
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

#[test]
fn a_bad_name_for_a_new_lesson_is_refused() {
    takes_no_bad_name("new-lesson", &[("13-refcount", "refcount_demo")]);
}

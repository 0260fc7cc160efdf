//! Which files are graded: bad submissions, links, missing and empty ones, and files that belong to no lab.

use crate::support::course::*;
use crate::support::*;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

#[test]
fn a_bad_submission_is_reported_and_the_rest_goes_on() {
    let course = Course::new();
    course.add_program("zz last");
    course.add("broken.c", "int main(");
    course.add("plain", "no program");
    course.add("no exec.py", "#!/usr/bin/env python3\n");
    fs::create_dir_all(course.subs().join("folder/src/deep")).unwrap();
    fs::File::create(course.subs().join("huge")).unwrap().set_len(65 << 20).unwrap();
    fs::set_permissions(course.subs().join("huge"), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    course.add_script("gigabyte", "#!/bin/sh\nyes | head -c 1000000000\n");
    course.add_script("format", "#!/no/such/interpreter\n");
    nix::unistd::mkfifo(&course.subs().join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();

    let output = run(&mut course.grade(&["--lab", LAB]), 0);
    assert_eq!(course.points("zz last"), 10, "{}", describe(&output));
    for (student, why) in [
        ("broken.c", "it does not build"),
        ("plain", "it is not executable"),
        ("no exec.py", "it is not executable"),
        ("folder", "the folder has no main.rs"),
        ("huge", "it is larger than 64 MiB"),
        ("pipe", "it is neither a file nor a folder"),
    ] {
        assert_eq!(course.points(student), 0, "{student}");
        assert!(course.refused(student).starts_with(why), "{student}: {:?}", course.refused(student));
        assert!(stdout(&output).contains(&format!("{student}  {LAB}  0/10: {why}")), "{}", describe(&output));
    }
    // The script exits with code 0 and does nothing else; a slow machine has no time for that much output.
    assert!(course.points("gigabyte") <= 1);
    assert_eq!(course.points("format"), 0);
    let bytes: u64 = files_below(&course.out()).iter().map(|file| fs::metadata(file).unwrap().len()).sum();
    assert!(bytes < 1 << 20, "a program's output must not fill the reports: {bytes}");
}

/// A link would let a student hand in the work of another student, or the solution.
#[test]
fn a_submission_that_is_a_link_or_leads_out_is_refused_and_costs_nobody_else() {
    let course = Course::new();
    course.add_program("anna");
    course.add("bob/main.c", source("solution.c"));
    let solution = lab_folder().join("solution.c");
    for (name, target) in [
        ("nowhere.c", Path::new("nowhere")),
        ("another.c", &course.subs().join("anna")),
        ("folder", &course.subs().join("bob")),
        ("eve/exact-mode.c", &solution),
        ("mallory/exact-mode", &course.subs().join("bob")),
    ] {
        let link = course.subs().join(name);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(target, link).unwrap();
    }
    for thief in ["thief/main.c", "deep/main.c"] {
        course.add(thief, source("starter.c"));
    }
    symlink("/etc/passwd", course.subs().join("thief/other.c")).unwrap();
    fs::create_dir_all(course.subs().join("deep/a/b")).unwrap();
    symlink("../../../bob/main.c", course.subs().join("deep/a/b/data")).unwrap();
    course.add("own/src/real.c", source("solution.c"));
    symlink("src/real.c", course.subs().join("own/main.c")).unwrap();
    // A folder with a program is the submission, even if another entry has a name like the lab's.
    course.add("own/exact-modes.h", "");

    run(&mut course.grade(&["--lab", LAB]), 0);
    for whole in ["nowhere.c", "another.c", "folder", "eve", "mallory"] {
        assert!(
            course.refused(whole).starts_with("it is a symbolic link"),
            "{whole}: {:?}",
            course.refused(whole)
        );
    }
    for (student, what) in [("thief", "other.c"), ("deep", "a/b/data")] {
        let why = format!("its {what} is a link to a file outside the submission; hand in the file itself");
        assert_eq!(course.refused(student), why);
    }
    for student in ["anna", "bob", "own"] {
        assert_eq!(course.points(student), 10, "{student}");
    }
}

/// A user who can write a file can create a hard link to it in a folder of their own.
#[test]
fn a_hard_link_to_a_file_of_somebody_else_is_refused() {
    if !nix::unistd::geteuid().is_root() {
        skip("a_hard_link_to_a_file_of_somebody_else_is_refused: it needs a second user");
        return;
    }
    let course = Course::new();
    course.add("bob/main.c", source("solution.c"));
    course.add("eve/readme", "");
    fs::hard_link(course.subs().join("bob/main.c"), course.subs().join("eve/main.c")).unwrap();
    std::os::unix::fs::chown(course.subs().join("eve"), Some(65534), Some(65534)).unwrap();
    run(&mut course.grade(&["--lab", LAB]), 0);
    assert_eq!(course.refused("eve"), "its main.c is a hard link to a file of another user; hand in a copy");
    assert_eq!(course.points("bob"), 10);
}

#[test]
fn what_is_missing_is_told_apart_from_what_fails() {
    let course = Course::new();
    course.add("anna/exact-mode.c", source("solution.c"));
    course.add("bob/exact-mode.c", source("starter.c"));
    course.add("carl/notes.txt", "I was ill");
    fs::create_dir_all(course.subs().join("dora/exact-mode")).unwrap();
    course.add("erna/exact-mode.c", "");
    course.add("fritz/exact-mode/.gitignore", "");
    fs::create_dir_all(course.subs().join("gerd")).unwrap();
    let output = run(&mut course.grade(&[]), 0);
    for (student, why) in [
        ("anna", ""),
        ("bob", ""),
        ("carl", "nothing was handed in for it"),
        ("dora", "what was handed in is empty"),
        ("erna", "what was handed in is empty"),
        ("fritz", "what was handed in is empty"),
        ("gerd", "nothing was handed in for it"),
    ] {
        assert_eq!(course.missing(student), why, "{student}");
        assert_eq!(course.result(student)["graded"].is_null(), !why.is_empty(), "{student}");
    }
    let shown = stdout(&output);
    let cells = |student: &str| -> Vec<String> {
        let line = shown.lines().find(|line| line.starts_with(student)).unwrap();
        line.split_whitespace().map(String::from).collect()
    };
    assert_eq!(cells("bob"), ["bob", "0/10", "0/10"]);
    assert_eq!(cells("carl"), ["carl", "missing", "0/10"]);
    assert!(!shown.contains("carl  exact-mode"), "the table already says so: {shown}");
    assert!(shown.contains("dora  exact-mode  missing: what was handed in is empty"), "{shown}");
    let text = |file: &str| text_of(course.out().join(file));
    assert!(
        text("grades.csv").contains("carl,missing,0,10\n") && text("grades.csv").contains("bob,0,0,10\n")
    );
    assert!(text("students/carl.md").contains("## An exact mode, whatever the umask: missing"));
    assert!(
        text("index.md").contains("| [`carl`](students/carl.md) | 0 | missing |"),
        "{}",
        text("index.md")
    );
    assert!(text("junit.xml").contains("skipped=\"5\"") || text("junit.xml").contains("<skipped"));
    let gradescope = read_json(&course.out().join("gradescope/carl.json"));
    assert_eq!(
        (&gradescope["tests"][0]["score"], &gradescope["tests"][0]["max_score"]),
        (&0.into(), &10.into())
    );
    assert_eq!(gradescope["tests"][0]["output"], "nothing was handed in for it");
    let classroom = read_json(&course.out().join("github-classroom/carl.json"));
    assert_eq!((&classroom["status"], &classroom["tests"][0]["score"]), (&"fail".into(), &0.into()));
}

#[test]
fn what_is_no_submission_is_listed_and_becomes_no_student() {
    let course = Course::new();
    course.add("anna/exact-mode.c", source("solution.c"));
    course.add("anna/exact-mode.c~", "int main(");
    course.add("anna/.DS_Store", "x");
    course.add("anna/letter.pdf", "%PDF");
    course.add("bob/exact-mod/main.c", source("solution.c"));
    course.add("bob/exclusiv-creation.c", "int main(void) { return 0; }");
    course.add("bob/zzz", "x");
    for clutter in ["notes.txt", ".DS_Store", "__MACOSX/x", "roster.csv~", "all.zip"] {
        course.add(clutter, "x");
    }
    let output = run(&mut course.grade(&[]), 0);
    let grades = course.grades();
    let students: Vec<&str> = grades["students"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|student| student["student"].as_str())
        .collect();
    assert_eq!(students, ["anna", "bob"]);
    assert_eq!(course.points("anna"), 10);
    assert_eq!(course.missing("bob"), "nothing was handed in for it; perhaps exact-mod is meant");
    for (what, why) in [
        ("notes.txt", "it is a document"),
        (".DS_Store", "it is a hidden file"),
        ("__MACOSX", "another operating system left it there"),
        ("roster.csv~", "an editor left it there"),
        ("all.zip", "it is an archive; unpack it first"),
        ("anna/exact-mode.c~", "an editor left it there"),
        ("anna/.DS_Store", "it is a hidden file"),
        ("anna/letter.pdf", "it is a document"),
        ("bob/exact-mod", "no lab has that name; do you mean exact-mode?"),
        ("bob/exclusiv-creation.c", "no lab has that name; do you mean exclusive-creation?"),
        ("bob/zzz", "no lab has that name"),
    ] {
        assert!(stdout(&output).contains(&format!("{what}  not graded: {why}\n")), "{}", describe(&output));
        assert!(text_of(course.out().join("index.md")).contains(&format!("- `{what}`: {why}\n")), "{what}");
    }
    // A likely mistake is reported before the grading as well.
    let said = stderr(&output);
    assert!(
        said.contains("lab: bob/exclusiv-creation.c is not graded: no lab has that name; do you mean excl"),
        "{said}"
    );
    assert!(said.find("bob/exclusiv").unwrap() < said.find("1/2").unwrap(), "{said}");
}

#[test]
fn a_course_has_a_folder_for_each_student_with_one_for_each_lab() {
    let course = Course::new();
    course.add("anna/exact-mode.c", source("solution.c"));
    course.add("bob/exact-mode/main.c", source("bad/trusts-the-umask.diff"));
    course.add("carl/exactmode.c", source("solution.c"));
    course.add("dora/exact-mode.c", source("solution.c"));
    course.add("dora/exact-mode.rs", source("solution.rs"));
    course.add_program("erna");
    run(&mut course.grade(&[]), 0);
    let points = ["anna", "bob", "dora", "erna"].map(|student| course.points(student));
    assert_eq!(points, [10, 6, 0, 0]);
    assert_eq!(course.missing("carl"), "nothing was handed in for it; perhaps exactmode.c is meant");
    assert_eq!(
        course.refused("dora"),
        "there are two submissions, exact-mode.c and exact-mode.rs; keep one of them"
    );
    assert_eq!(course.refused("erna"), "it is not a folder with a folder or file for each lab");
}

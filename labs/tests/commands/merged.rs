//! A later run takes the results that are there, and the results of several runs are merged.

use crate::support::course::*;
use crate::support::*;
use std::fs;

#[test]
fn what_a_person_writes_below_a_report_survives_later_runs_and_merging() {
    let course = Course::new();
    course.add("anna.c", source("starter.c"));
    run(&mut course.grade(&["--lab", LAB]), 0);
    let report = course.out().join("students/anna.c.md");
    let note = "\nYou may hand it in again until Friday. <!-- K. -->\n";
    fs::write(&report, text_of(&report) + note).unwrap();
    course.add("anna.c", source("solution.c"));
    run(&mut course.grade(&["--lab", LAB, "--again"]), 0);
    run(&mut course.grade(&["--lab", LAB]), 0);
    let kept =
        |text: &str| text.ends_with(note) && text.matches(note).count() == 1 && text.contains("10 of 10");
    assert!(kept(&text_of(&report)), "{}", text_of(&report));
    run(lab(&["merge"]).arg(course.out()).arg("--out").arg(course.path("merged")), 0);
    let merged = text_of(course.path("merged/students/anna.c.md"));
    assert!(kept(&merged), "{merged}");
}

#[test]
fn a_second_run_takes_what_is_there_unless_something_has_changed() {
    let course = Course::new();
    course.add("anna.c", source("starter.c"));
    course.add("bob.c", source("starter.c"));
    course.add("carl", "nothing");
    let as_before = |args: &[&str]| {
        let output = run(course.grade(&["--lab", LAB]).args(args), 0);
        stderr(&output).lines().filter(|line| line.ends_with(", as before")).count()
    };
    assert_eq!(as_before(&[]), 0);
    assert_eq!(as_before(&[]), 3);
    assert_eq!(as_before(&["--again"]), 0);
    course.add("bob.c", source("solution.c"));
    assert_eq!(as_before(&[]), 2);
    assert_eq!(course.points("bob.c"), 10);
    fs::write(course.out().join("results").join(LAB).join("anna.c.json"), "{ half a res").unwrap();
    assert_eq!(as_before(&[]), 2);
    assert_eq!(course.points("anna.c"), 0);
    assert!(files_below(&course.out()).iter().all(|file| !file.to_string_lossy().contains(".half-")));
}

#[test]
fn the_shards_are_disjoint_and_complete_and_merged_they_are_the_whole() {
    let course = Course::new();
    for n in 0..9 {
        let files = ["solution.c", "bad/trusts-the-umask.diff", "starter.c"];
        course.add(format!("student {n}.c"), source(files[n % 3]));
    }
    run(&mut course.grade(&["--lab", LAB]), 0);
    let mut merge = lab(&["merge"]);
    for shard in ["1/3", "2/3", "3/3"] {
        let out = course.path(&shard.replace('/', "-"));
        let mut grade = lab(&["grade", "--lab", LAB, "--shard", shard]);
        run(grade.arg(course.subs()).arg("--out").arg(&out), 0);
        merge.arg(out);
    }
    let students = |file: &str| {
        let grades = read_json(&course.path(file).join("grades.json"));
        let students = grades["students"].as_array().unwrap().clone();
        students.iter().map(|student| student["student"].as_str().unwrap().to_string()).collect::<Vec<_>>()
    };
    let mut all: Vec<String> = ["1-3", "2-3", "3-3"].into_iter().flat_map(students).collect();
    assert!(["1-3", "2-3", "3-3"].iter().all(|shard| students(shard).len() < 9), "no shard has all students");
    all.sort();
    assert_eq!(all, students("out"));

    // Each shard twice: equal results do not contradict each other.
    merge.args(["1-3", "1-3"].map(|shard| course.path(shard)));
    let output = run(merge.arg("--out").arg(course.path("merged")), 0);
    assert_eq!(stderr(&output), "", "no shard is missing");
    for file in ["grades.csv", "index.md", "students/student 0.c.md"] {
        let read = |out: &str| fs::read_to_string(course.path(out).join(file)).ok();
        assert_eq!(read("merged"), read("out"), "{file}");
    }
    let timeless = |out: &str| {
        let mut grades = read_json(&course.path(out).join("grades.json"));
        for student in grades["students"].as_array_mut().unwrap() {
            let graded = &mut student["results"][0]["graded"];
            (graded["millis"], graded["build_millis"]) = (0.into(), 0.into());
        }
        grades
    };
    assert_eq!(timeless("merged"), timeless("out"));

    // The shards that exist are merged even if one is missing.
    let output = run(lab(&["merge"]).arg(course.path("2-3")).arg("--out").arg(course.path("part")), 3);
    assert!(stderr(&output).contains("shards are missing: 1/3, 3/3"), "{}", describe(&output));
    assert_eq!(students("part"), students("2-3"));
    let mut other = lab(&["grade", "--lab", LAB, "--shard", "1/2"]);
    run(other.arg(course.subs()).arg("--out").arg(course.path("1-2")), 0);
    let mut mixed = lab(&["merge"]);
    mixed.args(["1-3", "1-2"].map(|shard| course.path(shard))).arg("--out").arg(course.path("mixed"));
    refused(&mut mixed, 2, &["1/3 and 1/2 are parts of two different divisions"]);
}

#[test]
fn what_contradicts_itself_is_not_merged() {
    let course = Course::new();
    course.add("anna.c", source("starter.c"));
    run(&mut course.grade(&["--lab", LAB]), 0);
    course.add("anna.c", source("solution.c"));
    let mut again = lab(&["grade", "--lab", LAB]);
    run(again.arg(course.subs()).arg("--out").arg(course.path("other")), 0);
    let mut merge = lab(&["merge"]);
    merge.arg(course.out()).arg(course.path("other")).arg("--out").arg(course.path("merged"));
    let output = run(&mut merge, 2);
    let said = stderr(&output);
    assert!(said.contains("anna.c exact-mode has 0/10 in") && said.contains("and 10/10 in"), "{said}");
    assert!(said.lines().count() == 1 && !course.path("merged").exists());
    let output = run(lab(&["merge"]).arg(course.path("nowhere")), 2);
    assert!(stderr(&output).contains("grades.json"), "{}", describe(&output));
}

//! A whole course is graded, and a fault of one submission affects no other.

use crate::sampled;
use crate::support::course::*;
use crate::support::*;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
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
fn names_are_bytes_and_are_shown_escaped_where_they_cannot_be_printed() {
    let course = Course::new();
    let names: [(&[u8], &str); 9] = [
        (b"with a blank", "with a blank"),
        (b"with\na newline", "with\\na newline"),
        (b"with\\na newline", "with\\\\na newline"),
        (b"in\xffvalid", "in\\xFFvalid"),
        (b"--again", "--again"),
        ("Zoë O'Brien \"Z\"".as_bytes(), "Zoë O'Brien \"Z\""),
        ("e\u{301}".as_bytes(), "e\u{301}"),
        (b"a\x1b[31m", "a\\u{1b}[31m"),
        ("a\u{202e}b".as_bytes(), "a\\u{202e}b"),
    ];
    for (name, _) in names {
        course.add_program(OsStr::from_bytes(name));
    }
    let output = run(&mut course.grade(&["--lab", LAB]), 0);
    for (_, shown) in names {
        assert_eq!(course.points(shown), 10, "{}", describe(&output));
        let at_the_begin = |line: &str| line.starts_with(&format!("{shown} "));
        assert!(stdout(&output).lines().any(at_the_begin), "{shown}: {}", describe(&output));
    }
    assert_eq!(files_below(&course.out().join("students")).len(), names.len());
}

#[test]
fn folders_need_not_be_utf_8() {
    let course = Course::new();
    let odd = course.path("").join(OsStr::from_bytes(b"odd\xff"));
    let (subs, out) = (odd.join(OsStr::from_bytes(b"subs\xfe")), odd.join(OsStr::from_bytes(b"out\xfd")));
    fs::create_dir_all(&subs).unwrap();
    fs::write(subs.join("anna.c"), source("solution.c")).unwrap();
    run(lab(&["grade", "--lab", LAB]).arg(&subs).arg("--out").arg(&out), 0);
    let merged = odd.join("merged");
    run(lab(&["merge"]).arg(&out).arg("--out").arg(&merged), 0);
    for out in [out, merged] {
        assert_eq!(read_json(&out.join("grades.json"))["students"][0]["points"], 10);
    }
}

#[test]
fn two_students_never_share_a_file_and_no_name_is_long() {
    let course = Course::new();
    let long = "x".repeat(250);
    let students = ["anna", "an na", "a\\nb", "a\nb", "an~na", "anna%", long.as_str()];
    for student in students {
        course.add(student, "not executable");
    }
    run(&mut course.grade(&["--lab", LAB]), 0);
    let reports = files_below(&course.out().join("students"));
    assert_eq!(reports.len(), students.len(), "{reports:?}");
    assert!(reports.iter().all(|report| name(report).len() < 120), "{reports:?}");
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

#[test]
fn wrong_usage_is_one_line_and_exit_code_2() {
    let course = Course::new();
    course.add("anna/main.c", source("solution.c"));
    let out_inside = course.subs().join("grades").display().to_string();
    for (args, said) in [
        (&["--lab", "exact-mod"][..], "do you mean exact-mode?"),
        (&[], "with a lab's name"),
        (&["--lab", LAB, "--shard", "3/2"], "the value must be I/N"),
        (&["--lab", LAB, "--jobs", "0"], "0"),
        (&["--lab", LAB, "--out", &out_inside], "is inside the folder of submissions"),
    ] {
        let mut command = lab(&["grade"]);
        command.arg(course.subs()).args(args);
        if !args.contains(&"--out") {
            command.arg("--out").arg(course.out());
        }
        refused(&mut command, 2, &[said]);
    }
    assert!(!course.subs().join("grades").exists(), "nothing must be created there");
    for folder in ["nowhere", "empty"] {
        let _ = fs::create_dir(course.path("empty"));
        refused(lab(&["grade", "--lab", LAB]).arg(course.path(folder)), 2, &[]);
    }
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

#[test]
fn a_submission_sees_neither_the_others_nor_the_results() {
    let course = Course::new();
    let secret = course.add("anna.c", source("solution.c"));
    let look = format!(
        "#include <unistd.h>\n{}",
        source("solution.c").replace(
            "\tumask(0)",
            &format!(
                "\tif (access(\"{}\", F_OK) == 0 || access(\"{}\", F_OK) == 0 || access(\"{}\", F_OK) == 0)\n\t\treturn 9;\n\tumask(0)",
                secret.display(),
                course.subs().display(),
                course.out().display()
            )
        )
    );
    let spy = course.add("spy.c", look);
    run(&mut course.grade(&["--lab", LAB]), 0);
    assert_eq!(course.points("spy.c"), 10);
    // Outside the sandbox the same program does see them.
    let program = course.path("spy");
    run(&mut cc(&spy, &program), 0);
    run(command(program).args(["/lab", "0600"]), 9);
}

#[test]
fn the_solution_of_each_lab_gets_full_marks_in_a_course_too() {
    sampled("course::the_solution_of_each_lab_gets_full_marks_in_a_course_too");
    let course = Course::new();
    for lab in sample(labs(), "solutions in a course", 2) {
        let solution = ["c", "sh"].map(|end| lab.join(format!("solution.{end}")));
        let solution = solution.iter().find(|file| file.exists()).expect("a solution");
        let end = if solution.extension().is_some_and(|end| end == "c") { ".c" } else { "" };
        let to = course.add(format!("anna/{}{end}", name(&lab)), "");
        fs::copy(solution, to).unwrap();
    }
    let output = run(&mut course.grade(&[]), 0);
    let grades = course.grades();
    let of: u64 = grades["labs"].as_array().unwrap().iter().map(|lab| lab["points"].as_u64().unwrap()).sum();
    assert_eq!(grades["students"][0]["points"], of, "{}", describe(&output));
}

#[test]
fn without_namespaces_a_course_can_be_graded_by_differences() {
    let course = Course::new();
    course.add_program("anna");
    run(&mut course.grade(&["--lab", LAB]), 0);
    let mut shared = course.grade(&["--lab", LAB, "--shared"]);
    enter_with_own_processes(&mut shared, User::Me, Mqueue::Mounted);
    let output = run(&mut shared, 0);
    assert!(!stderr(&output).contains("as before"), "a result without --shared must not be reused with it");
    assert_eq!(course.result("anna")["graded"]["shared"], true);
    let report = fs::read_to_string(course.out().join("students/anna.md")).unwrap();
    assert!(report.contains("graded without namespaces"), "{report}");
}

#[test]
fn a_submission_finds_its_signals_as_they_are_by_default() {
    let course = Course::new();
    let look = "\tsigset_t blocked;\n\tsigprocmask(SIG_BLOCK, NULL, &blocked);\n\tfor (int n = 1; n < 32; n++)\n\t\tif (sigismember(&blocked, n) || signal(n, SIG_DFL) == SIG_IGN)\n\t\t\treturn 9;\n\tumask(0)";
    let text = format!("#include <signal.h>\n{}", source("solution.c").replace("\tumask(0)", look));
    let file = course.add("anna.c", text);
    let output = run(&mut course.grade(&["--lab", LAB]), 0);
    assert_eq!(course.points("anna.c"), 10, "{}", describe(&output));
    let mut ignored = command("nohup");
    run(ignored.arg(env!("CARGO_BIN_EXE_lab")).args(["check", LAB, "--program"]).arg(&file), 0);
}

#[test]
fn what_this_machine_cannot_do_is_no_grade() {
    let course = Course::new();
    course.add("anna.c", source("solution.c"));
    course.add("plain", "no program");
    let output = run(&mut without_namespaces(&course.grade(&["--lab", LAB])), 3);
    let result = course.result("anna.c");
    assert!(result["graded"].is_null() && result["not_graded"].is_string(), "{result:#}");
    assert_eq!(course.points("plain"), 0, "the others are graded");
    assert!(
        stderr(&output).contains("could not grade 1 of 2 submissions; the first is anna.c"),
        "{}",
        describe(&output)
    );
    let gradescope = read_json(&course.out().join("gradescope/anna.c.json"));
    assert!(gradescope.get("tests").is_none() && gradescope.get("score").is_none(), "{gradescope:#}");
    let csv = fs::read_to_string(course.out().join("grades.csv")).unwrap();
    assert!(csv.contains("anna.c,,,10\n"), "{csv}");
    let junit = fs::read_to_string(course.out().join("junit.xml")).unwrap();
    assert!(junit.contains("errors=\"1\""), "{junit}");
    // A failure later, in the sandbox, gives no grade either: its programs may write larger files than this.
    let grade = course.grade(&["--lab", LAB]);
    let mut limited = command("prlimit");
    limited.arg("--fsize=1000000").arg(grade.get_program()).args(grade.get_args());
    run(&mut limited, 3);
    let result = course.result("anna.c");
    assert!(result["graded"].is_null() && result["not_graded"].to_string().contains("EPERM"), "{result:#}");
    // When the machine can grade, the same command grades it.
    run(&mut course.grade(&["--lab", LAB]), 0);
    assert_eq!(course.points("anna.c"), 10);
}

#[test]
fn without_rust_all_others_are_graded() {
    let course = Course::new();
    course.add("anna.rs", source("solution.rs"));
    course.add("bob.c", source("solution.c"));
    let output = run(course.grade(&["--lab", LAB]).env("PATH", "/nowhere"), 3);
    assert_eq!(course.points("bob.c"), 10, "{}", describe(&output));
    let why = course.result("anna.rs")["not_graded"].to_string();
    assert!(why.contains("cannot run rustc"), "{why}");
}

#[test]
fn on_a_terminal_there_is_a_bar_and_elsewhere_there_are_lines() {
    let course = Course::new();
    // A course that is graded within a second shows no bar.
    course.add_program("anna");
    for n in 1..60 {
        fs::copy(course.subs().join("anna"), course.subs().join(format!("anna{n}"))).expect("a copy");
    }
    let output = run(&mut course.grade(&["--lab", LAB]), 0);
    let line = "60/60  anna";
    assert!(stderr(&output).contains(line) && !output.stderr.contains(&b'\x1b'), "{}", describe(&output));
    let grade = format!("{:?}", course.grade(&["--lab", LAB, "--again"])).replace('"', "'");
    let output = run(command("script").args(["-qec", &grade, "/dev/null"]), 0);
    assert!(output.stdout.contains(&b'\x1b') && !stdout(&output).contains(line), "{}", describe(&output));
}

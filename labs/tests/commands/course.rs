//! A whole course is graded: what a submission sees, what the machine cannot do, and the command line.

use crate::sampled;
use crate::support::course::*;
use crate::support::*;
use std::fs;

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

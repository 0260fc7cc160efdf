//! Names of students, files and folders are any bytes that a file system allows.

use crate::support::course::*;
use crate::support::*;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

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

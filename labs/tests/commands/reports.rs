//! Each report format is read again, as its reader would do, and has the same results.

use crate::support::course::*;
use crate::support::*;
use quick_junit::{Report, TestCaseStatus};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

/// Returns a graded course, and the expected points of each student.
fn graded_course() -> (Course, BTreeMap<String, u64>) {
    let course = Course::new();
    let mut points = BTreeMap::new();
    for (student, file, of) in [
        ("full, \"quoted\".c", "solution.c", 10),
        ("umask.c", "bad/trusts-the-umask.diff", 6),
        ("more.c", "bad/first-for-everybody.diff", 7),
        ("`none`|<b>&amp;.c", "starter.c", 0),
    ] {
        course.add(student, source(file));
        points.insert(student.into(), of);
    }
    course.add("broken.c", "int main(");
    points.insert("broken.c".into(), 0);
    run(&mut course.grade(&["--lab", LAB]), 0);
    (course, points)
}

#[test]
fn each_form_of_the_results_is_read_again() {
    let (course, points) = graded_course();
    the_csv_is_read_again(&course, &points);
    the_json_is_read_again_and_printed_when_asked(&course, &points);
    the_junit_xml_is_read_again(&course, &points);
    github_classroom_sums_up_the_tests(&course, &points);
    a_students_report_says_why_points_were_lost(&course);
    gradescope_sums_up_the_tests_and_finds_no_score_above_them(&course, &points);
}

/// Returns the JSON files of a folder in OUT, ordered by file name; a file name may differ from the
/// student's.
fn values(course: &Course, folder: &str) -> Vec<Value> {
    files_below(&course.out().join(folder)).iter().map(|file| read_json(file)).collect()
}

fn scores(tests: &Value) -> u64 {
    tests["tests"].as_array().unwrap().iter().map(|test| test["score"].as_u64().unwrap()).sum()
}

fn the_csv_is_read_again(course: &Course, points: &BTreeMap<String, u64>) {
    let mut csv = csv::Reader::from_path(course.out().join("grades.csv")).unwrap();
    assert_eq!(csv.headers().unwrap(), vec!["student", LAB, "points", "of"]);
    let rows: Vec<Vec<String>> = csv.deserialize().map(Result::unwrap).collect();
    let said: BTreeMap<String, u64> =
        rows.iter().map(|row| (row[0].clone(), row[2].parse().unwrap())).collect();
    assert_eq!(&said, points);
    assert!(rows.iter().all(|row| row[1] == row[2] && row[3] == "10"));
}

fn the_json_is_read_again_and_printed_when_asked(course: &Course, points: &BTreeMap<String, u64>) {
    let grades = course.grades();
    let students = grades["students"].as_array().unwrap();
    let said =
        |student: &Value| (student["student"].as_str().unwrap().into(), student["points"].as_u64().unwrap());
    assert_eq!(&students.iter().map(said).collect::<BTreeMap<String, u64>>(), points);
    let sum = |student: &Value| crate::support::course::points(&student["results"][0]["graded"]);
    assert!(students.iter().all(|student| sum(student) == student["points"]));
    assert_eq!(grades["labs"][0]["points"], 10);
    let output = run(&mut course.grade(&["--lab", LAB, "--format", "json"]), 0);
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), grades);
}

fn the_junit_xml_is_read_again(course: &Course, points: &BTreeMap<String, u64>) {
    let xml = fs::read_to_string(course.out().join("junit.xml")).unwrap();
    let report = Report::deserialize_from_str(&xml).unwrap();
    assert_eq!((report.tests, report.errors), (20, 0));
    for (student, points) in points {
        let name = format!("{student} {LAB}");
        let suite = report.test_suites.iter().find(|suite| suite.name.as_str() == name).unwrap();
        assert_eq!(suite.test_cases.len(), 4);
        let said = |case: &quick_junit::TestCase| {
            let points = case.properties.iter().find(|property| property.name.as_str() == "points");
            let points: u64 = points.unwrap().value.as_str().parse().unwrap();
            assert_eq!(points > 0, matches!(case.status, TestCaseStatus::Success { .. }));
            points
        };
        assert_eq!(suite.test_cases.iter().map(said).sum::<u64>(), *points, "{name}");
    }
    assert!(xml.contains("the umask 0027 masked out some of the bits"));
}

/// Checks that the sums of these results are the points, in any order.
fn sums_are_the_points(results: &[Value], points: &BTreeMap<String, u64>) {
    let mut sums: Vec<u64> = results.iter().map(scores).collect();
    sums.sort_unstable();
    let mut wanted: Vec<u64> = points.values().copied().collect();
    wanted.sort_unstable();
    assert_eq!(sums, wanted);
}

fn gradescope_sums_up_the_tests_and_finds_no_score_above_them(
    course: &Course,
    points: &BTreeMap<String, u64>,
) {
    let all = values(course, "gradescope");
    sums_are_the_points(&all, points);
    for results in &all {
        assert!(results.get("score").is_none(), "it would override the sum: {results:#}");
        let tests = results["tests"].as_array().unwrap();
        assert_eq!(tests.iter().map(|test| test["max_score"].as_u64().unwrap()).sum::<u64>(), 10);
        for test in tests {
            assert_eq!(test["status"], if test["score"] == 0 { "failed" } else { "passed" });
            assert_eq!(test["visibility"], "visible");
            assert!(test["name"].as_str().unwrap().starts_with("An exact mode"));
            let output = test["output"].as_str().unwrap();
            assert!(output.contains("observed: ") && (test["score"] != 0 || output.contains("required: ")));
        }
    }
    run(&mut course.grade(&["--lab", LAB, "--visibility", "after_published"]), 0);
    for results in values(course, "gradescope") {
        assert_eq!(results["visibility"], "after_published");
        assert_eq!(results["tests"][0]["visibility"], "after_published");
    }
}

fn github_classroom_sums_up_the_tests(course: &Course, points: &BTreeMap<String, u64>) {
    sums_are_the_points(&values(course, "github-classroom"), points);
    for results in values(course, "github-classroom") {
        assert_eq!(results["max_score"], 10);
        assert_eq!(results["status"], if scores(&results) == 10 { "pass" } else { "fail" });
    }
}

fn a_students_report_says_why_points_were_lost(course: &Course) {
    let report = |file: &str| fs::read_to_string(course.out().join("students").join(file)).unwrap();
    let umask = report("umask.c.md");
    for said in [
        "6 of 10 points",
        "Lost 4 points: When the program has ended, the queue exists and has the requested mode",
        "- observed: `mode 0640, requested 0660`",
        "- required: the requested mode",
        "- because: `the umask 0027 masked out some of the bits`",
        "- see it yourself: `(umask 0027; PROGRAM /lab 0660); stat -c %a /dev/mqueue/lab`",
    ] {
        assert!(umask.contains(said), "{said}\n{umask}");
    }
    assert!(report("broken.c.md").contains("It could not be run: `it does not build"));
    let odd = files_below(&course.out().join("students"))
        .into_iter()
        .find(|file| file.to_string_lossy().contains("none"));
    let odd = fs::read_to_string(odd.unwrap()).unwrap();
    assert!(
        odd.starts_with("# ``  `none`|<b>&amp;.c ``\n") || odd.starts_with("# `` `none`|<b>&amp;.c ``\n"),
        "{odd}"
    );
}

#[test]
fn an_escape_code_reaches_neither_a_report_nor_the_terminal() {
    let course = Course::new();
    course.add("\u{1b}[2Janna\u{7}.c", "#error \u{1b}[31mred\u{1b}[0m \u{8}\u{1}\n");
    course.add("name/\u{1b}[31m.c", "int main(void) { return *; }\n");
    let output = run(&mut course.grade(&["--lab", LAB]), 0);
    let bad = |text: &str| {
        text.chars().find(|c| (c.is_control() && !"\n\t".contains(*c)) || "\u{202e}\u{fffe}".contains(*c))
    };
    let mut seen = vec![stdout(&output), stderr(&output)];
    seen.extend(files_below(&course.out()).iter().map(|file| fs::read_to_string(file).unwrap()));
    assert!(seen.len() > 10);
    for text in &seen {
        assert_eq!(bad(text), None, "{text:?}");
    }
    assert!(course.refused("\\u{1b}[2Janna\\u{7}.c").contains("red"), "{}", describe(&output));
    let xml = fs::read_to_string(course.out().join("junit.xml")).unwrap();
    assert!(xml.contains("\\u{1b}[31mred"), "the message itself must be there: {xml}");
    Report::deserialize_from_str(&xml).unwrap();
}

/// Excel, LibreOffice and others run a cell that begins like a formula.
#[test]
fn no_cell_is_a_formula_and_the_names_can_be_had_again() {
    let course = Course::new();
    let names = [
        "=1+1.c",
        "+1.c",
        "-1.c",
        "@a.c",
        "'=x.c",
        "''+y.c",
        "'quoted'.c",
        "＝2.c",
        "O'Neil.c",
        "=a,\"b\".c",
    ];
    for name in names {
        course.add(name, source("starter.c"));
    }
    run(&mut course.grade(&["--lab", LAB]), 0);
    let mut csv = csv::Reader::from_path(course.out().join("grades.csv")).unwrap();
    let is_formula = |text: &str| text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let name_of = |cell: String| {
        assert!(!is_formula(&cell), "{cell}");
        match cell.strip_prefix('\'') {
            Some(name) if is_formula(name.trim_start_matches('\'')) => name.to_string(),
            _ => cell,
        }
    };
    let mut read: Vec<String> =
        csv.deserialize::<Vec<String>>().map(|row| name_of(row.unwrap().swap_remove(0))).collect();
    read.sort();
    let mut wanted = names.to_vec();
    wanted.sort_unstable();
    assert_eq!(read, wanted);
}

#[test]
fn reports_bear_the_students_names_and_an_index_leads_to_each() {
    let course = Course::new();
    let names = ["Zoë Müller.c", "李明.c", "Ñandú O'Brien.c", "e\u{301}.c", "`a`|b.c", " c.c", "d\nd.c"];
    for name in names {
        course.add(name, source("starter.c"));
    }
    run(&mut course.grade(&["--lab", LAB]), 0);
    for name in &names[..4] {
        for file in [format!("students/{name}.md"), format!("gradescope/{name}.json")] {
            assert!(course.out().join(&file).exists(), "{file}");
        }
    }
    let index = text_of(course.out().join("index.md"));
    let rows = index.lines().filter(|line| line.starts_with("| [")).count();
    assert_eq!(rows, names.len(), "{index}");
    for row in index.lines().filter(|line| line.starts_with("| [")) {
        let (_, link) = row.split_once("](").unwrap();
        let (link, _) = link.split_once(')').unwrap();
        let decoded = percent_encoding_undone(link);
        assert!(course.out().join(decoded).exists(), "{row}");
    }
}

fn percent_encoding_undone(link: &str) -> String {
    let mut parts = link.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(part[2..].bytes());
    }
    String::from_utf8(bytes).unwrap()
}

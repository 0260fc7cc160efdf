//! The results for GitHub Classroom's reporter: for each student, the tests with their points. The reporter
//! reads this JSON as base64 from an environment variable, which the workflow sets.

use super::{Course, Student, explain};
use crate::course::results::Outcome;
use serde_json::{Value, json};

pub(super) fn results(course: &Course, student: &Student) -> Value {
    let mut tests = Vec::new();
    let mut status = "pass";
    for result in student.results.iter().flatten() {
        let graded = match result.outcome() {
            Outcome::Graded(graded) => graded,
            Outcome::Missing(why) => {
                status = if status == "pass" { "fail" } else { status };
                tests.push(not_graded(&result.lab, "fail", why, "lab check"));
                continue;
            }
            Outcome::NotGraded(why) => {
                status = "error";
                tests.push(not_graded(&result.lab, "error", why, "lab doctor"));
                continue;
            }
        };
        for line in &graded.lines {
            if !line.passed && status == "pass" {
                status = "fail";
            }
            tests.push(json!({
                "name": format!("{}: {}", result.lab, line.says),
                "status": if line.passed { "pass" } else { "fail" },
                "score": if line.passed { line.points } else { 0 },
                "message": (!line.passed).then(|| explain(line)),
                "test_code": line.see,
                "line_no": 0,
            }));
        }
    }
    json!({ "version": 1, "status": status, "max_score": course.points(), "tests": tests })
}

fn not_graded(lab: &str, status: &str, why: &str, command: &str) -> Value {
    json!({ "name": lab, "status": status, "score": 0, "line_no": 0, "message": why, "test_code": command })
}

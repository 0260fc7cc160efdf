//! JUnit XML, for whatever shows tests: a suite for each student and lab, a case for each line
//! of the rubric. What was not graded is an error, which is no failure.

use super::{Course, explain};
use ipc_workbook_tools::cli::Failure;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::time::Duration;

pub(super) fn xml(course: &Course) -> Result<Vec<u8>, Failure> {
    let mut report = Report::new("lab grade");
    for result in course.results() {
        let mut suite = TestSuite::new(format!("{} {}", result.student, result.lab));
        if let Some(graded) = &result.graded {
            suite.set_time(Duration::from_millis(graded.millis));
            for line in &graded.lines {
                let status = if line.passed {
                    TestCaseStatus::success()
                } else {
                    lost(NonSuccessKind::Failure, "lost", &line.observed, &explain(line))
                };
                let mut case = TestCase::new(line.id.as_str(), status);
                case.set_classname(format!("{}.{}", result.student, result.lab));
                case.add_property(("points", points(line.passed, line.points).as_str()));
                case.add_property(("of", line.points.to_string().as_str()));
                suite.add_test_case(case);
            }
        } else {
            let why = result.not_graded.as_deref().unwrap_or_default();
            let status = lost(NonSuccessKind::Error, "not graded", why, "this machine could not grade it");
            let mut case = TestCase::new("graded", status);
            case.set_classname(format!("{}.{}", result.student, result.lab));
            suite.add_test_case(case);
        }
        report.add_test_suite(suite);
    }
    let mut xml = Vec::new();
    report
        .serialize(&mut xml)
        .map_err(|error| Failure::Machine(format!("cannot make junit.xml: {error}")))?;
    Ok(xml)
}

fn points(passed: bool, points: u32) -> String {
    if passed { points } else { 0 }.to_string()
}

fn lost(kind: NonSuccessKind, what: &str, message: &str, description: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(what).set_message(message).set_description(description);
    status
}

//! JUnit XML, for tools that show test results: a suite for each student and lab, a case for each line of
//! the rubric. A submission that could not be graded is an error, not a failure; a missing one is skipped.

use super::{Course, explain};
use crate::course::results::Outcome;
use crate::graded::Line;
use ipc_workbook_tools::cli::Failure;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::time::Duration;

pub(super) fn xml(course: &Course) -> Result<Vec<u8>, Failure> {
    let mut report = Report::new("lab grade");
    for result in course.results() {
        let mut suite = TestSuite::new(format!("{} {}", result.student, result.lab));
        let classname = format!("{}.{}", result.student, result.lab);
        let mut add = |mut case: TestCase| {
            case.set_classname(&classname);
            suite.add_test_case(case);
        };
        match result.outcome() {
            Outcome::Graded(graded) => graded.lines.iter().for_each(|line| add(case_of(line))),
            Outcome::Missing(why) => {
                let mut status = TestCaseStatus::skipped();
                status.set_type("missing").set_message(why);
                add(TestCase::new("handed in", status));
            }
            Outcome::NotGraded(why) => {
                let status =
                    lost(NonSuccessKind::Error, "not graded", why, "this machine could not grade it");
                add(TestCase::new("graded", status));
            }
        }
        if let Outcome::Graded(graded) = result.outcome() {
            suite.set_time(Duration::from_millis(graded.millis));
        }
        report.add_test_suite(suite);
    }
    let mut xml = Vec::new();
    report
        .serialize(&mut xml)
        .map_err(|error| Failure::Machine(format!("cannot make junit.xml: {error}")))?;
    Ok(xml)
}

fn case_of(line: &Line) -> TestCase {
    let status = if line.passed {
        TestCaseStatus::success()
    } else {
        lost(NonSuccessKind::Failure, "lost", &line.observed, &explain(line))
    };
    let mut case = TestCase::new(line.id.as_str(), status);
    case.add_property(("points", points(line.passed, line.points).as_str()));
    case.add_property(("of", line.points.to_string().as_str()));
    case
}

fn points(passed: bool, points: u32) -> String {
    if passed { points } else { 0 }.to_string()
}

fn lost(kind: NonSuccessKind, what: &str, message: &str, description: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(what).set_message(message).set_description(description);
    status
}

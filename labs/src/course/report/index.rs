//! The index: every student with the points in each lab, and a link to the report.

use super::markdown::code;
use super::{Course, Student};
use crate::course::file_name::file_name;
use crate::course::results::{Outcome, SubmissionResult};
use std::fmt::Write;

pub(super) fn index(course: &Course) -> String {
    let mut text = String::from("# Grades\n\n| student | points |");
    let names = course.labs.iter().map(|lab| format!(" {} |", lab.name));
    text.extend(names);
    text += "\n| --- | --: |";
    text += &" --: |".repeat(course.labs.len());
    text.push('\n');
    for student in &course.students {
        let _ = writeln!(text, "{}", row(student));
    }
    let _ = writeln!(
        text,
        "\nThere are {} points in all; - means that this machine could not grade it.",
        course.points()
    );
    if !course.left_out.is_empty() {
        text += "\n## Not graded\n\n";
    }
    for one in &course.left_out {
        let _ = writeln!(text, "- {}: {}", code(&one.path), one.why);
    }
    text
}

fn row(student: &Student) -> String {
    let number = |points: Option<u32>| points.map_or("-".into(), |points| points.to_string());
    let cell = |result: &Option<SubmissionResult>| match result {
        Some(result) if matches!(result.outcome(), Outcome::Missing(_)) => "missing".into(),
        result => number(result.as_ref().and_then(SubmissionResult::points)),
    };
    let labs: Vec<String> = student.results.iter().map(|result| format!(" {} |", cell(result))).collect();
    // A vertical bar would end the table cell, even inside code.
    let name = code(&student.name).replace('|', "\\|");
    let link = format!("students/{}.md", percent_encoded(&file_name(&student.name)));
    format!("| [{name}]({link}) | {} |{}", number(student.points), labs.concat())
}

/// Returns the name encoded for a URL.
fn percent_encoded(name: &str) -> String {
    let mut address = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address
}

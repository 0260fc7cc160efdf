//! Gradescope's `results.json`, one for each student.
//!
//! There is no score at the top, because it would override the sum of the tests. The file exists before
//! anything is graded, with every line lost, so a container that is killed halfway leaves what is known by
//! then. Where this machine could not grade, the file has no test and therefore no score: Gradescope then
//! tells the student to ask the course staff.

use super::{Course, LabOfCourse, Student, Visibility, explain};
use crate::course::file_name::file_name;
use crate::course::results::{self, Outcome, ResultsFolder, SubmissionResult, json};
use ipc_workbook_tools::cli::Failure;
use serde_json::{Value, json as value};
use std::path::Path;

/// Writes a student's file, and writes it to `only` as well.
pub(in crate::course) fn write(
    folder: &ResultsFolder,
    only: Option<&Path>,
    labs: &[LabOfCourse],
    student: &Student,
    visibility: Visibility,
) -> Result<(), Failure> {
    let text = json(&results(labs, student, visibility));
    folder.write(&format!("gradescope/{}.json", file_name(&student.name)), &text)?;
    only.map_or(Ok(()), |file| results::write(file, &text))
}

/// Writes the files of all students of a graded course.
pub(in crate::course) fn write_all(
    folder: &ResultsFolder,
    course: &Course,
    visibility: Visibility,
) -> Result<(), Failure> {
    course.students.iter().try_for_each(|student| write(folder, None, &course.labs, student, visibility))
}

fn results(labs: &[LabOfCourse], student: &Student, visibility: Visibility) -> Value {
    let not_graded: Vec<String> = student
        .results
        .iter()
        .flatten()
        .filter_map(|result| {
            Some(format!("{} could not be graded here: {}", result.lab, result.not_graded.as_ref()?))
        })
        .collect();
    if !not_graded.is_empty() {
        return value!({ "output": not_graded.join("\n"), "stdout_visibility": "hidden" });
    }
    let mut tests = Vec::new();
    let (mut output, mut millis) = (Vec::new(), 0);
    for (lab, result) in labs.iter().zip(&student.results) {
        let graded = match result.as_ref().map(SubmissionResult::outcome) {
            Some(Outcome::Graded(graded)) => graded,
            other => {
                let why = match other {
                    Some(Outcome::Missing(why)) => why,
                    _ => "the grading did not finish",
                };
                output.push(format!("{}: {why}.", lab.title));
                tests.push(value!({
                    "name": lab.title, "score": 0, "max_score": lab.points, "status": "failed",
                    "output": why, "output_format": "text",
                    "tags": [lab.name], "visibility": visibility.name(),
                }));
                continue;
            }
        };
        millis += graded.millis;
        output.push(match &graded.refused {
            Some(why) => format!("{}: {why}", lab.title),
            None => format!("{}: {} of {} points.", lab.title, graded.points(), lab.points),
        });
        for line in &graded.lines {
            tests.push(value!({
                "name": format!("{}: {}", lab.title, line.says),
                "score": if line.passed { line.points } else { 0 },
                "max_score": line.points,
                "status": if line.passed { "passed" } else { "failed" },
                "output": if line.passed { format!("observed: {}\n", line.observed) } else { explain(line) },
                "output_format": "text",
                "tags": [lab.name],
                "visibility": visibility.name(),
            }));
        }
    }
    value!({
        "execution_time": millis.div_ceil(1000),
        "output": output.join("\n"),
        "output_format": "text",
        "visibility": visibility.name(),
        "stdout_visibility": "hidden",
        "tests": tests,
    })
}

//! The table: for people as text, for spreadsheets as CSV.

use super::{Course, Student, grade_of};
use crate::course::results::SubmissionResult;
use ipc_workbook_tools::cli::Failure;
use unicode_width::UnicodeWidthStr;

/// A line for each student, a column for each lab; below, what is to be said of some.
pub(super) fn text(course: &Course) -> String {
    let mut rows = vec![header(course)];
    for student in &course.students {
        let mut row = vec![student.name.clone()];
        for (lab, result) in course.labs.iter().zip(&student.results) {
            let graded = result.as_ref().and_then(|result| result.graded.as_ref());
            row.push(graded.map_or("-".into(), |graded| format!("{}/{}", graded.points(), lab.points)));
        }
        row.push(student.points.map_or("-".into(), |points| format!("{points}/{}", course.points())));
        rows.push(row);
    }
    let mut text = aligned(&rows);
    let notes: Vec<String> = course
        .results()
        .filter(|result| result.graded.as_ref().is_none_or(|graded| graded.refused.is_some()))
        .map(|result| format!("{}  {}  {}\n", result.student, result.lab, grade_of(result)))
        .collect();
    if !notes.is_empty() {
        text.push('\n');
        text += &notes.concat();
    }
    text
}

fn header(course: &Course) -> Vec<String> {
    let labs = course.labs.iter().map(|lab| lab.name.clone());
    ["student".to_string()].into_iter().chain(labs).chain(["points".to_string()]).collect()
}

/// The first column to the left, the others to the right.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            let blanks = " ".repeat(widths[column] - cell.width());
            let parts = if column == 0 { [cell, &blanks, ""] } else { ["  ", &blanks, cell] };
            text.extend(parts);
        }
        text.push('\n');
    }
    text
}

/// Numbers alone, so that a spreadsheet can add them; what was not graded is an empty cell.
pub(super) fn csv(course: &Course) -> Result<Vec<u8>, Failure> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let mut write = |row: Vec<String>| csv.write_record(row);
    let labs = course.labs.iter().map(|lab| lab.name.clone());
    let header = ["student".to_string()].into_iter().chain(labs);
    let written = write(header.chain(["points".to_string(), "of".to_string()]).collect());
    let written = course
        .students
        .iter()
        .fold(written, |written, student| written.and_then(|()| write(row(course, student))));
    written
        .and_then(|()| csv.into_inner().map_err(|error| error.into_error().into()))
        .map_err(|error| Failure::Machine(format!("cannot make grades.csv: {error}")))
}

fn row(course: &Course, student: &Student) -> Vec<String> {
    let number = |points: Option<u32>| points.map_or(String::new(), |points| points.to_string());
    let points = |result: &Option<SubmissionResult>| Some(result.as_ref()?.graded.as_ref()?.points());
    let labs = student.results.iter().map(|result| number(points(result)));
    let points = [number(student.points), course.points().to_string()];
    [student.name.clone()].into_iter().chain(labs).chain(points).collect()
}

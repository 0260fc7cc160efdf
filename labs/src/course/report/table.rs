//! The table of grades: text for people, CSV for spreadsheets.

use super::{Course, Student, grade_of};
use crate::course::plan::NOTHING;
use crate::course::results::{Outcome, SubmissionResult};
use ipc_workbook::cli::terminal_width;
use ipc_workbook_tools::cli::Failure;
use unicode_width::UnicodeWidthStr;

/// Returns the table: a line for each student, a column for each lab, and remarks below.
pub(super) fn text(course: &Course) -> String {
    let mut rows = vec![header(course)];
    for student in &course.students {
        let mut row = vec![student.name.clone()];
        for (lab, result) in course.labs.iter().zip(&student.results) {
            row.push(match result.as_ref().map(SubmissionResult::outcome) {
                Some(Outcome::Graded(graded)) => format!("{}/{}", graded.points(), lab.points),
                Some(Outcome::Missing(_)) => "missing".into(),
                Some(Outcome::NotGraded(_)) | None => "-".into(),
            });
        }
        row.push(student.points.map_or("-".into(), |points| format!("{points}/{}", course.points())));
        rows.push(row);
    }
    let needs_a_note = |result: &&SubmissionResult| match result.outcome() {
        Outcome::Graded(graded) => graded.refused.is_some(),
        Outcome::Missing(why) => why != NOTHING,
        Outcome::NotGraded(_) => true,
    };
    let notes = course.results().filter(needs_a_note);
    let notes = notes.map(|result| format!("{}  {}  {}\n", result.student, result.lab, grade_of(result)));
    let left_out = course.left_out.iter().map(|one| format!("{}  not graded: {}\n", one.path, one.why));
    let parts = [aligned(&rows, terminal_width()), notes.collect(), left_out.collect()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn header(course: &Course) -> Vec<String> {
    let labs = course.labs.iter().map(|lab| lab.name.clone());
    ["student".to_string()].into_iter().chain(labs).chain(["points".to_string()]).collect()
}

/// Aligns the first column to the left and the others to the right. Columns that do not fit go into further
/// tables below, each of which repeats the first column.
fn aligned(rows: &[Vec<String>], terminal: Option<usize>) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut tables: Vec<Vec<usize>> = Vec::new();
    let mut wide = 0;
    for column in 1..columns {
        wide += 2 + widths[column];
        if tables.is_empty() || terminal.is_some_and(|terminal| wide > terminal) {
            tables.push(Vec::new());
            wide = widths[0] + 2 + widths[column];
        }
        if let Some(table) = tables.last_mut() {
            table.push(column);
        }
    }
    let table = |table: Vec<usize>| -> String {
        let line = |row: &Vec<String>| {
            let mut line = format!("{}{}", row[0], " ".repeat(widths[0] - row[0].width()));
            for column in &table {
                let blanks = widths[*column] - row[*column].width();
                line.extend(["  ", &" ".repeat(blanks), &row[*column]]);
            }
            line + "\n"
        };
        rows.iter().map(line).collect()
    };
    tables.into_iter().map(table).collect::<Vec<_>>().join("\n")
}

/// Returns the table as CSV, with numbers that a spreadsheet can add. A submission that was not graded is an
/// empty cell; a missing one is the word `missing`.
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
    let cell = |result: &Option<SubmissionResult>| match result {
        Some(result) if matches!(result.outcome(), Outcome::Missing(_)) => "missing".into(),
        result => number(result.as_ref().and_then(SubmissionResult::points)),
    };
    let labs = student.results.iter().map(cell);
    let points = [number(student.points), course.points().to_string()];
    [no_formula(&student.name)].into_iter().chain(labs).chain(points).collect()
}

/// Puts an apostrophe before a text that a spreadsheet would take for a formula (OWASP, CSV injection). A
/// text of apostrophes followed by a formula gets one more, so removing one apostrophe always restores
/// the text.
fn no_formula(text: &str) -> String {
    const BEGINNINGS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    let is_one = text.trim_start_matches('\'').starts_with(BEGINNINGS);
    if is_one { format!("'{text}") } else { text.into() }
}

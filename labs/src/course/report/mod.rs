//! The report on a graded course, in all its formats.

mod github;
pub(super) mod gradescope;
mod index;
mod junit;
mod markdown;
mod table;

use super::plan::{GradingPlan, LeftOut, Shard};
use super::results::{Outcome, ResultsFolder, SubmissionResult, json};
use crate::sandbox::Run;
use clap::{Arg, ArgMatches};
use ipc_workbook_tools::cli::{Failure, show, show_verbatim, wants_json, warn};
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

/// A graded course, as in `grades.json`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Course {
    pub(super) labs: Vec<LabOfCourse>,
    /// `I/N`, if these are only a part of the students.
    #[serde(default)]
    pub(super) shard: Option<String>,
    pub(super) students: Vec<Student>,
    /// The entries among the submissions that were not graded.
    #[serde(default)]
    pub(super) left_out: Vec<LeftOut>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct LabOfCourse {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) points: u32,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Student {
    #[serde(rename = "student")]
    pub(super) name: String,
    /// The points of all labs; `None` if this machine could not grade one of them.
    #[serde(default)]
    pub(super) points: Option<u32>,
    /// In the order of the labs; `None` for a lab that has not been graded yet.
    pub(super) results: Vec<Option<SubmissionResult>>,
}

impl Course {
    /// Returns the course before anything is graded.
    pub(super) fn of(plan: &GradingPlan, shard: Option<Shard>) -> Self {
        let labs = plan.labs.iter().map(|lab| LabOfCourse {
            name: lab.name.clone(),
            title: lab.about.title.clone(),
            points: lab.about.rubric.iter().map(|demand| demand.points).sum(),
        });
        let mut students: Vec<Student> = Vec::new();
        for task in &plan.tasks {
            if students.last().is_none_or(|last| last.name != task.student) {
                let results = vec![None; plan.labs.len()];
                students.push(Student { name: task.student.clone(), points: None, results });
            }
        }
        let shard = shard.map(|shard| shard.to_string());
        Course { labs: labs.collect(), shard, students, left_out: plan.left_out.clone() }
    }

    /// Stores the result of task `n` of the plan, counted from 0, and returns the student.
    pub(super) fn take(&mut self, n: usize, result: SubmissionResult) -> &Student {
        // The tasks are ordered by student, and then by lab.
        let (student, lab) = (n / self.labs.len(), n % self.labs.len());
        let student = &mut self.students[student];
        student.results[lab] = Some(result);
        student.add_up();
        student
    }

    /// Returns how many submissions are graded, and how many there are.
    pub(super) fn progress(&self) -> (usize, usize) {
        let all = self.students.iter().flat_map(|student| &student.results);
        let done = all.clone().flatten().filter(|result| result.points().is_some()).count();
        (done, all.count())
    }

    fn points(&self) -> u32 {
        self.labs.iter().map(|lab| lab.points).sum()
    }

    /// Returns the results of all students.
    fn results(&self) -> impl Iterator<Item = &SubmissionResult> {
        self.students.iter().flat_map(|student| student.results.iter().flatten())
    }
}

impl Student {
    pub(super) fn add_up(&mut self) {
        self.points = self.results.iter().map(|result| result.as_ref()?.points()).sum();
    }
}

/// When students see a test's result at Gradescope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visibility(&'static str);

const VISIBILITIES: [&str; 4] = ["visible", "after_due_date", "after_published", "hidden"];

impl Visibility {
    pub(super) fn of(args: &ArgMatches) -> Self {
        let asked = args.get_one::<String>("visibility").map_or("visible", String::as_str);
        Visibility(VISIBILITIES.into_iter().find(|known| *known == asked).unwrap_or(VISIBILITIES[0]))
    }

    pub(super) fn name(self) -> &'static str {
        self.0
    }
}

/// Returns the command line flags of the reports.
pub(super) fn args() -> [Arg; 1] {
    [Arg::new("visibility")
        .long("visibility")
        .value_name("WHEN")
        .value_parser(VISIBILITIES)
        .default_value(VISIBILITIES[0])
        .help("When students see their results at Gradescope")]
}

/// Writes all reports. A person's notes are kept, from this folder or from one of `others`.
pub(super) fn write(results: &ResultsFolder, course: &Course, others: &[&PathBuf]) -> Result<(), Failure> {
    results.write("grades.json", &json(course))?;
    results.write("grades.csv", &table::csv(course)?)?;
    results.write("junit.xml", &junit::xml(course)?)?;
    results.write("index.md", index::index(course).as_bytes())?;
    for student in &course.students {
        let file = super::file_name::file_name(&student.name);
        let report = format!("students/{file}.md");
        let elsewhere = others.iter().filter_map(|folder| fs::read_to_string(folder.join(&report)).ok());
        let notes =
            results.text(&report).into_iter().chain(elsewhere).find_map(|text| markdown::notes(&text));
        let text = markdown::report(course, student) + &notes.unwrap_or_default();
        results.write(&report, text.as_bytes())?;
        results.write(&format!("github-classroom/{file}.json"), &json(&github::results(course, student)))?;
    }
    Ok(())
}

/// Prints the result in the format asked for. Returns 3 if something could not be graded.
pub(super) fn print(course: &Course, args: &ArgMatches) -> Result<u8, Failure> {
    if wants_json(args) {
        show_verbatim(&String::from_utf8_lossy(&json(course)))?;
    } else {
        show(&table::text(course))?;
    }
    let not_graded = course.results().filter_map(|result| match result.outcome() {
        Outcome::NotGraded(why) => Some((result, why)),
        _ => None,
    });
    let not_graded: Vec<(&SubmissionResult, &str)> = not_graded.collect();
    if let Some((first, why)) = not_graded.first() {
        warn(&format!(
            "this machine could not grade {} of {} submissions; the first is {} {}: {why}; run lab doctor, and then the same command again",
            not_graded.len(),
            course.progress().1,
            first.student,
            first.lab,
        ));
        return Ok(3);
    }
    Ok(0)
}

/// Returns the grade, `7/10`, and a remark if there is one.
pub(super) fn grade_of(result: &SubmissionResult) -> String {
    match result.outcome() {
        Outcome::Graded(graded) => match &graded.refused {
            Some(why) => format!("{}/{}: {}", graded.points(), graded.of(), first_line(why)),
            None => format!("{}/{}", graded.points(), graded.of()),
        },
        Outcome::Missing(why) => format!("missing: {}", first_line(why)),
        Outcome::NotGraded(why) => format!("not graded: {}", first_line(why)),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Returns why a line was lost, as lines of text.
fn explain(line: &crate::graded::Line) -> String {
    if let Some(cause) = &line.not_reached {
        return format!("observed: not reached because of \"{}\"\nrequired: {}\n", cause.says, line.required);
    }
    let mut text = format!("observed: {}\nrequired: {}\n", line.observed, line.required);
    if let Some(because) = &line.because {
        let _ = writeln!(text, "because: {because}");
    }
    for told in line.runs.iter().flat_map(Run::lines) {
        let _ = writeln!(text, "ran: {told}");
    }
    let _ = writeln!(text, "see it yourself: {}", line.see);
    text
}

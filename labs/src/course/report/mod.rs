//! The report on a graded course, in each form that somebody reads.

mod github;
pub(super) mod gradescope;
mod junit;
mod markdown;
mod table;

use super::plan::{GradingPlan, Shard};
use super::results::{ResultsFolder, SubmissionResult, json};
use crate::graded::Graded;
use clap::{Arg, ArgMatches};
use ipc_workbook_tools::cli::{Failure, show, show_verbatim, wants_json, warn};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// A graded course, as `grades.json` has it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Course {
    pub(super) labs: Vec<LabOfCourse>,
    /// `I/N`, where this is only a part of the students.
    #[serde(default)]
    pub(super) shard: Option<String>,
    pub(super) students: Vec<Student>,
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
    /// Of all labs; none if this machine could not grade one of them.
    #[serde(default)]
    pub(super) points: Option<u32>,
    /// In the order of the labs; none for what has not been graded yet.
    pub(super) results: Vec<Option<SubmissionResult>>,
}

impl Course {
    /// Before anything is graded.
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
        Course { labs: labs.collect(), shard: shard.map(|shard| shard.to_string()), students }
    }

    /// Takes in the result of the plan's n-th task, and returns the student.
    pub(super) fn take(&mut self, n: usize, result: SubmissionResult) -> &Student {
        // The tasks go through the students, and for each through the labs.
        let (student, lab) = (n / self.labs.len(), n % self.labs.len());
        let student = &mut self.students[student];
        student.results[lab] = Some(result);
        student.add_up();
        student
    }

    /// How many are graded, and of how many.
    pub(super) fn progress(&self) -> (usize, usize) {
        let all = self.students.iter().flat_map(|student| &student.results);
        let done = all.clone().flatten().filter(|result| result.graded.is_some()).count();
        (done, all.count())
    }

    fn points(&self) -> u32 {
        self.labs.iter().map(|lab| lab.points).sum()
    }

    /// All results, with the lab that each is of.
    fn results(&self) -> impl Iterator<Item = &SubmissionResult> {
        self.students.iter().flat_map(|student| student.results.iter().flatten())
    }
}

impl Student {
    pub(super) fn add_up(&mut self) {
        let points = self.results.iter().map(|result| result.as_ref()?.graded.as_ref().map(Graded::points));
        self.points = points.sum();
    }
}

/// When a student sees a test's result at Gradescope.
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

/// The flags that are the reports' own.
pub(super) fn args() -> [Arg; 1] {
    [Arg::new("visibility")
        .long("visibility")
        .value_name("WHEN")
        .value_parser(VISIBILITIES)
        .default_value(VISIBILITIES[0])
        .help("When students see their results at Gradescope")]
}

/// Writes all reports.
pub(super) fn write(results: &ResultsFolder, course: &Course) -> Result<(), Failure> {
    results.write("grades.json", &json(course))?;
    results.write("grades.csv", &table::csv(course)?)?;
    results.write("junit.xml", &junit::xml(course)?)?;
    for student in &course.students {
        let file = super::file_name::file_name(&student.name);
        results.write(&format!("students/{file}.md"), markdown::report(course, student).as_bytes())?;
        results.write(&format!("github-classroom/{file}.json"), &json(&github::results(course, student)))?;
    }
    Ok(())
}

/// Prints the result as it was asked for; 3 if something could not be graded.
pub(super) fn print(course: &Course, args: &ArgMatches) -> Result<u8, Failure> {
    if wants_json(args) {
        show_verbatim(&String::from_utf8_lossy(&json(course)))?;
    } else {
        show(&table::text(course))?;
    }
    let not_graded: Vec<&SubmissionResult> =
        course.results().filter(|result| result.graded.is_none()).collect();
    if let Some(first) = not_graded.first() {
        warn(&format!(
            "this machine could not grade {} of {}, first {} {}: {}; lab doctor says why, and the same command tries these again",
            not_graded.len(),
            course.progress().1,
            first.student,
            first.lab,
            first.not_graded.as_deref().unwrap_or("nobody knows why"),
        ));
        return Ok(3);
    }
    Ok(0)
}

/// `7/10`, and what is to be said beside it.
pub(super) fn grade_of(result: &SubmissionResult) -> String {
    match (&result.graded, &result.not_graded) {
        (Some(graded), _) => match &graded.refused {
            Some(why) => format!("{}/{}: {}", graded.points(), graded.of(), first_line(why)),
            None => format!("{}/{}", graded.points(), graded.of()),
        },
        (None, why) => format!("not graded: {}", first_line(why.as_deref().unwrap_or_default())),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Why a line was lost, as lines of text.
fn explain(line: &crate::graded::Line) -> String {
    let mut text = format!("observed: {}\nrequired: {}\n", line.observed, line.required);
    if let Some(because) = &line.because {
        let _ = writeln!(text, "because: {because}");
    }
    let _ = writeln!(text, "see it yourself: {}", line.see);
    text
}

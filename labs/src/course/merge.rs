//! `lab merge`: combines the results of shards into one course.

use super::report::{self, Course, Visibility, gradescope};
use super::results::{ResultsFolder, SubmissionResult};
use crate::graded::Graded;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use ipc_workbook_tools::cli::{Failure, format_flag};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

const CODES: &str = "\
Exit codes:
  0    all submissions are graded, whatever their points
  2    wrong usage, or two of the folders contradict each other
  3    no machine could grade some of the submissions, or a shard is missing";

pub(super) fn command() -> Command {
    Command::new("merge")
        .about("Combine the results of several lab grade --shard runs")
        .after_help(CODES)
        .arg(
            Arg::new("from")
                .value_name("OUT")
                .value_parser(value_parser!(PathBuf))
                .required(true)
                .action(ArgAction::Append)
                .num_args(1..)
                .help("The folders that lab grade --shard wrote"),
        )
        .arg(
            Arg::new("out")
                .long("out")
                .value_name("OUT")
                .value_parser(value_parser!(PathBuf))
                .default_value("grades")
                .help("The folder for the combined results and reports"),
        )
        .arg(format_flag("Print the table at the end, or grades.json"))
        .args(report::args())
}

pub(super) fn run(args: &ArgMatches) -> Result<u8, Failure> {
    let from: Vec<&PathBuf> = args.get_many("from").into_iter().flatten().collect();
    let mut merged = Merged::default();
    for folder in &from {
        merged.take(folder, read(folder)?)?;
    }
    let missing = merged.missing_shards()?;
    let results =
        ResultsFolder::open(args.get_one::<PathBuf>("out").map_or(Path::new("grades"), PathBuf::as_path))?;
    let mut course = merged.course;
    course.students.sort_by(|a, b| a.name.cmp(&b.name));
    course.left_out.sort_by(|a, b| a.path.cmp(&b.path));
    course.left_out.dedup();
    course.shard = None;
    for result in course.students.iter().flat_map(|student| student.results.iter().flatten()) {
        results.keep(result)?;
    }
    gradescope::write_all(&results, &course, Visibility::of(args))?;
    report::write(&results, &course, &from)?;
    let code = report::print(&course, args)?;
    if missing.is_empty() {
        return Ok(code);
    }
    let missing = missing.join(", ");
    Err(Failure::Machine(format!(
        "shards are missing: {missing}; their students are not in the result; name their folders too"
    )))
}

fn read(folder: &Path) -> Result<Course, Failure> {
    let file = folder.join("grades.json");
    let text = fs::read(&file).map_err(|error| {
        Failure::Usage(format!(
            "cannot read {}: {error}; lab grade writes this file when it has finished",
            file.display()
        ))
    })?;
    let course: Course = serde_json::from_slice(&text).map_err(|error| {
        Failure::Usage(format!("{} was not written by lab grade: {error}", file.display()))
    })?;
    match course.students.iter().find(|student| student.results.len() != course.labs.len()) {
        Some(student) => Err(Failure::Usage(format!(
            "{} was not written by lab grade: {} does not have one result for each lab",
            file.display(),
            student.name
        ))),
        None => Ok(course),
    }
}

/// The course as read so far.
#[derive(Debug, Default)]
struct Merged {
    course: Course,
    /// For each student: the index in the course, and the folder that the first results come from.
    known: HashMap<String, (usize, PathBuf)>,
    /// The shards that were read, as `I/N`.
    shards: Vec<String>,
    first: Option<PathBuf>,
}

impl Merged {
    fn take(&mut self, folder: &Path, course: Course) -> Result<(), Failure> {
        match &self.first {
            None => {
                self.course.labs.clone_from(&course.labs);
                self.first = Some(folder.into());
            }
            Some(first) if self.course.labs != course.labs => {
                return Err(Failure::Usage(format!(
                    "{} and {} have different labs, or different points; nothing is merged",
                    first.display(),
                    folder.display()
                )));
            }
            Some(_) => {}
        }
        self.shards.extend(course.shard);
        self.course.left_out.extend(course.left_out);
        for student in course.students {
            let Some((at, from)) = self.known.get(&student.name) else {
                self.known.insert(student.name.clone(), (self.course.students.len(), folder.into()));
                self.course.students.push(student);
                continue;
            };
            let known = &mut self.course.students[*at];
            for (known, new) in known.results.iter_mut().zip(student.results) {
                let graded = |result: &Option<SubmissionResult>| {
                    result.as_ref().is_some_and(|result| result.points().is_some())
                };
                if !graded(known) {
                    *known = new.or(known.take());
                } else if graded(&new) && !same(known.as_ref(), new.as_ref()) {
                    let both = [known.as_ref(), new.as_ref()];
                    return Err(contradiction(&student.name, both, [from, folder]));
                }
            }
            known.add_up();
        }
        Ok(())
    }

    /// Returns the shards whose folders were not named, if any folder is a shard.
    fn missing_shards(&self) -> Result<Vec<String>, Failure> {
        let of = |shard: &String| shard.split_once('/')?.1.parse::<u64>().ok();
        let Some(of) = self.shards.first().and_then(of) else { return Ok(Vec::new()) };
        let all: Vec<String> = (1..=of).map(|i| format!("{i}/{of}")).collect();
        if let Some(other) = self.shards.iter().find(|shard| !all.contains(shard)) {
            return Err(Failure::Usage(format!(
                "{} and {other} are parts of two different divisions; nothing is merged",
                self.shards[0]
            )));
        }
        Ok(all.into_iter().filter(|shard| !self.shards.contains(shard)).collect())
    }
}

/// Whether two results of one student in one lab are equal.
fn same(one: Option<&SubmissionResult>, other: Option<&SubmissionResult>) -> bool {
    let verdict = |result: Option<&SubmissionResult>| {
        let graded: &Graded = result?.graded.as_ref()?;
        Some(graded.lines.iter().map(|line| (line.id.clone(), line.points, line.passed)).collect::<Vec<_>>())
    };
    verdict(one) == verdict(other)
}

fn contradiction(student: &str, [one, other]: [Option<&SubmissionResult>; 2], from: [&Path; 2]) -> Failure {
    let grade = |result: Option<&SubmissionResult>| result.map_or(String::new(), report::grade_of);
    let lab = one.map_or("", |result| &result.lab);
    let digests = [one, other].map(|result| result.map_or("", |result| &result.digest));
    let why =
        if digests[0] == digests[1] { "" } else { "; the submission or the grader has changed in between" };
    Failure::Usage(format!(
        "{student} {lab} has {} in {} and {} in {}{why}; grade one of them again. Nothing is merged",
        grade(one),
        from[0].display(),
        grade(other),
        from[1].display()
    ))
}

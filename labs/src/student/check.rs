//! Grades an exercise, or any other program.

use super::context::Context;
use super::exercise::{Exercise, Found, display_path};
use super::report::{About, text};
use crate::compile::{Tools, command};
use crate::submission::Source;
use crate::supervisor;
use crate::worker::{Answer, Job};
use ipc_workbook_tools::cli::{Failure, Progress, escape, quote, report, show, show_json};
use ipc_workbook_tools::workbook::labs::Lab;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// The program to grade.
#[derive(Debug)]
pub(super) struct Work {
    /// Its name, as the user sees it.
    named: String,
    file: PathBuf,
    source: Source,
    /// Other files in the same folder that are not graded.
    older: Vec<PathBuf>,
}

pub(super) fn check(context: &Context) -> Result<u8, Failure> {
    let lab = context.lab()?;
    let work = match context.args.get_one::<PathBuf>("program") {
        Some(path) => Work::named(path)?,
        None => Work::found(context.exercise(&lab).needed()?),
    };
    grade(context, &lab, &work)
}

impl Work {
    pub(super) fn found(found: Found) -> Self {
        Work { named: display_path(&found.file), file: found.file, source: found.source, older: found.older }
    }

    /// Finds the program that `--program` names.
    fn named(path: &Path) -> Result<Self, Failure> {
        let named = path.display().to_string();
        let refused = |why: &str| Failure::Usage(format!("cannot grade {}: {why}", escape(&named)));
        let file = std::path::absolute(path).map_err(|error| refused(&error.to_string()))?;
        let source = Source::find(&file).map_err(|why| refused(&why))?;
        for part in source.files() {
            nix::unistd::access(part, nix::unistd::AccessFlags::R_OK)
                .map_err(|errno| refused(&format!("cannot read {}: {errno}", display_path(part))))?;
        }
        Ok(Work { named, file, source, older: Vec::new() })
    }
}

/// Grades the program, stores the grade, and prints it. Returns the exit code.
pub(super) fn grade(context: &Context, lab: &Lab, work: &Work) -> Result<u8, Failure> {
    let seed = context.args.try_get_one::<u64>("seed").ok().flatten().copied();
    let tools = Tools::find(context.root, [&work.source])?;
    let trace = context.args.try_get_one::<bool>("trace").ok().flatten().copied().unwrap_or(false);
    let job = Job {
        root: context.root.into(),
        lab: lab.name.clone(),
        submission: work.named.clone(),
        source: work.source.clone(),
        tools,
        show: to_show(context.args.get_many::<PathBuf>("show").into_iter().flatten())?,
        shared: context.args.get_flag("shared"),
        seed,
        trace,
    };
    let graded = match grade_with_progress(&job, lab)? {
        Answer::Graded(graded) => *graded,
        Answer::Fault(why) => {
            return Err(Failure::Machine(format!("this machine cannot grade now: {}", escape(&why))));
        }
    };
    // The grade is shown even if it cannot be stored.
    if counts(context, work, seed) {
        let stored = context.store().and_then(|store| {
            store.change(|progress| progress.labs.entry(lab.name.clone()).or_default().add(&graded))
        });
        if let Err(failure) = stored {
            report(&failure);
        }
    }
    if context.json() {
        let mut json = serde_json::json!(graded);
        json["of"] = graded.of().into();
        json["got"] = graded.points().into();
        show_json(&json)?;
    } else {
        let program = work.program(&context.exercise(lab));
        let changed = |file: &Path| file.metadata().and_then(|meta| meta.modified()).ok();
        let to_build = program.as_ref().is_some_and(|program| changed(program) < changed(&work.file));
        let named = context.args.try_get_one::<PathBuf>("program").ok().flatten();
        let named = named.map(|path| format!(" --program {}", quote(&path.display().to_string())));
        let again = format!("check {}{}", lab.name, named.unwrap_or_default());
        show(&text(&graded, &About { program, to_build, older: &work.older, seed, again }))?;
    }
    Ok(u8::from(!graded.is_full()))
}

/// Grades, and shows the progress on a terminal if it takes long.
fn grade_with_progress(job: &Job, lab: &Lab) -> Result<Answer, Failure> {
    let mut progress = Progress::on_terminal(lab.about.rubric.len());
    let answer = supervisor::grade(job, |doing| match doing {
        Some(doing) => progress.at(doing.judged, &doing.to_string()),
        None => progress.tick(),
    });
    progress.end();
    answer
}

impl Work {
    /// Returns the path that replaces `PROGRAM` in the commands of the rubric. For an exercise in Rust or C
    /// it is the program that `build` makes.
    fn program(&self, exercise: &Exercise) -> Option<PathBuf> {
        match self.source {
            Source::Executable(_) => Some(self.file_to_run()),
            _ if self.file.starts_with(&exercise.folder) => Some(exercise.program()),
            _ => None,
        }
    }

    fn file_to_run(&self) -> PathBuf {
        self.source.files().first().unwrap_or(&self.file).clone()
    }
}

/// Builds the exercise outside the sandbox, for the commands that a student can run.
pub(super) fn build(context: &Context) -> Result<u8, Failure> {
    let lab = context.lab()?;
    let exercise = context.exercise(&lab);
    let work = Work::found(exercise.needed()?);
    let tools = Tools::find(context.root, [&work.source])?;
    let program = exercise.program();
    let program = match command(&work.source, &tools, &program) {
        None => work.file_to_run(),
        Some(mut compiler) => {
            // The compiler prints its messages itself.
            let built = compiler.stdin(Stdio::null()).stdout(std::io::stderr()).status();
            let name = compiler.get_program().display().to_string();
            let built = built
                .map_err(|error| Failure::Machine(format!("cannot run {name}: {error}; is it installed?")))?;
            if !built.success() {
                return Err(Failure::Contradicted(format!("{} does not build", work.named)));
            }
            program
        }
    };
    if context.json() {
        show_json(
            &serde_json::json!({ "lab": lab.name, "submission": work.named, "program": program.display().to_string() }),
        )?;
    } else {
        show(&format!("built {} from {}\n", display_path(&program), work.named))?;
    }
    Ok(0)
}

/// Whether the grade counts as progress. One schedule alone is not the whole check, and the workbook's own
/// solutions are nobody's progress.
fn counts(context: &Context, work: &Work, seed: Option<u64>) -> bool {
    let own = context.root.join("lessons");
    let file = work.file.canonicalize().unwrap_or_else(|_| work.file.clone());
    seed.is_none() && !file.starts_with(own.canonicalize().unwrap_or(own))
}

/// The folders that the sandbox has of its own. Nothing can be mounted there.
const OF_THE_CELL: [&str; 8] =
    ["/work", "/tmp", "/dev", "/proc", "/program", "/submission", "/libraries", "/externs"];

/// Returns the paths of `--show`, and the targets of those that are links.
fn to_show<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> Result<Vec<PathBuf>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        let refused =
            |why: &str| Failure::Usage(format!("cannot show {}: {why}", escape(&path.display().to_string())));
        let target = path.canonicalize().map_err(|error| refused(&error.to_string()))?;
        let named = std::path::absolute(path).map_err(|error| refused(&error.to_string()))?;
        for path in [&named, &target] {
            if path == Path::new("/") || OF_THE_CELL.iter().any(|own| path.starts_with(own)) {
                return Err(refused("the sandbox has a folder of its own there; move it to another folder"));
            }
        }
        all.push(named);
        all.push(target);
    }
    all.sort();
    all.dedup();
    Ok(all)
}

//! The threads that grade submissions. Each thread grades one submission after another.

use super::copy::{Copied, copy_submission};
use super::plan::{GradingPlan, HandIn};
use super::results::{ResultsFolder, SubmissionResult};
use crate::compile::Tools;
use crate::graded::{Graded, Line};
use crate::submission::Source;
use crate::supervisor;
use crate::trial::Doing;
use crate::worker::{Answer, Job};
use ipc_workbook::lesson::kernel_release;
use ipc_workbook_tools::cli::escape;
use ipc_workbook_tools::temporary::Temporary;
use ipc_workbook_tools::workbook::labs::Lab;
use nix::sys::signal::Signal;
use sha2::Sha256;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Sender;

/// The data that the threads share.
pub(super) struct Pool<'a> {
    pub(super) root: &'a Path,
    pub(super) plan: &'a GradingPlan,
    pub(super) results: &'a ResultsFolder,
    /// For each lab, the digest that each submission's digest starts with.
    pub(super) digests: Vec<Sha256>,
    pub(super) copies: Temporary,
    pub(super) again: bool,
    pub(super) shared: bool,
    /// Further paths of the machine that submissions may read.
    pub(super) show: Vec<PathBuf>,
    /// The tools for building Rust, or why they cannot be had.
    pub(super) tools: Result<Tools, String>,
    pub(super) next: AtomicUsize,
}

pub(super) enum News {
    /// A task has its result; the last field says whether it was stored by an earlier run.
    Done(usize, Box<SubmissionResult>, bool),
    /// What a task is doing now.
    Doing(usize, Doing),
    Signal(Signal),
}

impl Pool<'_> {
    /// Grades one submission after another until none is left.
    pub(super) fn work(&self, tell: &Sender<News>) {
        loop {
            let task = self.next.fetch_add(1, Ordering::Relaxed);
            if task >= self.plan.tasks.len() {
                return;
            }
            let (result, of_another_run) = self.one(task, tell);
            if tell.send(News::Done(task, Box::new(result), of_another_run)).is_err() {
                return;
            }
        }
    }

    fn one(&self, n: usize, tell: &Sender<News>) -> (SubmissionResult, bool) {
        let task = &self.plan.tasks[n];
        let lab = &self.plan.labs[task.lab];
        let mut result = SubmissionResult {
            student: task.student.clone(),
            lab: lab.name.clone(),
            digest: String::new(),
            graded: None,
            missing: None,
            not_graded: None,
        };
        let path = match &task.hand_in {
            HandIn::At(path) => Ok(path.as_path()),
            HandIn::Unusable(why) => Err(why.clone()),
            HandIn::Missing(why) => {
                result.missing = Some(why.clone());
                return (result, false);
            }
        };
        let folder = self.copies.path().join(n.to_string());
        let copied = match copy_submission(path, &folder, self.digests[task.lab].clone()) {
            Ok(copied) => copied,
            Err(error) => {
                result.not_graded = Some(format!("cannot copy the submission: {error}"));
                return (result, false);
            }
        };
        if !self.again
            && let Some(before) = self.results.result(&result.student, &result.lab)
            && before.digest == copied.digest
            && before.graded.is_some()
        {
            return (before, true);
        }
        result.digest.clone_from(&copied.digest);
        match self.grade(n, copied, tell) {
            Ok(graded) => result.graded = Some(clean(graded)),
            Err(why) => result.not_graded = Some(escape::lines(&why)),
        }
        let _ = std::fs::remove_dir_all(folder);
        (result, false)
    }

    /// Grades a submission; the error says why this machine cannot.
    fn grade(&self, n: usize, copied: Copied, tell: &Sender<News>) -> Result<Graded, String> {
        let task = &self.plan.tasks[n];
        let lab = &self.plan.labs[task.lab];
        let source = match copied.source {
            Ok(source) => source,
            Err(why) => return Ok(refused(lab, &task.student, why)),
        };
        let tools = match source {
            Source::Rust(_) => self.tools.clone()?,
            _ => Tools::default(),
        };
        let job = Job {
            root: self.root.into(),
            lab: lab.name.clone(),
            submission: task.student.clone(),
            source,
            tools,
            show: self.show.clone(),
            shared: self.shared,
            seed: None,
            trace: false,
        };
        let heard = |doing: Option<Doing>| {
            if let Some(doing) = doing {
                let _ = tell.send(News::Doing(n, doing));
            }
        };
        match supervisor::grade(&job, heard).map_err(|failure| failure.to_string())? {
            Answer::Graded(graded) => Ok(*graded),
            Answer::Fault(why) => Err(why),
        }
    }
}

/// Returns the result of something that is not a submission: every line of the rubric is lost.
fn refused(lab: &Lab, student: &str, why: String) -> Graded {
    Graded {
        lab: lab.name.clone(),
        submission: student.into(),
        kernel: kernel_release(),
        shared: false,
        lines: lab.about.rubric.iter().map(|demand| Line::lost(demand, &why)).collect(),
        refused: Some(why),
        millis: 0,
        build_millis: 0,
    }
}

/// Escapes control characters: the result contains what programs and compilers printed.
fn clean(mut graded: Graded) -> Graded {
    if let Some(why) = &mut graded.refused {
        *why = escape::lines(why);
    }
    for line in &mut graded.lines {
        line.observed = escape::lines(&line.observed);
        if let Some(because) = &mut line.because {
            *because = escape::lines(because);
        }
        for run in &mut line.runs {
            run.end = escape::lines(&run.end);
            for complaint in &mut run.stderr {
                *complaint = escape::lines(complaint);
            }
        }
    }
    graded
}

//! The worker: the process that grades one submission, from inside its namespaces.
//!
//! `lab` starts itself under another name in a new namespace. The worker reads its job from standard input,
//! and writes its progress and then the answer to standard output. The submission has access to neither.

use crate::compile;
use crate::graded::{Graded, Line};
use crate::raw_path;
use crate::sandbox::{Fault, Sandbox, survive_short_mappings};
use crate::submission::Source;
use crate::trial::{Doing, Grader, Trial};
use ipc_workbook::lesson::kernel_release;
use ipc_workbook_tools::cli::Failure;
use ipc_workbook_tools::workbook::labs::lab;
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::Instant;

/// The name (`argv[0]`) that makes `lab` run as a worker.
pub(crate) const NAME: &str = "lab: worker";

/// A job for a worker: what to grade, and how.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Job {
    /// The workbook's folder.
    #[serde(with = "raw_path")]
    pub(crate) root: PathBuf,
    pub(crate) lab: String,
    /// The name of the submission, as the user gave it.
    pub(crate) submission: String,
    pub(crate) source: Source,
    /// The tools for building it.
    pub(crate) tools: compile::Tools,
    /// Further paths of the machine that the submission may read, such as an interpreter.
    #[serde(with = "raw_path")]
    pub(crate) show: Vec<PathBuf>,
    /// Whether to grade in the machine's own namespaces.
    #[serde(default)]
    pub(crate) shared: bool,
    /// The seed of the only schedule to try; `None` for all schedules.
    pub(crate) seed: Option<u64>,
    /// Whether lost lines record each step of scheduled programs.
    #[serde(default)]
    pub(crate) trace: bool,
}

/// A message of the worker, one on each line: its progress, or at the end the answer.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) enum Message {
    Doing(Doing),
    Answer(Answer),
}

/// The result of a job.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) enum Answer {
    Graded(Box<Graded>),
    /// This machine could not grade.
    Fault(String),
}

include!(concat!(env!("OUT_DIR"), "/graders.rs"));

/// Runs as a worker.
pub(crate) fn worker() -> Result<u8, Failure> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    survive_short_mappings()?;
    let job: Job = serde_json::from_str(&text)
        .map_err(|error| Failure::Usage(format!("only lab starts a worker: {error}")))?;
    let answer = match grade(&job) {
        Ok(graded) => Answer::Graded(Box::new(graded)),
        Err(Fault(why)) => Answer::Fault(why),
    };
    tell(&Message::Answer(answer));
    Ok(0)
}

/// Writes a message. If nobody reads it any more, this process will end as well.
fn tell(message: &Message) {
    let _ = writeln!(std::io::stdout(), "{}", serde_json::json!(message));
}

fn grade(job: &Job) -> Result<Graded, Fault> {
    let started = Instant::now();
    let lab = lab(&job.root, &job.lab).map_err(|_| Fault::new("the lab no longer exists"))?;
    let (_, grader) = GRADERS.iter().find(|(name, _)| *name == lab.name).ok_or_else(|| {
        Fault::new(format!("the lab {} had no grader.rs when lab was built; build lab again", lab.name))
    })?;
    let grader: &Grader = grader;
    let mut mounts = compile::mounts(&job.source, &job.tools);
    mounts.extend(job.show.iter().map(|path| (path.clone(), path.clone())));
    let mut sandbox = Sandbox::new(&mounts, job.shared)?;
    let built = match compile::build(&mut sandbox, &job.source, &job.tools) {
        Ok(built) => built,
        Err(fault) => Err(sandbox.submissions_doing(fault)?),
    };
    let build_millis = millis(started);
    let refused = built.err();
    let lines = if let Some(why) = &refused {
        lab.about.rubric.iter().map(|demand| Line::lost(demand, why)).collect()
    } else {
        sandbox.renew()?;
        sandbox.wait_for_queue_bytes()?;
        if job.trace {
            sandbox.recorder().trace();
        }
        let tell_doing = |doing: &Doing| tell(&Message::Doing(doing.clone()));
        let mut trial = Trial::new(&lab, sandbox, job.seed, tell_doing);
        if let Err(fault) = grader(&mut trial) {
            let why = trial.sandbox.submissions_doing(fault)?;
            trial.lose_all(&why);
        }
        if trial.has_lost() {
            trial.sandbox.other_work_is_no_cause()?;
        }
        trial.finish()
    };
    Ok(Graded {
        lab: lab.name.clone(),
        submission: job.submission.clone(),
        kernel: kernel_release(),
        shared: job.shared,
        refused,
        lines,
        millis: millis(started),
        build_millis,
    })
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

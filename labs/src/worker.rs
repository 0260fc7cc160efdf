//! The worker: the process that grades one submission, from inside its namespaces.
//!
//! `lab` starts itself under another name, in a namespace of its own, with the job on standard input,
//! and reads from its standard output how far it is, and in the end the answer. Neither is ever the submission's.

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

/// What `lab` is called that is a worker.
pub(crate) const NAME: &str = "lab: worker";

/// What is to be graded.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Job {
    /// The workbook's folder.
    #[serde(with = "raw_path")]
    pub(crate) root: PathBuf,
    pub(crate) lab: String,
    /// As it was named.
    pub(crate) submission: String,
    pub(crate) source: Source,
    /// What building it takes.
    pub(crate) tools: compile::Tools,
    /// More of the machine that the submission may read, such as an interpreter.
    #[serde(with = "raw_path")]
    pub(crate) show: Vec<PathBuf>,
    /// In the machine's own namespaces.
    #[serde(default)]
    pub(crate) shared: bool,
    /// Of all schedules, this one alone.
    pub(crate) seed: Option<u64>,
    /// Whether lost lines tell of each step of scheduled programs.
    #[serde(default)]
    pub(crate) trace: bool,
}

/// What a worker tells, each in a line of its own: how far it is, and in the end the answer.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) enum Message {
    Doing(Doing),
    Answer(Answer),
}

/// What came of it.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) enum Answer {
    Graded(Box<Graded>),
    /// This machine could not do it.
    Fault(String),
}

include!(concat!(env!("OUT_DIR"), "/graders.rs"));

/// The whole life of a worker.
pub(crate) fn worker() -> Result<u8, Failure> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    survive_short_mappings()?;
    let job: Job = serde_json::from_str(&text)
        .map_err(|error| Failure::Usage(format!("a worker is started by lab itself: {error}")))?;
    let answer = match grade(&job) {
        Ok(graded) => Answer::Graded(Box::new(graded)),
        Err(Fault(why)) => Answer::Fault(why),
    };
    tell(&Message::Answer(answer));
    Ok(0)
}

/// Nobody may listen any more; then this process ends as well.
fn tell(message: &Message) {
    let _ = writeln!(std::io::stdout(), "{}", serde_json::json!(message));
}

fn grade(job: &Job) -> Result<Graded, Fault> {
    let started = Instant::now();
    let lab = lab(&job.root, &job.lab).map_err(|_| Fault::new("the lab is gone"))?;
    let (_, grader) = GRADERS.iter().find(|(name, _)| *name == lab.name).ok_or_else(|| {
        Fault::new(format!("the lab {} has no grader.rs, or lab was built before it had", lab.name))
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

//! What the kernel gives, here and now: runs a lesson in a private namespace, unseen.

use crate::experiment::lesson;
use ipc_workbook::lesson::finished;
use ipc_workbook_tools::build;
use ipc_workbook_tools::child::end_after;
use ipc_workbook_tools::workbook::events::{self, Claim};
use ipc_workbook_tools::workbook::root;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::thread::{JoinHandle, spawn};

/// A lesson that takes longer is ended. The longest takes a few seconds.
const SECONDS: u32 = 60;

/// A run that goes on while the reader thinks.
pub(crate) struct PendingRun(JoinHandle<Result<String, String>>);

impl PendingRun {
    /// Begins a run, to see what this claim gets in it.
    pub(crate) fn begin(run: &str, claim: &str) -> PendingRun {
        let (run, claim) = (run.to_string(), claim.to_string());
        PendingRun(spawn(move || got(&claims(&run)?, &run, &claim)))
    }

    /// What the claim got, or why that is not known here.
    pub(crate) fn got(self) -> Result<String, String> {
        self.0.join().unwrap_or_else(|_| Err("the run has come to nothing".into()))
    }
}

/// What a claim got in a run.
pub(crate) fn got(claims: &[Claim], run: &str, id: &str) -> Result<String, String> {
    let claim = claims.iter().find(|claim| claim.id == id);
    let claim = claim.ok_or_else(|| format!("{run} does not claim {id} here"))?;
    match (claim.held, &claim.why) {
        (Some(_), _) => Ok(claim.got.clone()),
        (None, why) => Err(format!("{id} was not seen: {}", why.as_deref().unwrap_or("no reason is given"))),
    }
}

/// All that a run claims.
pub(crate) fn claims(run: &str) -> Result<Vec<Claim>, String> {
    let Some((program, flags)) = lesson(run) else {
        return Err(format!("{run} is no lesson, which alone can be asked"));
    };
    let folder = build::lessons(&root(), &[program]).map_err(|failure| failure.to_string())?;
    let mut command = Command::new(folder.join(program));
    command.args(flags).args(["--private", "--format", "json"]).stdin(Stdio::null());
    // The reader does not see it.
    command.env(finished::VARIABLE, "");
    end_after(&mut command, SECONDS);
    let output = command.output().map_err(|error| format!("{run} cannot be run: {error}"))?;
    // A claim that failed is no obstacle: the kernel has given something, which is the answer.
    if !matches!(output.status.code(), Some(0 | 1)) {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().last().unwrap_or_default();
        return Err(match output.status.signal() {
            Some(signal) => format!("{run} was ended by signal {signal}"),
            None => format!("{run} cannot run: {said}"),
        });
    }
    Ok(events::claims(&String::from_utf8_lossy(&output.stdout)))
}

//! Finds out what the kernel does on this machine: runs a lesson in a private namespace, without output.

use crate::experiment::lesson;
use ipc_workbook::lesson::finished;
use ipc_workbook_tools::build;
use ipc_workbook_tools::child::end_after;
use ipc_workbook_tools::workbook::events::{self, Claim};
use ipc_workbook_tools::workbook::root;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::thread::{JoinHandle, spawn};

/// A lesson that takes longer is killed. The longest takes a few seconds.
const SECONDS: u32 = 60;

/// A run that continues while the reader thinks.
pub(crate) struct PendingRun(JoinHandle<Result<String, String>>);

impl PendingRun {
    /// Starts a run, to see what this claim gets in it.
    pub(crate) fn begin(run: &str, claim: &str) -> PendingRun {
        let (run, claim) = (run.to_string(), claim.to_string());
        PendingRun(spawn(move || got(&claims(&run)?, &run, &claim)))
    }

    /// Waits for the run, and returns what the claim got or why that is not known.
    pub(crate) fn got(self) -> Result<String, String> {
        self.0.join().unwrap_or_else(|_| Err("the run failed".into()))
    }
}

/// Returns what a claim got in a run.
pub(crate) fn got(claims: &[Claim], run: &str, id: &str) -> Result<String, String> {
    let claim = claims.iter().find(|claim| claim.id == id);
    let claim = claim.ok_or_else(|| format!("{run} does not claim {id} here"))?;
    match (claim.held, &claim.why) {
        (Some(_), _) => Ok(claim.got.clone()),
        (None, why) => Err(format!("{id} was not seen: {}", why.as_deref().unwrap_or("no reason is given"))),
    }
}

/// Runs a lesson and returns its claims.
pub(crate) fn claims(run: &str) -> Result<Vec<Claim>, String> {
    let Some((program, flags)) = lesson(run) else {
        return Err(format!("{run} is not a lesson, and only lessons can be predicted"));
    };
    let folder = build::lessons(&root(), &[program]).map_err(|failure| failure.to_string())?;
    let mut command = Command::new(folder.join(program));
    command.args(flags).args(["--private", "--format", "json"]).stdin(Stdio::null());
    // The reader does not watch this run, so it does not count as progress.
    command.env(finished::VARIABLE, "");
    end_after(&mut command, SECONDS);
    let output = command.output().map_err(|error| format!("cannot run {run}: {error}"))?;
    // With exit code 1 a claim failed. The answer is still what the kernel returned.
    if !matches!(output.status.code(), Some(0 | 1)) {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().last().unwrap_or_default();
        return Err(match output.status.signal() {
            Some(signal) => format!("{run} was killed by signal {signal}"),
            None => format!("{run} cannot run: {said}"),
        });
    }
    Ok(events::claims(&String::from_utf8_lossy(&output.stdout)))
}

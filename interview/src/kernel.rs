//! What the kernel gives, here and now: runs a lesson in a private namespace, unseen.

use crate::prove::ends_after;
use ipc_workbook::built::{built, workbook};
use serde::Deserialize;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::thread::JoinHandle;

/// A lesson that takes longer is ended. The longest takes a few seconds.
const SECONDS: u32 = 60;

/// What a lesson tells; see src/narrate/events.schema.json.
#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Event {
    Claim(Claim),
    #[serde(other)]
    Another,
}

/// What it has claimed.
#[derive(Deserialize)]
pub(crate) struct Claim {
    id: String,
    held: Option<bool>,
    got: String,
    why: Option<String>,
}

/// A run that goes on while the reader thinks.
pub(crate) struct Look(JoinHandle<Result<String, String>>);

impl Look {
    /// Begins to look what a claim of this run gets.
    pub(crate) fn begin(run: &str, claim: &str) -> Look {
        let (run, claim) = (run.to_string(), claim.to_string());
        Look(std::thread::spawn(move || got(&claims(&run)?, &run, &claim)))
    }

    /// What the claim got, or why that is not known here.
    pub(crate) fn got(self) -> Result<String, String> {
        self.0.join().unwrap_or_else(|_| Err("the look has come to nothing".into()))
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
    let folder = built(&workbook(), &[program]).map_err(|failure| failure.to_string())?;
    let mut command = Command::new(folder.join(program));
    command.args(flags).args(["--private", "--format", "json"]).stdin(Stdio::null());
    ends_after(&mut command, SECONDS);
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
    let text = String::from_utf8_lossy(&output.stdout);
    let claim = |line| match serde_json::from_str(line) {
        Ok(Event::Claim(claim)) => Some(claim),
        _ => None,
    };
    Ok(text.lines().filter_map(claim).collect())
}

/// The lesson of a run with its flags, if it is one.
pub(crate) fn lesson(run: &str) -> Option<(&str, impl Iterator<Item = &str>)> {
    let (program, flags) = run.split_once(' ').unwrap_or((run, ""));
    let source = workbook().join("src/bin").join(program).with_extension("rs");
    source.exists().then(|| (program, flags.split_whitespace()))
}

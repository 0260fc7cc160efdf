//! Tests the graders with submissions whose grade is known: with all of them if `IPC_WORKBOOK_EXHAUSTIVE=1`
//! is set, otherwise with a sample that differs each day.
//!
//! A name on the command line runs every trial with that name, in the sample or not.

mod feedback;
mod grades;
mod hostile;
mod inside;
mod repeat;
mod runtimes;
mod shared;
#[path = "../support/mod.rs"]
mod support;

use ipc_workbook_testing::harness::{self, Failed, Trial, arguments};
use ipc_workbook_testing::sample::{exhaustive, replay, sample, seed};
use nix::fcntl::{Flock, FlockArg};
use std::fs::File;
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = arguments();
    let groups = [
        grades::groups(),
        hostile::groups(),
        inside::groups(),
        repeat::groups(),
        runtimes::groups(),
        shared::groups(),
    ];
    let groups: Vec<Group> = groups.into_iter().flatten().collect();
    let all: usize = groups.iter().map(|group| group.trials.len()).sum();
    let named = args.filter.is_some() || args.list;
    let chosen: Vec<Trial> = groups
        .into_iter()
        .flat_map(|group| if named { group.trials } else { sample(group.trials, group.label, group.enough) })
        .map(Named::into_trial)
        .collect();
    if !named && !exhaustive() {
        let (chosen, seed) = (chosen.len(), seed());
        let _ = writeln!(
            std::io::stderr(),
            "{chosen} of {all} trials, the sample of seed {seed}; IPC_WORKBOOK_EXHAUSTIVE=1 runs all of them"
        );
    }
    harness::run(args, chosen)
}

/// Trials of one kind, and the size of a sample.
struct Group {
    label: &'static str,
    enough: usize,
    trials: Vec<Named>,
}

/// A trial. If it fails, it says how to run it again.
struct Named {
    name: String,
    alone: bool,
    body: Box<dyn FnOnce() -> Result<(), Failed> + Send>,
}

/// A trial that must run alone locks this folder. The others share the lock. It is a lock of the kernel, because
/// `.ci/exhaustive` runs each trial in its own process.
const LOCKED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hostile");

impl Named {
    fn new(name: String, body: impl FnOnce() -> Result<(), Failed> + Send + 'static) -> Self {
        Named { name, alone: false, body: Box::new(body) }
    }

    /// No other trial runs beside this one.
    fn alone(self) -> Self {
        Named { alone: true, ..self }
    }

    fn into_trial(self) -> Trial {
        let again = replay(&self.name);
        Trial::test(self.name.clone(), move || {
            self.run().map_err(|failed| {
                let why = failed.message();
                format!("{why}\nthe sample is of seed {}; again: {again}", seed()).into()
            })
        })
    }

    fn run(self) -> Result<(), Failed> {
        let how = if self.alone { FlockArg::LockExclusive } else { FlockArg::LockShared };
        let _until_the_end = Flock::lock(File::open(LOCKED)?, how).map_err(|(_, errno)| errno)?;
        (self.body)()
    }
}

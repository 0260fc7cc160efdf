//! The tests of all programs, and one of them run.

use crate::programs::Program;
use ipc_workbook_testing::run::{command, describe, stdout};
use ipc_workbook_testing::user::{User, become_user};
use std::process::Command;
use std::time::{Duration, Instant};

/// One test, for one user.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    pub(crate) program: Program,
    pub(crate) name: String,
    pub(crate) user: User,
}

/// How a test ended.
pub(crate) struct Ended {
    pub(crate) test: Test,
    pub(crate) took: Duration,
    /// What it printed, if it failed.
    pub(crate) failure: Option<String>,
}

/// Every test of the programs, as every user that can be had here.
pub(crate) fn tests_of(programs: &[Program]) -> Result<Vec<Test>, String> {
    let mut tests = Vec::new();
    for user in User::all() {
        for program in programs {
            if user == User::Nobody && !can_be_reached(program) {
                println!("skipped: an unprivileged user cannot reach {}", program.file.display());
                continue;
            }
            for name in names(program, user)? {
                tests.push(Test { program: program.clone(), name, user });
            }
        }
    }
    Ok(tests)
}

/// Whether nobody can execute it: a folder above may be closed to others.
fn can_be_reached(program: &Program) -> bool {
    let mut look = Command::new("test");
    become_user(&mut look, User::Nobody);
    look.arg("-x").arg(&program.file).status().is_ok_and(|status| status.success())
}

/// The names of its tests.
fn names(program: &Program, user: User) -> Result<Vec<String>, String> {
    let output = start(program, user).arg("--list").output();
    let output = output.map_err(|error| format!("{}: {error}", program.file.display()))?;
    if !output.status.success() {
        return Err(format!("{} lists no tests: {}", program.file.display(), describe(&output)));
    }
    let text = stdout(&output);
    Ok(text.lines().filter_map(|line| line.strip_suffix(": test")).map(String::from).collect())
}

fn start(program: &Program, user: User) -> Command {
    let mut command = command(&program.file);
    become_user(&mut command, user);
    command.current_dir(&program.folder).env("CARGO_MANIFEST_DIR", &program.folder);
    command
}

impl Test {
    /// Runs it to its end.
    pub(crate) fn run(self) -> Ended {
        let start_time = Instant::now();
        let mut command = start(&self.program, self.user);
        let output = command.args(["--exact", "--nocapture", "--test-threads=1", &self.name]).output();
        let failure = match output {
            Ok(output) if output.status.success() => None,
            Ok(output) => Some(describe(&output)),
            Err(error) => Some(error.to_string()),
        };
        Ended { test: self, took: start_time.elapsed(), failure }
    }

    /// What it is known by from one run to the next.
    pub(crate) fn key(&self) -> String {
        format!("{}\t{:?}\t{}", self.program.name, self.user, self.name)
    }
}

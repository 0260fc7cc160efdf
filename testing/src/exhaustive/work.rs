//! The list of all tests, and the run of one test.

use crate::programs::Program;
use ipc_workbook_testing::run::{command, describe, stdout};
use ipc_workbook_testing::user::{User, become_user};
use std::process::Command;
use std::time::{Duration, Instant};

/// One test, or all tests of a program that runs them in one process, as one user.
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
    /// The output of a test that failed.
    pub(crate) failure: Option<String>,
}

/// Lists every test of the programs, once for each user that is available here.
pub(crate) fn tests_of(programs: &[Program]) -> Result<Vec<Test>, String> {
    let mut tests = Vec::new();
    for user in User::all() {
        for program in programs {
            if program.is_whole {
                if user == User::Me {
                    tests.push(Test { program: program.clone(), name: program.name.clone(), user });
                }
                continue;
            }
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

/// Returns whether nobody can execute the program. A folder above it may be closed to other users.
fn can_be_reached(program: &Program) -> bool {
    let mut look = Command::new("test");
    become_user(&mut look, User::Nobody);
    look.arg("-x").arg(&program.file).status().is_ok_and(|status| status.success())
}

/// Lists the names of the program's tests.
fn names(program: &Program, user: User) -> Result<Vec<String>, String> {
    let output = start(program, user).arg("--list").output();
    let output = output.map_err(|error| format!("{}: {error}", program.file.display()))?;
    if !output.status.success() {
        return Err(format!("{} did not list its tests: {}", program.file.display(), describe(&output)));
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
    /// Runs the test to its end.
    pub(crate) fn run(self) -> Ended {
        let start_time = Instant::now();
        let mut command = start(&self.program, self.user);
        if !self.program.is_whole {
            command.args(["--exact", "--nocapture", "--test-threads=1", &self.name]);
        }
        let output = command.output();
        let failure = match output {
            Ok(output) if output.status.success() => None,
            Ok(output) => Some(describe(&output)),
            Err(error) => Some(error.to_string()),
        };
        Ended { test: self, took: start_time.elapsed(), failure }
    }

    /// The line that identifies the test in the list of tests that have passed.
    pub(crate) fn key(&self) -> String {
        format!("{}\t{:?}\t{}", self.program.name, self.user, self.name)
    }
}

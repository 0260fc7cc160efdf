//! The list of all tests, and the run of one test.

use crate::programs::Program;
use ipc_workbook_testing::run::{command, describe, stdout};
use ipc_workbook_testing::sample::{drawn, seed};
use ipc_workbook_testing::trials::name_in_roots_run;
use ipc_workbook_testing::user::{User, become_user};
use std::collections::HashSet;
use std::process::Command;
use std::time::{Duration, Instant};

/// One test, the trials of one lab, or all tests of a program that runs them in one process, as one user.
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

/// How many labs nobody grades again after root. A grade hardly depends on who grades, and grading takes longest here. Other
/// labs are drawn each day.
const LABS_REPEATED_BY_NOBODY: usize = 4;

/// Lists every test of the programs, once for each user that is available here. Leaves out the trials of nobody that
/// are also part of root's run, and most labs of nobody.
pub(crate) fn tests_of(programs: &[Program]) -> Result<Vec<Test>, String> {
    let mut tests: Vec<Test> = Vec::new();
    let mut of_root: HashSet<String> = HashSet::new();
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
            let mut names = names(program, user)?;
            match user {
                User::Me => of_root.extend(names.iter().cloned()),
                User::Nobody => names = of_nobody(names, &of_root),
            }
            let test = |name| Test { program: program.clone(), name, user };
            tests.extend(names.into_iter().map(test));
        }
    }
    Ok(tests)
}

/// Returns the tests that nobody runs after root.
fn of_nobody(names: Vec<String>, of_root: &HashSet<String>) -> Vec<String> {
    let is_new = |name: &String| !of_root.contains(&name_in_roots_run(name));
    let (labs, mut others): (Vec<_>, Vec<_>) =
        names.into_iter().filter(is_new).partition(|name| lab_of(name).is_some());
    others.extend(drawn(labs, seed(), "labs of nobody", LABS_REPEATED_BY_NOBODY));
    others
}

/// Returns whether nobody can execute the program. A folder above it may be closed to other users.
fn can_be_reached(program: &Program) -> bool {
    let mut look = Command::new("test");
    become_user(&mut look, User::Nobody);
    look.arg("-x").arg(&program.file).status().is_ok_and(|status| status.success())
}

/// Returns the beginning of the names of all trials of a lab: `labs/nameless-queue::`. They run in one process, which
/// grades the lab's solution only once to compare the others with it.
fn lab_of(test: &str) -> Option<&str> {
    let end = test.starts_with("labs/").then(|| test.find("::"))??;
    Some(&test[..end + 2])
}

/// Lists the names of the program's tests. The trials of a lab have one common name.
fn names(program: &Program, user: User) -> Result<Vec<String>, String> {
    let output = start(program, user).arg("--list").output();
    let output = output.map_err(|error| format!("{}: {error}", program.file.display()))?;
    if !output.status.success() {
        return Err(format!("{} did not list its tests: {}", program.file.display(), describe(&output)));
    }
    let text = stdout(&output);
    let names = text.lines().filter_map(|line| line.strip_suffix(": test"));
    let mut names: Vec<String> = names.map(|name| lab_of(name).unwrap_or(name).to_string()).collect();
    let mut known = HashSet::new();
    names.retain(|name| known.insert(name.clone()));
    Ok(names)
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
        if lab_of(&self.name).is_some() {
            command.args(["--nocapture", "--test-threads=1", &self.name]);
        } else if !self.program.is_whole {
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

//! Runs every test of which the daily tests take a sample: `.ci/exhaustive`.
//!
//! Each test of each test program runs in its own process. Several run at a time on each processor. They
//! run as the current user, and if that is root, as nobody too. A test that has passed is recorded
//! at once, so that an interrupted run continues where it stopped. A change of the sources starts
//! a new list.

#![allow(unsafe_code)]

mod done;
mod programs;
mod progress;
mod work;

use clap::{Arg, ArgAction, Command};
use done::Done;
use ipc_workbook::cli::{Failure, explain};
use ipc_workbook_testing::lessons::profiles;
use ipc_workbook_testing::sample::EXHAUSTIVE;
use std::process::ExitCode;

fn main() -> ExitCode {
    let flags = Command::new("exhaustive")
        .about("Run every test of which the daily tests take a sample")
        .after_help("Interrupt it whenever you like: the next run continues where this one stopped.\nExit codes: 0, all passed; 1, a test failed; 2, wrong usage; 3, the tests could not be built.")
        .arg(Arg::new("fresh").long("fresh").action(ArgAction::SetTrue).help("Run the tests that have passed, too"))
        .arg(Arg::new("FILTER").help("Run only tests whose name contains this text"))
        .try_get_matches();
    let flags = match flags {
        Ok(flags) => flags,
        Err(error) => return explain("exhaustive", &error),
    };
    // SAFETY: there is only one thread so far. Every process that starts later inherits the variable.
    unsafe { std::env::set_var(EXHAUSTIVE, "1") };
    match run(flags.get_flag("fresh"), flags.get_one::<String>("FILTER").map_or("", String::as_str)) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(failure) => ExitCode::from(failure.report("exhaustive")),
    }
}

/// Runs the tests that have not passed yet, and returns how many failed.
fn run(fresh: bool, filter: &str) -> Result<usize, Failure> {
    let programs = programs::built().map_err(Failure::Machine)?;
    // Computed once here, and inherited by every test process.
    profiles();
    let mut done = Done::open(fresh).map_err(Failure::Machine)?;
    let mut tests = work::tests_of(&programs).map_err(Failure::Machine)?;
    tests.retain(|test| test.name.contains(filter));
    let all = tests.len();
    if all == 0 {
        return Err(Failure::Usage(format!(
            "no test has {filter:?} in its name; cargo test -- --list shows their names"
        )));
    }
    tests.retain(|test| !done.has(test));
    println!("{all} tests; {} of them have passed before", all - tests.len());
    Ok(progress::show(tests, &mut done))
}

//! Everything that the daily tests take a sample of: `.ci/exhaustive`.
//!
//! Each test of each test program runs in a process of its own, as many at a time as there are
//! processors, as whoever starts it and, where that is root, as nobody too. What has passed is
//! written down at once, so that an interrupted run goes on where it was; a change of the
//! sources begins a new list.

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
        .about("Runs every test that the daily tests take a sample of")
        .after_help("Interrupt it whenever you like: the next run goes on where this one was.\nExit codes: 0, all passed; 1, a test failed; 2, wrong usage; 3, the tests cannot be built.")
        .arg(Arg::new("fresh").long("fresh").action(ArgAction::SetTrue).help("Forget what has passed"))
        .arg(Arg::new("FILTER").help("Only tests whose names contain this"))
        .try_get_matches();
    let flags = match flags {
        Ok(flags) => flags,
        Err(error) => return explain("exhaustive", &error),
    };
    // SAFETY: there is one thread yet. Every process that is started from here on inherits it.
    unsafe { std::env::set_var(EXHAUSTIVE, "1") };
    match run(flags.get_flag("fresh"), flags.get_one::<String>("FILTER").map_or("", String::as_str)) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(failure) => ExitCode::from(failure.report("exhaustive")),
    }
}

/// Runs what has not passed yet, and returns how many tests failed.
fn run(fresh: bool, filter: &str) -> Result<usize, Failure> {
    let programs = programs::built().map_err(Failure::Machine)?;
    // Found once, for all the processes that need it.
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

//! Tests of the command `lab`, as a student, a lecturer and an autograder use it.

mod course;
mod doctor;
mod export;
mod interrupted;
mod limits;
mod merged;
mod names;
mod reports;
mod student;
mod submissions;
#[path = "../support/mod.rs"]
mod support;

use ipc_workbook_testing::sample::replay;

/// Prints the command that repeats a test with the same sample; it is shown when the test fails.
fn sampled(test: &str) {
    println!("the same sample again: {}", replay(test));
}

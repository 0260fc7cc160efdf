//! The command `lab`, driven from outside: by a student, by a lecturer, by an autograder.

mod course;
mod doctor;
mod export;
mod interrupted;
mod reports;
mod student;
#[path = "../support/mod.rs"]
mod support;

use ipc_workbook_testing::sample::replay;

/// Says which sample a test draws, and how to draw it again; it is printed when the test fails.
fn sampled(test: &str) {
    println!("the same sample again: {}", replay(test));
}

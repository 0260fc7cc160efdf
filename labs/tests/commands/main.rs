//! The command `lab`, driven from outside: by a student, by a lecturer, by an autograder.

mod course;
mod doctor;
mod export;
mod reports;
mod samples;
mod student;
#[path = "../support/mod.rs"]
mod support;

/// Says which sample a test draws, and how to draw it again; it is printed when the test fails.
fn sampled(test: &str) {
    let again = support::sample::replay(&format!("-p ipc-workbook-labs --test commands -- --exact {test}"));
    println!("the sample is of seed {}; again: {again}", support::sample::seed());
}

//! The command `lab`, driven from outside: by a student, by a lecturer, by an autograder.

mod course;
mod doctor;
mod export;
mod reports;
mod shared;
mod student;
#[path = "../support/mod.rs"]
mod support;

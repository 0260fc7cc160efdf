//! The workbook beside its lessons: the calls, the scripts, the questions, the menu, and the order of the repository.
//!
//! One program, because each costs a second to link. What is tried with each lesson lies in tests/lessons.
#![allow(unsafe_code)]
// A closure carries its test's name, which a function of its own would not.
#![allow(clippy::redundant_closure)]

mod api_table;
mod bugs;
mod calls;
mod claims;
mod console;
mod events_page;
mod lies;
mod pages;
mod perm_demo;
mod quiz;
mod recorded;
mod roles;
mod samples;
mod scripts;
mod tidy;
mod wrap;

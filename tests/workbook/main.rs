//! Tests of everything but the lessons: calls, scripts, questions, menu, and the layout of the repository.
//!
//! They are one program, because each program takes a second to link. tests/lessons tests the lessons.
#![allow(unsafe_code)]
// A closure's type name contains the name of its test. A function would not carry that name.
#![allow(clippy::redundant_closure)]

mod api_table;
mod bugs;
mod calls;
mod claims;
mod console;
mod events_page;
mod harness;
mod lies;
mod orders;
mod pages;
mod perm_demo;
mod quiz;
mod recorded;
mod roles;
mod samples;
mod scripts;
mod tidy;
mod wrap;

//! Shared by the tests of all packages: private namespaces, users, programs run as a student runs
//! them, and seeded samples.
//!
//! | module | contents |
//! | --- | --- |
//! | [`namespace`], [`user`] | where the body of a test runs, and as which user |
//! | [`container`] | a sandbox like a container's |
//! | [`run`], [`paused`], [`terminal`] | programs of the workbook: to the end, by steps, in a terminal |
//! | [`screen`] | what a program prints in a terminal of a given width |
//! | [`lessons`] | the lessons, and an undisturbed run of each |
//! | [`harness`] | runs trials: tests that a program makes when it starts |
//! | [`parallel`] | work that several threads share |
//! | [`trials`], [`sample`] | a trial for each lesson, user and place, or a seeded sample of them |
//! | [`folder`] | temporary folders |
//! | [`compiler`], [`kept`] | C programs, and those that are kept until their source changes |
//! | [`child`] | a forked copy of the test's process |
//! | [`until`] | waiting for a condition, up to a time limit |
//! | [`objects`], [`processes`] | what others have left, and checks that nothing is left |
//! | [`requirement`] | messages for tools that are missing |
//! | [`calls`] | the system calls that lessons make, and the errnos of each |
//! | [`tracer`], [`lies`] | a command under ptrace; a kernel that lies, and the claims that notice |
//! | [`bank`], [`blocks`] | the questions and console blocks, read without the tools' parser |
#![allow(unsafe_code, missing_docs)]
// A helper panics when its test has failed.
#![allow(clippy::missing_panics_doc, clippy::must_use_candidate)]

pub mod bank;
pub mod blocks;
pub mod calls;
pub mod child;
pub mod compiler;
pub mod container;
pub mod folder;
pub mod harness;
pub mod kept;
pub mod lessons;
pub mod lies;
pub mod namespace;
pub mod objects;
pub mod parallel;
pub mod paused;
pub mod prelude;
pub mod processes;
pub mod requirement;
pub mod run;
pub mod sample;
pub mod screen;
pub mod terminal;
pub mod tracer;
pub mod trials;
pub mod until;
pub mod user;

use std::path::Path;

/// Returns the folder of the workbook.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package is in the workbook's folder")
}

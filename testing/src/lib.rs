//! What the tests of all packages share: private namespaces, users, programs as a student
//! runs them, and seeded samples.
//!
//! | module | what |
//! | --- | --- |
//! | [`namespace`], [`user`] | where a test body runs, and as whom |
//! | [`container`] | a sandbox like a container's |
//! | [`run`], [`paused`], [`terminal`] | a program of the workbook: to its end, step by step, in a pseudo-terminal |
//! | [`screen`] | what it shows in a terminal of some width |
//! | [`lessons`] | which lessons there are, and what each is like when nothing goes wrong |
//! | [`trials`], [`sample`] | a trial for each lesson, user and place, or a seeded sample of them |
//! | [`folder`], [`compiler`] | a folder for temporary things, and C programs compiled there |
//! | [`child`] | a copy of this process that does something by itself |
//! | [`until`] | waiting until something is so |
//! | [`objects`], [`processes`] | what others left or hold, and whether anything is left |
//! | [`requirement`] | what is said where something is missing |
//! | [`calls`] | the system calls that lessons make, and the errnos of each |
//! | [`tracer`], [`lies`] | a command under ptrace; a kernel that lies to a lesson, and which claims notice |
//! | [`bank`], [`blocks`] | the questions and the console blocks of the chapters, read without the tools' parser |
#![allow(unsafe_code, missing_docs)]
// A helper that fails has failed its test.
#![allow(clippy::missing_panics_doc, clippy::must_use_candidate)]

pub mod bank;
pub mod blocks;
pub mod calls;
pub mod child;
pub mod compiler;
pub mod container;
pub mod folder;
pub mod lessons;
pub mod lies;
pub mod namespace;
pub mod objects;
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

/// The folder of the workbook.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package lies in the workbook's folder")
}

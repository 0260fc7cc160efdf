//! The builder, called as a user calls it.

mod broken;
mod heads;
mod pdf;
mod pictures;
mod replayed;
mod settings;
#[path = "../support/mod.rs"]
mod support;
mod titles;
mod unbroken;
mod workflow;

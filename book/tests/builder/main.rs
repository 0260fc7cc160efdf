//! The builder, called as a user calls it.

mod broken;
mod settings;
#[path = "../support/mod.rs"]
mod support;

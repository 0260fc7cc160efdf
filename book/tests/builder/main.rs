//! The builder, called as a person calls it.

mod broken;
mod settings;
#[path = "../support/mod.rs"]
mod support;

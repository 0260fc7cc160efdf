//! What the menu does, one file a command.

pub(crate) mod contents;
pub(crate) mod list;
pub(crate) mod run;
pub(crate) mod verify;

/// What the menu calls itself in messages.
pub(crate) const PROGRAM: &str = "ipc-workbook";

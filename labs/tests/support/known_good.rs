//! The known-good programs of a lab: correct programs that are designed differently from the solution, and
//! get full marks as well.

use ipc_workbook_testing::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

/// Returns all of a lab whose interpreter is installed, ordered by name. Reports those that are left out.
pub fn known_good(lab: &Path) -> Vec<PathBuf> {
    let (here, missing): (Vec<_>, Vec<_>) = files(&lab.join("good"))
        .into_iter()
        .partition(|file| interpreter(file).is_none_or(|path| path.exists()));
    for file in missing {
        skip(&format!("{}: its interpreter is not on this machine", file.display()));
    }
    here
}

/// Returns the interpreter that a script names on its first line.
fn interpreter(file: &Path) -> Option<PathBuf> {
    let text = fs::read_to_string(file).ok()?;
    let path = text.lines().next()?.strip_prefix("#!")?.split_whitespace().next()?;
    Some(PathBuf::from(path))
}

//! The folder for data that the workbook keeps between runs.

use std::path::PathBuf;

/// Returns `~/.local/state/ipc-workbook`, or a folder under `XDG_STATE_HOME`. The folder need not exist.
/// Returns `None` if neither `HOME` nor `XDG_STATE_HOME` is an absolute path.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let states = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))?;
    Some(states.join("ipc-workbook"))
}

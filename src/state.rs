//! Where the workbook keeps what it remembers between two runs.

use std::path::PathBuf;

/// `~/.local/state/ipc-workbook`, or where `XDG_STATE_HOME` says. It need not exist. `None`:
/// neither variable names a folder from the root on.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let states = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))?;
    Some(states.join("ipc-workbook"))
}

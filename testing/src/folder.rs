//! A folder for temporary things, which goes also when its test fails.

use std::ops::Deref;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A folder that nobody else has, and that other users may enter.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// `/tmp/ipc-workbook.c-twin.Xb3kQ1`, for `c-twin`.
    pub fn new(what: &str) -> Self {
        Folder::within(&std::env::temp_dir(), what)
    }

    /// As [`Folder::new`], within another folder than the usual one.
    pub fn within(place: &Path, what: &str) -> Self {
        let template = place.join(format!("ipc-workbook.{what}.XXXXXX"));
        let folder = nix::unistd::mkdtemp(&template).expect("a new folder");
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o755)).expect("chmod");
        Folder(folder)
    }
}

impl Deref for Folder {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

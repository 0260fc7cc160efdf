//! A folder for temporary things, which goes also when its test fails; and what lies in a folder.

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

/// The files of a folder, in the order of their names; none if it is not there.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    entries(folder).into_iter().filter(|path| path.is_file()).collect()
}

/// All files below a folder, in order. No link is followed.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let below = |path: PathBuf| {
        if path.is_dir() && !path.is_symlink() { files_below(&path) } else { vec![path] }
    };
    entries(folder).into_iter().flat_map(below).collect()
}

/// What lies in a folder, in the order of the names; nothing if it is not there.
pub fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

/// The text of a file, which must be there. A path that is not absolute begins at the workbook's root.
pub fn text_of(file: impl AsRef<Path>) -> String {
    let file = crate::root().join(file);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The text of a file; empty if there is none.
pub fn text_if_there(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_default()
}

/// The name of a file or folder, without the folders that it lies in.
pub fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

//! Temporary folders, which are removed even when their test fails, and the contents of folders.

use std::ops::Deref;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A folder that no other test uses. Other users may enter it.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Creates a folder such as `/tmp/ipc-workbook.c-twin.Xb3kQ1`, where `what` is `c-twin`.
    pub fn new(what: &str) -> Self {
        Folder::within(&std::env::temp_dir(), what)
    }

    /// Creates a folder like [`Folder::new`], inside `place`.
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

/// Returns the files of a folder, sorted by name. The list is empty if there is no such folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    entries(folder).into_iter().filter(|path| path.is_file()).collect()
}

/// Returns all files below a folder, sorted. Does not follow symbolic links.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let below = |path: PathBuf| {
        if path.is_dir() && !path.is_symlink() { files_below(&path) } else { vec![path] }
    };
    entries(folder).into_iter().flat_map(below).collect()
}

/// Returns the entries of a folder, sorted by name. The list is empty if there is no such folder.
pub fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

/// Returns the text of a file, which must exist. A relative path begins at the workbook's root.
pub fn text_of(file: impl AsRef<Path>) -> String {
    let file = crate::root().join(file);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Returns the text of a file, or an empty string if there is no such file.
pub fn text_if_there(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_default()
}

/// Returns the name of a file or folder, without the path to it.
pub fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

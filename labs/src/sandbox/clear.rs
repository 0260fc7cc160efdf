//! Empties a folder, whatever a submission has made there.

use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Makes `top` an empty folder of mode 0700. No other process may be using it.
///
/// A program can nest folders deeper than a path may be long, and deeper than a process has descriptors. This
/// function therefore never walks down: it moves the contents of a folder up, and then removes the folder.
pub(super) fn clear(top: &Path) -> io::Result<()> {
    if !is_folder(top) {
        // The folder was removed or replaced. A link is removed, not followed.
        let _ = fs::remove_file(top);
        DirBuilder::new().mode(0o700).create(top)?;
    }
    open_up(top)?;
    let mut numbers = 0..;
    loop {
        let folders = remove_files(top)?;
        if folders.is_empty() {
            return Ok(());
        }
        for folder in folders {
            for inner in remove_files(&folder)? {
                // Moving a folder needs write permission for it, because its entry `..` changes.
                open_up(&inner)?;
                let mut places = numbers.by_ref().map(|n: u64| top.join(n.to_string()));
                let free = places.find(|place| fs::symlink_metadata(place).is_err());
                fs::rename(&inner, free.unwrap_or_default())?;
            }
            fs::remove_dir(&folder)?;
        }
    }
}

/// Removes everything but folders, and returns the folders.
fn remove_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    open_up(folder)?;
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if is_folder(&path) {
            folders.push(path);
        } else {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(folders)
}

/// Whether it is a folder; a link to a folder is not.
fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir())
}

fn open_up(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, Permissions::from_mode(0o700))
}

//! Emptying a folder that a submission has filled, whatever it has made there.

use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Makes it an empty folder of mode 0700. Nobody else may be at work in it.
///
/// A program can make folders in folders, deeper than a path may be long and than a process may have
/// descriptors. So nothing is done deep inside: what is in a folder comes up, before the folder goes.
pub(super) fn clear(top: &Path) -> io::Result<()> {
    if !is_folder(top) {
        // It was removed, or something else lies in its place. A link is not followed.
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
                // To move a folder takes the right to write to it: its parent is one of its entries.
                open_up(&inner)?;
                let mut places = numbers.by_ref().map(|n: u64| top.join(n.to_string()));
                let free = places.find(|place| fs::symlink_metadata(place).is_err());
                fs::rename(&inner, free.unwrap_or_default())?;
            }
            fs::remove_dir(&folder)?;
        }
    }
}

/// Removes what is no folder, and returns the folders.
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

/// A link to a folder is none.
fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir())
}

fn open_up(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, Permissions::from_mode(0o700))
}

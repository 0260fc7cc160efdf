//! Finds two files from which ftok(3) makes the same key.

use super::unseen::Unseen;
use std::collections::HashMap;
use std::ffi::CString;
use std::fs::{Metadata, read_dir};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// Returns two different files whose devices end in the same 8 bits and whose inodes end in the same 16 bits.
/// ftok distinguishes only 65536 inodes, so a few hundred files usually contain
/// such a pair. Looks at no more than `bound` files.
pub fn two_files_of_one_key(bound: usize) -> Result<[CString; 2], Unseen> {
    let mut seen: HashMap<(u64, u64), (PathBuf, Metadata)> = HashMap::new();
    for (path, meta) in files().take(bound) {
        let bits = (meta.dev() & 0xff, meta.ino() & 0xffff);
        match seen.get(&bits) {
            // Two names of the same file have the same key, which shows nothing.
            Some((_, first)) if (first.dev(), first.ino()) == (meta.dev(), meta.ino()) => {}
            Some((first, _)) => {
                // A path that the kernel gives has no NUL.
                let text = |path: PathBuf| CString::new(path.into_os_string().into_vec()).unwrap_or_default();
                return Ok([text(first.clone()), text(path)]);
            }
            None => {
                seen.insert(bits, (path, meta));
            }
        }
    }
    Err(Unseen(format!("no two of {} files on this machine have the same key", seen.len())))
}

/// Returns the regular files in folders that every machine has, as far as this user may look.
fn files() -> impl Iterator<Item = (PathBuf, Metadata)> {
    let mut folders: Vec<PathBuf> = ["/usr", "/var", "/opt", "/etc"].map(PathBuf::from).into();
    let mut entries = Vec::new();
    std::iter::from_fn(move || {
        loop {
            let Some(path) = entries.pop() else {
                let folder = read_dir(folders.pop()?);
                entries.extend(folder.into_iter().flatten().flatten().map(|entry| entry.path()));
                continue;
            };
            match path.symlink_metadata() {
                Ok(meta) if meta.is_dir() => folders.push(path),
                Ok(meta) if meta.is_file() => return Some((path, meta)),
                _ => {}
            }
        }
    })
}

//! What a reader finds in a shared memory object.

use super::process::Process;
use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The contents of an object, against those that it is to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contents {
    /// There is no object of that name.
    Absent,
    /// Of these bytes so many are right from the first on, and so many there should be.
    Partly { right: usize, size: usize, of: usize },
    /// All of them, and no more.
    Complete,
}

impl Contents {
    /// Whether the object with this file has all of them now.
    pub(crate) fn are_complete(file: &str, wanted: &str) -> bool {
        Contents::of(file, wanted) == Contents::Complete
    }

    /// Of the object with this file, now.
    pub(crate) fn of(file: &str, wanted: &str) -> Self {
        let Ok(meta) = fs::symlink_metadata(file) else { return Contents::Absent };
        // What is no file is not read: a pipe has no end, and a link may lead out of the sandbox.
        let found = if meta.is_file() { fs::read(file).unwrap_or_default() } else { Vec::new() };
        let right = found.iter().zip(wanted.as_bytes()).take_while(|(found, wanted)| found == wanted).count();
        let (size, of) = (found.len(), wanted.len());
        if right == of && size == of { Contents::Complete } else { Contents::Partly { right, size, of } }
    }
}

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Contents::Absent => f.write_str("no object"),
            Contents::Partly { right, size, of } => {
                write!(f, "an object of {size} bytes, of which {right} are right, for {of}")
            }
            Contents::Complete => f.write_str("all of it"),
        }
    }
}

/// The inodes of all files in /dev/shm that have these contents, with a name or without.
pub(super) fn complete_inodes(processes: &[Process], wanted: &str) -> Vec<u64> {
    let entries = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut paths: Vec<PathBuf> = entries("/dev/shm".into()).map(|entry| entry.path()).collect();
    for process in processes {
        let open = Path::new("/proc").join(process.pid.to_string()).join("fd");
        paths.extend(entries(open).map(|entry| entry.path()));
    }
    let device = fs::metadata("/dev/shm").map(|meta| meta.dev()).ok();
    let metas = paths.into_iter().filter_map(|path| Some((fs::metadata(&path).ok()?, path)));
    // A pipe must not be read: it would not end. And a file of another length need not be.
    let here = metas.filter(|(meta, _)| {
        Some(meta.dev()) == device && meta.is_file() && meta.len() == wanted.len() as u64
    });
    let complete = here.filter(|(_, path)| fs::read(path).is_ok_and(|bytes| bytes == wanted.as_bytes()));
    complete.map(|(meta, _)| meta.ino()).collect()
}

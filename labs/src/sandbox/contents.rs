//! The contents of a shared memory object, as a reader finds them.

use super::process::Process;
use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The contents of an object, compared with the expected ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contents {
    /// No object has this name.
    Absent,
    /// The object has `size` bytes instead of `of`; its first `right` bytes are as expected.
    Partly { right: usize, size: usize, of: usize },
    /// Exactly the expected contents.
    Complete,
}

impl Contents {
    /// Whether the object in this file now has exactly the expected contents.
    pub(crate) fn are_complete(file: &str, wanted: &str) -> bool {
        Contents::of(file, wanted) == Contents::Complete
    }

    /// Compares the object in this file with the expected contents.
    pub(crate) fn of(file: &str, wanted: &str) -> Self {
        let Ok(meta) = fs::symlink_metadata(file) else { return Contents::Absent };
        // Only regular files are read: a pipe has no end, and a link may lead out of the sandbox.
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
                write!(f, "an object of {size} bytes in place of {of}; the first {right} are right")
            }
            Contents::Complete => f.write_str("the complete contents"),
        }
    }
}

/// Returns the inodes of all files in /dev/shm with these contents, whether they still have a name or not.
pub(super) fn complete_inodes(processes: &[Process], wanted: &str) -> Vec<u64> {
    let entries = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut paths: Vec<PathBuf> = entries("/dev/shm".into()).map(|entry| entry.path()).collect();
    for process in processes {
        let open = Path::new("/proc").join(process.pid.to_string()).join("fd");
        paths.extend(entries(open).map(|entry| entry.path()));
    }
    let device = fs::metadata("/dev/shm").map(|meta| meta.dev()).ok();
    let metas = paths.into_iter().filter_map(|path| Some((fs::metadata(&path).ok()?, path)));
    // A pipe must not be read, because it has no end. A file of another length need not be read.
    let here = metas.filter(|(meta, _)| {
        Some(meta.dev()) == device && meta.is_file() && meta.len() == wanted.len() as u64
    });
    let complete = here.filter(|(_, path)| fs::read(path).is_ok_and(|bytes| bytes == wanted.as_bytes()));
    complete.map(|(meta, _)| meta.ino()).collect()
}

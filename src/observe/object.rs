//! POSIX IPC objects: their kinds, and their identity, which does not depend on names.

use crate::number::wide;
use nix::sys::stat::FileStat;
use std::ffi::CStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The three kinds of POSIX IPC object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A message queue.
    Queue,
    /// A named semaphore.
    Semaphore,
    /// A shared memory object.
    SharedMemory,
}

impl Kind {
    /// All three.
    pub const ALL: [Kind; 3] = [Kind::Queue, Kind::Semaphore, Kind::SharedMemory];

    /// Returns the kind as people call it.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Kind::Queue => "queue",
            Kind::Semaphore => "semaphore",
            Kind::SharedMemory => "shared memory object",
        }
    }

    /// Returns the kind as one word, for flags and claims.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Kind::Queue => "queue",
            Kind::Semaphore => "semaphore",
            Kind::SharedMemory => "shared-memory",
        }
    }

    /// Returns the path of the file that an object of this kind and name has with glibc.
    #[must_use]
    pub fn path(self, name: &CStr) -> PathBuf {
        let name = std::ffi::OsStr::from_bytes(
            name.to_bytes().trim_ascii_start().strip_prefix(b"/").unwrap_or(name.to_bytes()),
        );
        match self {
            Kind::Queue => Path::new("/dev/mqueue").join(name),
            Kind::SharedMemory => Path::new("/dev/shm").join(name),
            Kind::Semaphore => {
                let mut file = std::ffi::OsString::from("sem.");
                file.push(name);
                Path::new("/dev/shm").join(file)
            }
        }
    }
}

/// The identity of an object: its file system and its inode there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inode {
    /// The kind of object.
    pub kind: Kind,
    /// `st_dev`.
    pub dev: u64,
    /// `st_ino`.
    pub ino: u64,
}

impl Inode {
    pub(super) fn of(kind: Kind, stat: &FileStat) -> Self {
        Inode { kind, dev: wide(stat.st_dev), ino: wide(stat.st_ino) }
    }
}

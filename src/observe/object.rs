//! POSIX IPC objects: their kinds, and which one it is whatever its names.

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

    /// What people call it.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Kind::Queue => "queue",
            Kind::Semaphore => "semaphore",
            Kind::SharedMemory => "shared memory object",
        }
    }

    /// As a word: for flags and claims.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Kind::Queue => "queue",
            Kind::Semaphore => "semaphore",
            Kind::SharedMemory => "shared-memory",
        }
    }

    /// The file that this kind of object has under `name`, as glibc lays it out.
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

/// One object, whatever its names: the file system and the inode in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inode {
    /// What it is.
    pub kind: Kind,
    /// `st_dev`.
    pub dev: u64,
    /// `st_ino`.
    pub ino: u64,
}

impl Inode {
    pub(super) fn of(kind: Kind, stat: &FileStat) -> Self {
        Inode { kind, dev: stat.st_dev, ino: stat.st_ino }
    }
}

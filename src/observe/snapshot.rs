//! Snapshots: what the kernel shows about one object at one moment.

use super::holders::Holders;
use super::maps::mapped_at;
use super::object::{Inode, Kind};
use super::unseen::{Fact, Unseen};
use crate::call::{Errno, unreported};
use crate::mman::Mapping;
use crate::mqueue::{Mqd, mq_getattr};
use crate::number::signed;
use crate::semaphore::{Sem, sem_getvalue};
use nix::sys::stat::{FileStat, fstat};
use nix::unistd::{AccessFlags, access};
use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;

/// What the kernel showed about one object at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The object's identity.
    pub inode: Inode,
    /// Facts, under the kernel's own names.
    pub facts: Vec<Fact>,
    /// The processes that hold it.
    pub holders: Holders,
}

impl Snapshot {
    fn new(inode: Inode) -> Self {
        Snapshot { inode, facts: vec![("st_ino", Ok(signed(inode.ino)))], holders: Holders::of(inode) }
    }

    fn with(mut self, name: &'static str, value: Result<i64, Unseen>) -> Self {
        self.facts.push((name, value));
        self
    }

    /// Returns the fact with this name.
    pub fn fact(&self, name: &str) -> Result<i64, Unseen> {
        let missing = || Err(Unseen(format!("the kernel shows no {name} for a {}", self.inode.kind.noun())));
        self.facts.iter().find(|(known, _)| *known == name).map_or_else(missing, |(_, value)| value.clone())
    }

    /// Returns how many names the object has.
    pub fn st_nlink(&self) -> Result<i64, Unseen> {
        self.fact("st_nlink")
    }

    /// Returns how many open file descriptions were found in /proc, in all processes
    /// that could be looked into.
    pub fn descriptions(&self) -> Result<usize, Unseen> {
        self.holders.descriptions()
    }

    /// Returns how many descriptors were found.
    pub fn descriptors(&self) -> Result<usize, Unseen> {
        self.holders.looked_everywhere().map(|()| self.holders.descriptors.len())
    }

    /// Returns how many mappings were found.
    pub fn mappings(&self) -> Result<usize, Unseen> {
        self.holders.looked_everywhere().map(|()| self.holders.mappings.len())
    }
}

/// Something about which the kernel shows facts.
pub trait Observe {
    /// Returns what the kernel shows about it now.
    fn snapshot(&self) -> Result<Snapshot, Unseen>;
}

impl<T: Observe + ?Sized> Observe for &T {
    fn snapshot(&self) -> Result<Snapshot, Unseen> {
        (*self).snapshot()
    }
}

impl Observe for Mqd {
    fn snapshot(&self) -> Result<Snapshot, Unseen> {
        let stat = fstat(self).map_err(|errno| Unseen::because("fstat", errno))?;
        let attr = unreported(|| mq_getattr(self)).map_err(|errno| Unseen::because("mq_getattr", errno));
        let status = status_line(self);
        let field = |name| status.as_ref().map_err(Clone::clone).and_then(|line| status_field(line, name));
        Ok(Snapshot::new(Inode::of(Kind::Queue, &stat))
            .with("st_nlink", Ok(signed(stat.st_nlink)))
            .with("mq_curmsgs", attr.map(|attr| signed(attr.mq_curmsgs)))
            .with("QSIZE", field("QSIZE"))
            .with("NOTIFY_PID", field("NOTIFY_PID")))
    }
}

/// Returns a field of a queue's status line: `QSIZE`, `NOTIFY`, `SIGNO` or `NOTIFY_PID`.
pub fn queue_status(mq: &Mqd, field: &str) -> Result<i64, Unseen> {
    status_field(&status_line(mq)?, field)
}

/// Returns what `read(2)` on a queue descriptor reads: not a message, but a line about the queue's state.
fn status_line(mq: &Mqd) -> Result<String, Unseen> {
    let mut line = [0; 256];
    // pread does not move the descriptor's offset from the start of the line.
    let n = nix::sys::uio::pread(mq, &mut line, 0).map_err(|errno| match errno {
        Errno::EBADF => Unseen("the descriptor is not open for reading".into()),
        errno => Unseen::because("read", errno),
    })?;
    Ok(String::from_utf8_lossy(&line[..n]).into_owned())
}

/// Returns a field of the line `QSIZE:5          NOTIFY:0     …` by its name.
fn status_field(line: &str, name: &str) -> Result<i64, Unseen> {
    let mut fields = line.split_whitespace().filter_map(|field| field.split_once(':'));
    let value = fields.find(|(key, _)| *key == name).and_then(|(_, value)| value.parse().ok());
    value.ok_or_else(|| Unseen(format!("the status line has no {name}")))
}

impl Observe for OwnedFd {
    fn snapshot(&self) -> Result<Snapshot, Unseen> {
        let stat = fstat(self).map_err(|errno| Unseen::because("fstat", errno))?;
        Ok(memory(&stat))
    }
}

impl Observe for Mapping {
    fn snapshot(&self) -> Result<Snapshot, Unseen> {
        let (inode, stat) = mapped_at(Kind::SharedMemory, self.address())?;
        Ok(match stat {
            Ok(stat) => memory(&stat),
            Err(unseen) => Snapshot::new(inode).with("st_nlink", names_of(inode, unseen)),
        })
    }
}

fn memory(stat: &FileStat) -> Snapshot {
    Snapshot::new(Inode::of(Kind::SharedMemory, stat))
        .with("st_nlink", Ok(signed(stat.st_nlink)))
        .with("st_size", Ok(signed(stat.st_size)))
        .with("st_blocks", Ok(signed(stat.st_blocks)))
}

impl Observe for Sem {
    fn snapshot(&self) -> Result<Snapshot, Unseen> {
        let (inode, stat) = mapped_at(Kind::Semaphore, self.as_ptr() as usize)?;
        let links = match stat {
            Ok(stat) => Ok(signed(stat.st_nlink)),
            Err(unseen) => names_of(inode, unseen),
        };
        let value = unreported(|| sem_getvalue(self)).map_err(|errno| Unseen::because("sem_getvalue", errno));
        Ok(Snapshot::new(inode).with("st_nlink", links).with("value", value.map(i64::from)))
    }
}

/// An object that this process no longer holds can still be found by its inode.
impl Observe for Inode {
    fn snapshot(&self) -> Result<Snapshot, Unseen> {
        Ok(Snapshot::new(*self))
    }
}

/// Returns the link count of an inode of /dev/shm, by looking at each name there.
fn names_of(inode: Inode, unseen: Unseen) -> Result<i64, Unseen> {
    let mut links = 0;
    for entry in fs::read_dir("/dev/shm").map_err(|_| unseen)? {
        match entry.and_then(|entry| fs::symlink_metadata(entry.path())) {
            Ok(meta) if meta.dev() == inode.dev && meta.ino() == inode.ino => links = signed(meta.nlink()),
            Ok(_) => {}
            // Another object's name, which was removed in the meantime.
            Err(error) if error.raw_os_error() == Some(libc::ENOENT) => {}
            Err(error) => return Err(Unseen::io("/dev/shm", &error)),
        }
    }
    Ok(links)
}

impl Snapshot {
    /// Returns a command that shows the same in another terminal. /proc/PID leads
    /// to objects of a private namespace too.
    #[must_use]
    pub fn command(&self) -> Option<String> {
        match (self.holders.descriptors.first(), self.holders.mappings.first()) {
            // Opening the link of a descriptor opens the queue again, so the mode must permit it.
            (Some(held), _) if self.inode.kind == Kind::Queue => {
                let link = format!("/proc/{}/fd/{}", held.pid, held.fd);
                let readable = access(link.as_str(), AccessFlags::R_OK).is_ok();
                Some(format!("{} {link}", if readable { "cat" } else { "stat -L" }))
            }
            (Some(held), _) => Some(format!("stat -L /proc/{}/fd/{}", held.pid, held.fd)),
            (None, Some(held)) => Some(format!("grep ' {} ' /proc/{}/maps", self.inode.ino, held.pid)),
            (None, None) => None,
        }
    }
}

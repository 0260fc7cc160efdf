//! The mappings of a process, as /proc/PID/maps shows them.

use super::object::{Inode, Kind};
use super::unseen::Unseen;
use crate::number::signed;
use crate::semaphore::Sem;
use nix::sys::stat::FileStat;
use std::fs;

/// The fields of a line of /proc/PID/maps that identify the mapped file.
pub(super) struct MapsLine {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) dev: u64,
    pub(super) ino: u64,
}

impl MapsLine {
    /// Parses `7fe07ca00000-7fe07ca01000 rw-s 00000000 00:1b 2    /dev/shm/sem.x`.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split_ascii_whitespace();
        let (start, end) = fields.next()?.split_once('-')?;
        let (major, minor) = fields.nth(2)?.split_once(':')?;
        let ino = fields.next()?.parse().ok()?;
        let hex = |text: &str| u32::from_str_radix(text, 16).ok();
        Some(MapsLine {
            start: usize::from_str_radix(start, 16).ok()?,
            end: usize::from_str_radix(end, 16).ok()?,
            dev: libc::makedev(hex(major)?, hex(minor)?),
            ino,
        })
    }
}

/// Returns the object that is mapped at `address` in this process: its inode from
/// /proc/self/maps, and its stat through /proc/self/map_files. To follow the links there, a process needs
/// `CAP_CHECKPOINT_RESTORE`.
pub(super) fn mapped_at(kind: Kind, address: usize) -> Result<(Inode, Result<FileStat, Unseen>), Unseen> {
    let maps =
        fs::read_to_string("/proc/self/maps").map_err(|error| Unseen::io("/proc/self/maps", &error))?;
    let line = maps.lines().filter_map(MapsLine::parse).find(|line| line.start == address);
    let line = line.ok_or_else(|| Unseen(format!("nothing is mapped at {address:#x}")))?;
    let inode = Inode { kind, dev: line.dev, ino: line.ino };
    let file = format!("/proc/self/map_files/{:x}-{:x}", line.start, line.end);
    let stat = nix::sys::stat::stat(file.as_str())
        .map_err(|errno| Unseen::because("stat of /proc/self/map_files", errno));
    Ok((inode, stat))
}

/// Returns the path that /proc/self/maps shows for a semaphore.
pub fn mapped_path(sem: &Sem) -> Result<String, Unseen> {
    maps_entry(sem.as_ptr() as usize).map(|(_, path)| path)
}

/// Returns the inode and the path that /proc/self/maps shows for the mapping at this address.
pub fn maps_entry(address: usize) -> Result<(i64, String), Unseen> {
    let maps =
        fs::read_to_string("/proc/self/maps").map_err(|error| Unseen::io("/proc/self/maps", &error))?;
    let line = maps.lines().find(|line| line.starts_with(&format!("{address:x}-")));
    let entry = line.and_then(|line| {
        let path = line[line.find('/')?..].to_string();
        Some((signed(MapsLine::parse(line)?.ino), path))
    });
    entry.ok_or_else(|| Unseen(format!("/proc/self/maps shows no file at {address:#x}")))
}

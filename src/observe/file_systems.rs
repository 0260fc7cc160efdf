//! Facts about file systems: how much is in use, and how they are mounted.

use super::unseen::Unseen;
use crate::number::{signed, wide};
use nix::sys::stat::{fstat, major};
use nix::sys::statfs::{FsType, TMPFS_MAGIC, fstatfs};
use nix::sys::statvfs::{FsFlags, statvfs};
use std::fs;
use std::os::fd::AsFd;

/// Returns the bytes in use on /dev/shm, as `statvfs(3)` counts them.
pub fn shm_used() -> Result<i64, Unseen> {
    let stat = statvfs("/dev/shm").map_err(|errno| Unseen::because("statvfs(/dev/shm)", errno))?;
    Ok(signed(wide(stat.blocks() - stat.blocks_free()) * wide(stat.fragment_size())))
}

/// Returns whether the file system of an open file uses no device.
///
/// A device number whose major part is not 0 belongs to a disk. If the major part is 0, as for tmpfs but
/// also for btrfs, the file system's line in /proc/filesystems decides.
pub fn has_no_device(file: impl AsFd) -> Result<bool, Unseen> {
    let stat = fstat(&file).map_err(|errno| Unseen::because("fstat", errno))?;
    if major(stat.st_dev) != 0 {
        return Ok(false);
    }
    let statfs = fstatfs(&file).map_err(|errno| Unseen::because("fstatfs", errno))?;
    let system = match statfs.filesystem_type() {
        TMPFS_MAGIC => "tmpfs",
        MQUEUE_MAGIC => "mqueue",
        other => {
            return Err(Unseen(format!("fstatfs returns a type that this lesson does not know: {other:?}")));
        }
    };
    let list =
        fs::read_to_string("/proc/filesystems").map_err(|error| Unseen::io("/proc/filesystems", &error))?;
    let mut types = list.lines().filter_map(|line| line.split_once('\t'));
    let found = types.find(|(_, name)| *name == system).map(|(nodev, _)| nodev == "nodev");
    found.ok_or_else(|| Unseen(format!("/proc/filesystems has no line for {system}")))
}

/// The file system type that `statfs(2)` returns for a queue; libc has no name for it.
const MQUEUE_MAGIC: FsType = FsType(0x1980_0202);

/// Returns `Ok` unless the file system at `path` is mounted noexec.
pub fn may_execute_from(path: &str) -> Result<(), Unseen> {
    let stat = statvfs(path).map_err(|errno| Unseen::because(&format!("statvfs({path})"), errno))?;
    if stat.flags().contains(FsFlags::ST_NOEXEC) {
        return Err(Unseen(format!("{path} is mounted noexec, so no file on it can be executed")));
    }
    Ok(())
}

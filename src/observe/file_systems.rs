//! File systems: what is in use, and what they are good for.

use super::unseen::{Unseen, signed};
use nix::sys::stat::{fstat, major};
use nix::sys::statfs::{FsType, TMPFS_MAGIC, fstatfs};
use nix::sys::statvfs::{FsFlags, statvfs};
use std::fs;
use std::os::fd::AsFd;

/// The bytes in use on /dev/shm, as `statvfs(3)` counts them.
pub fn shm_used() -> Result<i64, Unseen> {
    let stat = statvfs("/dev/shm").map_err(|errno| Unseen::because("statvfs(/dev/shm)", errno))?;
    Ok(signed((stat.blocks() - stat.blocks_free()) * stat.fragment_size()))
}

/// Whether the file system of an open file keeps its bytes on no device.
///
/// A device number with a major part is a disk's. Where the major part is 0 the type
/// decides, as the kernel lists it: tmpfs has such a number, and btrfs too.
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
            return Err(Unseen(format!("fstatfs says a type that this lesson does not know: {other:?}")));
        }
    };
    let list =
        fs::read_to_string("/proc/filesystems").map_err(|error| Unseen::io("/proc/filesystems", &error))?;
    let mut types = list.lines().filter_map(|line| line.split_once('\t'));
    let found = types.find(|(_, name)| *name == system).map(|(nodev, _)| nodev == "nodev");
    found.ok_or_else(|| Unseen(format!("/proc/filesystems has no {system}")))
}

/// What `statfs(2)` says of a queue; libc has no name for it.
const MQUEUE_MAGIC: FsType = FsType(0x1980_0202);

/// Whether files on the file system at `path` may be executed at all.
pub fn may_execute_from(path: &str) -> Result<(), Unseen> {
    let stat = statvfs(path).map_err(|errno| Unseen::because(&format!("statvfs({path})"), errno))?;
    if stat.flags().contains(FsFlags::ST_NOEXEC) {
        return Err(Unseen(format!("{path} is mounted noexec")));
    }
    Ok(())
}

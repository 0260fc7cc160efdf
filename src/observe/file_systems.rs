//! File systems: what is in use, and what they are good for.

use super::unseen::{Unseen, signed};
use nix::sys::statvfs::{FsFlags, statvfs};
use std::fs;

/// The bytes in use on /dev/shm, as `statvfs(3)` counts them.
pub fn shm_used() -> Result<i64, Unseen> {
    let stat = statvfs("/dev/shm").map_err(|errno| Unseen::because("statvfs(/dev/shm)", errno))?;
    Ok(signed((stat.blocks() - stat.blocks_free()) * stat.fragment_size()))
}

/// Whether file systems of that type keep their bytes on no device, `nodev`, as
/// the kernel lists them.
pub fn is_without_device(system: &str) -> Result<bool, Unseen> {
    let list =
        fs::read_to_string("/proc/filesystems").map_err(|error| Unseen::io("/proc/filesystems", &error))?;
    let mut types = list.lines().filter_map(|line| line.split_once('\t'));
    let found = types.find(|(_, name)| *name == system).map(|(nodev, _)| nodev == "nodev");
    found.ok_or_else(|| Unseen(format!("/proc/filesystems has no {system}")))
}

/// Whether files on the file system at `path` may be executed at all.
pub fn may_execute_from(path: &str) -> Result<(), Unseen> {
    let stat = statvfs(path).map_err(|errno| Unseen::because(&format!("statvfs({path})"), errno))?;
    if stat.flags().contains(FsFlags::ST_NOEXEC) {
        return Err(Unseen(format!("{path} is mounted noexec")));
    }
    Ok(())
}

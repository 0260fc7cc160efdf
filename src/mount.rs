//! `<sys/mount.h>`: mounts of file systems.

use crate::call::{Result, flags_text, name_text, report};
use nix::mount::{MntFlags, MsFlags};
use std::ffi::{CStr, c_ulong};

/// `int mount(const char *source, const char *target, const char *filesystemtype, unsigned long mountflags,
/// const void *data);`
///
/// Mounts a new file system on the directory `target`. `data` has the options of the file system, such as
/// `size=64k` for tmpfs. For a file system without a device, `source` is only a name that people read.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | a directory of the path cannot be searched |
/// | `EINVAL` | the file system does not know the options in `data` |
/// | `ENAMETOOLONG` | the path, or a component of it, is too long |
/// | `ENODEV` | the kernel does not know the file system |
/// | `ENOENT` | the target does not exist |
/// | `ENOMEM` | not enough memory |
/// | `ENOTDIR` | the target is not a directory |
/// | `EPERM` | the caller has no `CAP_SYS_ADMIN` |
///
/// Manual page: [mount(2)](https://man7.org/linux/man-pages/man2/mount.2.html).
pub fn mount(
    source: &CStr,
    target: &CStr,
    filesystemtype: &CStr,
    mountflags: c_ulong,
    data: Option<&CStr>,
) -> Result<()> {
    let flags = MsFlags::from_bits_retain(mountflags);
    let result = nix::mount::mount(Some(source), target, Some(filesystemtype), flags, data);
    report("mount", &result, || {
        let [source, target, kind] = [source, target, filesystemtype].map(name_text);
        let names =
            [(libc::MS_RDONLY, "MS_RDONLY"), (libc::MS_NOSUID, "MS_NOSUID"), (libc::MS_NODEV, "MS_NODEV")];
        let names = names.map(|(bit, name)| (i32::try_from(bit).unwrap_or(0), name));
        let flags = flags_text(i32::try_from(mountflags).unwrap_or(i32::MAX), String::new(), &names);
        format!("{source}, {target}, {kind}, {flags}, {}", data.map_or("NULL".into(), name_text))
    });
    result
}

/// `int umount(const char *target);`
///
/// Removes the topmost mount on `target`.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | a directory of the path cannot be searched |
/// | `EBUSY` | a process has a file of the mount open, or works in one of its directories |
/// | `EINVAL` | nothing is mounted there, or this process may not remove that mount |
/// | `ENAMETOOLONG` | the path, or a component of it, is too long |
/// | `ENOENT` | the target does not exist |
/// | `ENOMEM` | not enough memory |
/// | `EPERM` | the caller has no `CAP_SYS_ADMIN` |
///
/// Manual page: [umount(2)](https://man7.org/linux/man-pages/man2/umount.2.html).
pub fn umount(target: &CStr) -> Result<()> {
    let result = nix::mount::umount2(target, MntFlags::empty());
    report("umount", &result, || name_text(target));
    result
}

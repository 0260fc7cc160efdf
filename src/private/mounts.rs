//! Mounts the file systems of a private namespace.

use super::refused::{Refused, refused};
use crate::call::{Errno, Result};
use nix::mount::{MsFlags, mount};
use std::ffi::CStr;

/// Mounts a private /dev/shm and /dev/mqueue. If /dev/mqueue does not exist, it must
/// not be created in the shared /dev, so a private /dev is built first.
pub(super) fn mount_private_file_systems(mqueue: bool) -> std::result::Result<(), Refused> {
    let none: Option<&CStr> = None;
    let safe = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    let size = Some(c"size=64m,mode=1777");
    // Without this, the mounts below could become visible outside.
    mount(none, c"/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)
        .map_err(refused("mount(MS_PRIVATE)"))?;
    mount(Some(c"shm"), c"/dev/shm", Some(c"tmpfs"), safe, size)
        .map_err(refused("mount tmpfs on /dev/shm"))?;
    // SAFETY: the path ends in a NUL.
    let exists = unsafe { libc::access(c"/dev/mqueue".as_ptr(), libc::F_OK) } == 0;
    if !mqueue {
        let empty =
            if exists { mount(Some(c"none"), c"/dev/mqueue", Some(c"tmpfs"), safe, size) } else { Ok(()) };
        return empty.map_err(refused("mount tmpfs on /dev/mqueue"));
    }
    if exists {
        return mount(Some(c"mqueue"), c"/dev/mqueue", Some(c"mqueue"), safe | MsFlags::MS_NOEXEC, none)
            .map_err(refused("mount mqueue on /dev/mqueue"));
    }
    build_private_dev().map_err(refused("mount of a private /dev"))
}

/// Builds a /dev in the new /dev/shm, with bind mounts of the shared devices,
/// and then mounts it on /dev.
fn build_private_dev() -> Result<()> {
    const DEVICES: [(&CStr, &CStr); 6] = [
        (c"/dev/null", c"/dev/shm/null"),
        (c"/dev/zero", c"/dev/shm/zero"),
        (c"/dev/full", c"/dev/shm/full"),
        (c"/dev/random", c"/dev/shm/random"),
        (c"/dev/urandom", c"/dev/shm/urandom"),
        (c"/dev/tty", c"/dev/shm/tty"),
    ];
    const LINKS: [(&CStr, &CStr); 5] = [
        (c"/proc/self/fd", c"/dev/shm/fd"),
        (c"/proc/self/fd/0", c"/dev/shm/stdin"),
        (c"/proc/self/fd/1", c"/dev/shm/stdout"),
        (c"/proc/self/fd/2", c"/dev/shm/stderr"),
        (c"pts/ptmx", c"/dev/shm/ptmx"),
    ];
    let none: Option<&CStr> = None;
    let safe = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    for (device, here) in DEVICES {
        make_file(here)?;
        // A container may lack some devices. That is no error, since lessons do not need all of them.
        let _ = mount(Some(device), here, none, MsFlags::MS_BIND, none);
    }
    for (target, link) in LINKS {
        // SAFETY: both paths end in a NUL.
        Errno::result(unsafe { libc::symlink(target.as_ptr(), link.as_ptr()) })?;
    }
    for directory in [c"/dev/shm/pts", c"/dev/shm/shm", c"/dev/shm/mqueue"] {
        // SAFETY: the path ends in a NUL.
        Errno::result(unsafe { libc::mkdir(directory.as_ptr(), 0o755) })?;
    }
    let _ = mount(Some(c"/dev/pts"), c"/dev/shm/pts", none, MsFlags::MS_BIND, none);
    mount(Some(c"shm"), c"/dev/shm/shm", Some(c"tmpfs"), safe, Some(c"size=64m,mode=1777"))?;
    mount(Some(c"mqueue"), c"/dev/shm/mqueue", Some(c"mqueue"), safe | MsFlags::MS_NOEXEC, none)?;
    // In a sticky directory that everybody may write to, open(2) with O_CREAT may refuse
    // files of other users (fs.protected_regular). A shell opens >/dev/null with O_CREAT.
    // SAFETY: the path ends in a NUL.
    Errno::result(unsafe { libc::chmod(c"/dev/shm".as_ptr(), 0o755) })?;
    mount(Some(c"/dev/shm"), c"/dev", none, MsFlags::MS_BIND | MsFlags::MS_REC, none)
}

fn make_file(path: &CStr) -> Result<()> {
    // SAFETY: the path ends in a NUL; the descriptor is closed at once.
    unsafe {
        let fd = Errno::result(libc::open(
            path.as_ptr(),
            libc::O_CREAT | libc::O_WRONLY | libc::O_CLOEXEC,
            0o600,
        ))?;
        libc::close(fd);
    }
    Ok(())
}

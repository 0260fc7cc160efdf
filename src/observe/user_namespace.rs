//! The user namespace of this process: which users it has, and which objects its capabilities cover.

use super::unseen::Unseen;
use crate::call::Errno;
use std::fs;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;

/// Returns whether this user namespace has this user.
pub fn has_uid(uid: u32) -> Result<bool, Unseen> {
    maps_id("/proc/self/uid_map", uid)
}

/// Returns whether this user namespace has this group.
pub fn has_gid(gid: u32) -> Result<bool, Unseen> {
    maps_id("/proc/self/gid_map", gid)
}

/// Returns whether a line of the map, `FIRST FIRST-OUTSIDE COUNT`, contains the id.
fn maps_id(file: &str, id: u32) -> Result<bool, Unseen> {
    let map = fs::read_to_string(file).map_err(|error| Unseen::io(file, &error))?;
    Ok(map.lines().any(|line| {
        let fields: Vec<u64> = line.split_whitespace().filter_map(|field| field.parse().ok()).collect();
        matches!(fields[..], [first, _, count] if (first..first + count).contains(&u64::from(id)))
    }))
}

/// Returns whether this process is in the initial user namespace, the one in which the machine was started. The
/// kernel gives it always the same inode number.
#[must_use]
pub fn is_in_initial_user_namespace() -> bool {
    fs::read_link("/proc/self/ns/user").is_ok_and(|link| link.as_os_str() == "user:[4026531837]")
}

/// Returns `Ok` if the capabilities of this process apply to its IPC namespace. They do not if the IPC
/// namespace belongs to a parent of this process's user namespace.
pub fn reaches_ipc_namespace() -> Result<(), Unseen> {
    const NS_GET_USERNS: libc::c_ulong = 0xb701; // <linux/nsfs.h>
    let open = |file: &str| fs::File::open(file).map_err(|error| Unseen::io(file, &error));
    let (ipc, user) = (open("/proc/self/ns/ipc")?, open("/proc/self/ns/user")?);
    // SAFETY: the request takes no argument.
    let owner = Errno::result(unsafe { libc::ioctl(ipc.as_raw_fd(), NS_GET_USERNS) }).map(|fd| {
        // SAFETY: the call has just made this descriptor.
        fs::File::from(unsafe { OwnedFd::from_raw_fd(fd) })
    });
    let inode = |file: &fs::File| file.metadata().map(|meta| meta.ino()).ok();
    match owner {
        Ok(owner) if inode(&owner) == inode(&user) => Ok(()),
        Ok(_) | Err(Errno::EPERM) => {
            Err(Unseen("this needs root in the user namespace that owns this IPC namespace".into()))
        }
        Err(errno) => Err(Unseen::because("ioctl(NS_GET_USERNS)", errno)),
    }
}

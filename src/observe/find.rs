//! Finds objects by their names.

use super::object::{Inode, Kind};
use crate::call::Errno;
use nix::sys::stat::{fstat, lstat};
use std::ffi::CStr;
use std::os::fd::{FromRawFd, OwnedFd};

/// An object found under a name.
#[derive(Debug)]
pub struct Found {
    /// The object's identity.
    pub inode: Inode,
    /// The uid of its owner.
    pub uid: u32,
}

/// Returns the object of this kind and name, if there is one.
pub fn find(kind: Kind, name: &CStr) -> Result<Option<Found>, Errno> {
    let stat = match kind {
        // /dev/mqueue may not be mounted, or may show another namespace. mq_open always finds the
        // queue of this namespace.
        Kind::Queue => {
            // SAFETY: `name` ends in a NUL.
            let fd = unsafe { libc::mq_open(name.as_ptr(), libc::O_RDONLY | libc::O_NONBLOCK) };
            Errno::result(fd).and_then(|fd| {
                // SAFETY: the call has just made this descriptor.
                let fd = unsafe { OwnedFd::from_raw_fd(fd) };
                fstat(&fd)
            })
        }
        _ => lstat(&kind.path(name)),
    };
    match stat {
        Ok(stat) => Ok(Some(Found { inode: Inode::of(kind, &stat), uid: stat.st_uid })),
        Err(Errno::ENOENT) => Ok(None),
        Err(errno) => Err(errno),
    }
}

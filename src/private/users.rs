//! A user namespace with an IPC and a mount namespace, and its id maps.

use super::refused::{Refused, refused};
use crate::call::{Errno, Result};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{Gid, Uid, getpid};
use std::ffi::{CStr, c_int};
use std::io::Write;

/// The id maps of a user namespace, prepared before a process enters it.
#[derive(Debug)]
pub(crate) struct IdMaps {
    uids: Vec<u8>,
    gids: Vec<u8>,
    /// Whether each map has more than one id. Only root may write such maps.
    of_all: bool,
    /// Why the maps of this process could not be read.
    unreadable: Option<Refused>,
}

impl IdMaps {
    /// Makes the maps for this user. Root maps all users, so that it can still switch to another one. An
    /// ordinary user may map only itself.
    pub(super) fn of(uid: Uid, gid: Gid) -> Self {
        if !uid.is_root() {
            return IdMaps::of_one((uid, uid), (gid, gid));
        }
        match (all_ids("/proc/self/uid_map"), all_ids("/proc/self/gid_map")) {
            (Ok(uids), Ok(gids)) => IdMaps { uids, gids, of_all: true, unreadable: None },
            (Err(refused), _) | (_, Err(refused)) => {
                IdMaps { uids: Vec::new(), gids: Vec::new(), of_all: true, unreadable: Some(refused) }
            }
        }
    }

    /// Makes maps of one user and one group. Each pair is the id inside and the id outside.
    pub(crate) fn of_one(uid: (Uid, Uid), gid: (Gid, Gid)) -> Self {
        IdMaps {
            uids: format!("{} {} 1\n", uid.0, uid.1).into_bytes(),
            gids: format!("{} {} 1\n", gid.0, gid.1).into_bytes(),
            of_all: false,
            unreadable: None,
        }
    }

    /// Writes the maps for the user namespace that this process has just entered.
    pub(crate) fn write(&self) -> std::result::Result<(), Refused> {
        // Without this an unprivileged process may not write gid_map.
        put(c"/proc/self/setgroups", b"deny").map_err(refused("write to /proc/self/setgroups"))?;
        put(c"/proc/self/uid_map", &self.uids).map_err(refused("write to /proc/self/uid_map"))?;
        put(c"/proc/self/gid_map", &self.gids).map_err(refused("write to /proc/self/gid_map"))
    }
}

/// The exit code of a child that could not read the signal to begin.
const NOT_READ: c_int = 1;
/// The exit code of a child that could not write the maps.
const NOT_MAPPED: c_int = 2;

/// Moves this process into new user, IPC and mount namespaces.
pub(super) fn separate(maps: &IdMaps) -> std::result::Result<(), Refused> {
    if let Some(refused) = maps.unreadable {
        return Err(refused);
    }
    let ipc_and_mounts = CloneFlags::CLONE_NEWIPC | CloneFlags::CLONE_NEWNS;
    if !maps.of_all {
        // A process that has changed its uid is not dumpable, and its files in
        // /proc/self then belong to root.
        nix::sys::prctl::set_dumpable(true).map_err(refused("prctl(PR_SET_DUMPABLE)"))?;
        unshare(CloneFlags::CLONE_NEWUSER | ipc_and_mounts)
            .map_err(refused("unshare(CLONE_NEWUSER|CLONE_NEWIPC|CLONE_NEWNS)"))?;
        return maps.write();
    }
    // Maps with more than one uid must be written from outside, so a child stays outside to do that.
    let mut ends = [0; 2];
    // SAFETY: `ends` has room for the two descriptors.
    Errno::result(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) }).map_err(refused("pipe2"))?;
    let inside = getpid().as_raw();
    // SAFETY: the child makes system calls only, and leaves by _exit.
    let mapper = Errno::result(unsafe { libc::fork() }).map_err(refused("fork"))?;
    if mapper == 0 {
        let mut go = [0u8];
        // SAFETY: `go` has room for the one byte; the descriptors are this child's own copies.
        unsafe {
            libc::close(ends[1]);
            let failure = if libc::read(ends[0], go.as_mut_ptr().cast(), 1) != 1 {
                NOT_READ
            } else if put_of(inside, "uid_map", &maps.uids).is_err()
                || put_of(inside, "gid_map", &maps.gids).is_err()
            {
                NOT_MAPPED
            } else {
                0
            };
            libc::_exit(failure);
        }
    }
    let separated = unshare(CloneFlags::CLONE_NEWUSER | ipc_and_mounts);
    let mut status = 0;
    // SAFETY: plain calls on this function's own descriptors and child.
    let mapped = unsafe {
        if separated.is_ok() {
            libc::write(ends[1], b"!".as_ptr().cast(), 1);
        }
        libc::close(ends[0]);
        libc::close(ends[1]);
        Errno::result(libc::waitpid(mapper, &raw mut status, 0))
    };
    match separated {
        Ok(()) if mapped.is_err() => mapped.map(drop).map_err(refused("waitpid")),
        Ok(()) if status == 0 => Ok(()),
        Ok(()) if libc::WEXITSTATUS(status) == NOT_READ => {
            Err(Refused { call: "read from a pipe", errno: Errno::EIO })
        }
        Ok(()) => Err(Refused { call: "write to uid_map", errno: Errno::EPERM }),
        // This machine allows no user namespaces, but root does not need one.
        Err(_) => unshare(ipc_and_mounts).map_err(refused("unshare(CLONE_NEWIPC|CLONE_NEWNS)")),
    }
}

/// Returns a map of all ids of this user namespace to themselves: `0 0 4294967295`.
fn all_ids(file: &'static str) -> std::result::Result<Vec<u8>, Refused> {
    let mine = std::fs::read_to_string(file).map_err(|error| Refused {
        call: "read of /proc/self/uid_map or gid_map",
        errno: Errno::from_raw(error.raw_os_error().unwrap_or(0)),
    })?;
    let mut map = Vec::new();
    for line in mine.lines() {
        let mut fields = line.split_whitespace();
        if let (Some(inside), Some(_), Some(count)) = (fields.next(), fields.next(), fields.next()) {
            let _ = writeln!(map, "{inside} {inside} {count}");
        }
    }
    Ok(map)
}

/// Writes a file with a single write(2), as the kernel demands for id maps.
fn put(path: &CStr, text: &[u8]) -> Result<()> {
    // SAFETY: the path ends in a NUL, and `text` outlives the call.
    unsafe {
        let fd = Errno::result(libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC))?;
        let written = Errno::result(libc::write(fd, text.as_ptr().cast(), text.len()));
        libc::close(fd);
        written.map(drop)
    }
}

/// Writes /proc/PID/FILE. The path is built on the stack, so nothing is allocated.
fn put_of(pid: libc::pid_t, file: &str, text: &[u8]) -> Result<()> {
    let mut path = [0u8; 64];
    // The last byte stays 0, whatever is written.
    let _ = write!(&mut path[..63], "/proc/{pid}/{file}");
    put(CStr::from_bytes_until_nul(&path).map_err(|_| Errno::ENAMETOOLONG)?, text)
}

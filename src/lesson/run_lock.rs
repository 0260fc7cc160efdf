//! What only one run may do at a time.
//!
//! Two runs that use one name would take each other's objects for leftovers. So each
//! binds an abstract Unix socket, whose name vanishes with the process, however it ends.

use crate::call::Errno;
use crate::cli::Failure;
use crate::fcntl::out_of_the_way;
use crate::fnv::fnv1a;
use std::cell::RefCell;
use std::os::fd::OwnedFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// The right to do something alone, until it is dropped.
#[derive(Debug)]
pub(super) struct RunLock(#[allow(dead_code)] Option<OwnedFd>);

/// Somebody else is at it.
#[derive(Debug)]
pub(super) struct Busy;

impl RunLock {
    /// The right to `what`, for this user within the namespace `kind` (`ipc`, `mnt`, `user`)
    /// of this process. Where there are no such sockets, everybody has it.
    pub(super) fn take(kind: &str, what: &str) -> Result<Self, Busy> {
        // The socket's name has 107 bytes at most, an object's 255.
        let address = prefix(kind)
            .map(|prefix| SocketAddr::from_abstract_name(format!("{prefix}{:016x}", fnv1a(what.bytes()))));
        let Some(Ok(address)) = address else { return Ok(RunLock(None)) };
        match UnixDatagram::bind_addr(&address) {
            Ok(socket) => Ok(RunLock(Some(out_of_the_way(socket.into())))),
            Err(error) if error.raw_os_error() == Some(Errno::EADDRINUSE as i32) => Err(Busy),
            Err(_) => Ok(RunLock(None)),
        }
    }
}

fn prefix(kind: &str) -> Option<String> {
    let namespace = std::fs::metadata(format!("/proc/self/ns/{kind}")).ok()?.ino();
    Some(format!("ipc-workbook {kind} {namespace} {} ", nix::unistd::geteuid()))
}

/// The names and keys that this run uses, and no other run of this user may use meanwhile.
#[derive(Debug, Default)]
pub(super) struct Locks(RefCell<Vec<(String, RunLock)>>);

impl Locks {
    /// From now on no other run uses `what`; while one does, `remedy` helps.
    pub(super) fn take(&self, what: &str, remedy: &str) -> Result<(), Failure> {
        if self.0.borrow().iter().any(|(locked, _)| locked == what) {
            return Ok(());
        }
        let Ok(lock) = RunLock::take("ipc", what) else {
            return Err(Failure::Machine(format!(
                "another run uses {what} just now; wait for it, or {remedy}"
            )));
        };
        self.0.borrow_mut().push((what.into(), lock));
        Ok(())
    }
}

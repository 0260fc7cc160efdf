//! What only one run may do at a time.
//!
//! Two runs that use one name would take each other's objects for leftovers,
//! and two that measure would measure each other. So each binds an abstract
//! Unix socket, whose name vanishes with the process, however it ends.

use crate::call::Errno;
use crate::cli::Failure;
use crate::fnv::fnv1a;
use crate::observe::Unseen;
use nix::fcntl::{FcntlArg, fcntl};
use std::cell::RefCell;
use std::os::fd::{AsFd, FromRawFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

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

    /// The right to measure, for which it is worth waiting: nobody has it for long.
    pub(super) fn wait_to_measure(kind: &str, what: &str) -> Result<Self, Unseen> {
        for _ in 0..200 {
            if let Ok(lock) = RunLock::take(kind, what) {
                return Ok(lock);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Err(Unseen("another run is measuring, and does not come to an end".into()))
    }

    /// How many such rights there are, of this run and of this user's others.
    pub(super) fn count(kind: &str) -> usize {
        let Some(prefix) = prefix(kind) else { return 0 };
        let sockets = std::fs::read_to_string("/proc/net/unix").unwrap_or_default();
        sockets.lines().filter(|line| line.contains(&format!(" @{prefix}"))).count()
    }
}

fn prefix(kind: &str) -> Option<String> {
    let namespace = std::fs::metadata(format!("/proc/self/ns/{kind}")).ok()?.ino();
    Some(format!("ipc-workbook {kind} {namespace} {} ", nix::unistd::geteuid()))
}

/// The lesson's own descriptors begin at 3, as the book says.
fn out_of_the_way(fd: OwnedFd) -> OwnedFd {
    match fcntl(fd.as_fd(), FcntlArg::F_DUPFD_CLOEXEC(100)) {
        // SAFETY: the call has just made this descriptor.
        Ok(high) => unsafe { OwnedFd::from_raw_fd(high) },
        Err(_) => fd, // the limit of descriptors is below 100
    }
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

    /// Whether other runs of this user hold locks now.
    pub(super) fn others_hold_some(&self) -> bool {
        RunLock::count("ipc") > self.0.borrow().len()
    }
}

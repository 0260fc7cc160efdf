//! Locks for names and keys, each of which only one run may use at a time.
//!
//! Two runs with the same name would take each other's objects for leftovers. Each run therefore
//! binds an abstract Unix socket. The kernel removes the socket's name when the process ends in any way.
//!
//! A run that has been killed holds its locks until the last of its processes has ended, which takes
//! a moment. A run that finds a lock taken therefore waits a little and tries again.
//!
//! Any user may bind such a name. A lock that all users share therefore only decides who comes first: a
//! run that does not get it uses another name, so nobody can block the runs of other users.

use crate::call::Errno;
use crate::cli::Failure;
use crate::fcntl::out_of_the_way;
use crate::fnv::fnv1a;
use std::cell::RefCell;
use std::os::fd::OwnedFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long to wait for the processes of a killed run to end.
const DYING: Duration = Duration::from_millis(500);
/// How long to wait for the second lock of a killed run, after its first.
const BETWEEN_LOCKS: Duration = Duration::from_millis(50);

/// A lock. Dropping it releases it.
#[derive(Debug)]
struct RunLock(#[allow(dead_code)] Option<OwnedFd>);

/// Another run holds the lock.
struct Busy;

impl RunLock {
    /// Locks `what` among the runs of this user.
    fn take_among_mine(what: &str) -> Result<Self, Busy> {
        Self::take_within(DYING, &nix::unistd::geteuid().to_string(), what)
    }

    /// Locks `what` among the runs of all users.
    fn take_among_all(what: &str) -> Result<Self, Busy> {
        Self::take_within(BETWEEN_LOCKS, "all", what)
    }

    /// Does the same as [`RunLock::take`], but tries for up to `patience` while another run holds the lock.
    fn take_within(patience: Duration, among: &str, what: &str) -> Result<Self, Busy> {
        let start = Instant::now();
        loop {
            match Self::take(among, what) {
                Err(Busy) if start.elapsed() < patience => sleep(Duration::from_millis(5)),
                taken => return taken,
            }
        }
    }

    /// Locks `what` within this IPC namespace. Where the machine has no such sockets, the lock always
    /// succeeds.
    fn take(among: &str, what: &str) -> Result<Self, Busy> {
        let Ok(namespace) = std::fs::metadata("/proc/self/ns/ipc") else { return Ok(RunLock(None)) };
        // A socket's name has at most 107 bytes but an object's name up to 255, so the name is hashed.
        let (namespace, what) = (namespace.ino(), fnv1a(what.bytes()));
        let address = SocketAddr::from_abstract_name(format!("ipc-workbook {namespace} {among} {what:016x}"));
        match address.and_then(|address| UnixDatagram::bind_addr(&address)) {
            Ok(socket) => Ok(RunLock(Some(out_of_the_way(socket.into())))),
            Err(error) if error.raw_os_error() == Some(Errno::EADDRINUSE as i32) => Err(Busy),
            Err(_) => Ok(RunLock(None)),
        }
    }
}

/// The names and keys that this run has locked.
#[derive(Debug, Default)]
pub(super) struct Locks(RefCell<Vec<Held>>);

/// A locked name or key, with its locks: among this user's runs, and among the runs of all users.
#[derive(Debug)]
struct Held {
    what: String,
    _locks: [Option<RunLock>; 2],
}

/// Whose run already uses a name or a key.
pub(super) enum UsedBy {
    /// Another run of this user.
    AnotherRun,
    /// A run of another user.
    AnotherUser,
}

impl Locks {
    /// Locks `what` against all other runs of all users.
    pub(super) fn try_take(&self, what: &str) -> Result<(), UsedBy> {
        if self.has(what) {
            return Ok(());
        }
        let among_mine = RunLock::take_among_mine(what).map_err(|Busy| UsedBy::AnotherRun)?;
        let among_all = RunLock::take_among_all(what).map_err(|Busy| UsedBy::AnotherUser)?;
        self.add(what, [Some(among_mine), Some(among_all)]);
        Ok(())
    }

    /// Does the same, but returns a message with `remedy` if another run uses `what`.
    pub(super) fn take(&self, what: &str, remedy: &str) -> Result<(), Failure> {
        self.try_take(what).map_err(|used_by| match used_by {
            UsedBy::AnotherRun => in_use(what, remedy),
            UsedBy::AnotherUser => {
                Failure::Machine(format!("a run of another user is using {what}; {remedy}"))
            }
        })
    }

    /// Locks `what` against other runs of this user. Other users do not use it.
    pub(super) fn take_among_mine(&self, what: &str, remedy: &str) -> Result<(), Failure> {
        if !self.has(what) {
            let among_mine = RunLock::take_among_mine(what).map_err(|Busy| in_use(what, remedy))?;
            self.add(what, [Some(among_mine), None]);
        }
        Ok(())
    }

    fn has(&self, what: &str) -> bool {
        self.0.borrow().iter().any(|held| held.what == what)
    }

    fn add(&self, what: &str, locks: [Option<RunLock>; 2]) {
        self.0.borrow_mut().push(Held { what: what.into(), _locks: locks });
    }

    /// Returns how many names and keys are locked.
    pub(super) fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// Releases all locks except the first `len`.
    pub(super) fn keep(&self, len: usize) {
        self.0.borrow_mut().truncate(len);
    }
}

/// Makes the failure for a name or key that another run of this user is using.
pub(super) fn in_use(what: &str, remedy: &str) -> Failure {
    Failure::Machine(format!("another run is using {what}; wait until it ends, or {remedy}"))
}

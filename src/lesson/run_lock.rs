//! What only one run may use at a time: a name, or a key.
//!
//! Two runs that use one name would take each other's objects for leftovers. So each
//! binds an abstract Unix socket, whose name vanishes with the process, however it ends.
//!
//! A run that has been killed holds its locks until the last of its processes is gone, which takes
//! a moment. So a run that finds a lock taken waits a little before it believes that.
//!
//! Anybody may bind such a name. So a lock that all users share can only say who comes
//! first: whoever does not get it uses something else, and is held up by nobody.

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

/// How long the processes of a killed run may take to end.
const DYING: Duration = Duration::from_millis(500);
/// How long after one of its locks a killed run may hold the other.
const BETWEEN_LOCKS: Duration = Duration::from_millis(50);

/// The right to use something alone, until it is dropped.
#[derive(Debug)]
struct RunLock(#[allow(dead_code)] Option<OwnedFd>);

/// Somebody else has the right.
struct Busy;

impl RunLock {
    /// The right to `what` among the runs of this user.
    fn take_among_mine(what: &str) -> Result<Self, Busy> {
        Self::take_within(DYING, &nix::unistd::geteuid().to_string(), what)
    }

    /// The right to `what` among the runs of all users.
    fn take_among_all(what: &str) -> Result<Self, Busy> {
        Self::take_within(BETWEEN_LOCKS, "all", what)
    }

    /// As [`RunLock::take`]. It waits so long for somebody who has the right.
    fn take_within(patience: Duration, among: &str, what: &str) -> Result<Self, Busy> {
        let start = Instant::now();
        loop {
            match Self::take(among, what) {
                Err(Busy) if start.elapsed() < patience => sleep(Duration::from_millis(5)),
                taken => return taken,
            }
        }
    }

    /// The right to `what` within this IPC namespace. Where there are no such sockets,
    /// everybody has it.
    fn take(among: &str, what: &str) -> Result<Self, Busy> {
        let Ok(namespace) = std::fs::metadata("/proc/self/ns/ipc") else { return Ok(RunLock(None)) };
        // The socket's name has 107 bytes at most, an object's 255.
        let (namespace, what) = (namespace.ino(), fnv1a(what.bytes()));
        let address = SocketAddr::from_abstract_name(format!("ipc-workbook {namespace} {among} {what:016x}"));
        match address.and_then(|address| UnixDatagram::bind_addr(&address)) {
            Ok(socket) => Ok(RunLock(Some(out_of_the_way(socket.into())))),
            Err(error) if error.raw_os_error() == Some(Errno::EADDRINUSE as i32) => Err(Busy),
            Err(_) => Ok(RunLock(None)),
        }
    }
}

/// The names and keys that this run uses, and no other run may use meanwhile.
#[derive(Debug, Default)]
pub(super) struct Locks(RefCell<Vec<Held>>);

/// What is locked, and its locks: among this user's runs, and among those of all users.
#[derive(Debug)]
struct Held {
    what: String,
    _locks: [Option<RunLock>; 2],
}

/// Whose run uses a name or a key.
pub(super) enum UsedBy {
    /// Another run of this user.
    AnotherRun,
    /// A run of another user.
    AnotherUser,
}

impl Locks {
    /// From now on no other run of any user uses `what`.
    pub(super) fn try_take(&self, what: &str) -> Result<(), UsedBy> {
        if self.has(what) {
            return Ok(());
        }
        let among_mine = RunLock::take_among_mine(what).map_err(|Busy| UsedBy::AnotherRun)?;
        let among_all = RunLock::take_among_all(what).map_err(|Busy| UsedBy::AnotherUser)?;
        self.add(what, [Some(among_mine), Some(among_all)]);
        Ok(())
    }

    /// The same; while a run does use it, `remedy` helps.
    pub(super) fn take(&self, what: &str, remedy: &str) -> Result<(), Failure> {
        self.try_take(what).map_err(|used_by| match used_by {
            UsedBy::AnotherRun => in_use(what, remedy),
            UsedBy::AnotherUser => {
                Failure::Machine(format!("a run of another user uses {what} just now; {remedy}"))
            }
        })
    }

    /// From now on no other run of this user uses `what`, which no other user shares.
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

    /// How many are held.
    pub(super) fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// Gives up all but the first `len`.
    pub(super) fn keep(&self, len: usize) {
        self.0.borrow_mut().truncate(len);
    }
}

/// Another run of this user uses `what`.
pub(super) fn in_use(what: &str, remedy: &str) -> Failure {
    Failure::Machine(format!("another run uses {what} just now; wait for it, or {remedy}"))
}

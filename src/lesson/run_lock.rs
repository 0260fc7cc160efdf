//! What only one run may do at a time.
//!
//! Two runs that use one name would take each other's objects for leftovers,
//! and two that measure would measure each other. So each binds an abstract
//! Unix socket, whose name vanishes with the process, however it ends.
//!
//! Anybody may bind such a name. So a lock that all users share can only say who comes
//! first: whoever does not get it uses something else, and is held up by nobody.

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
        Self::bind(prefix(kind), what)
    }

    /// As [`RunLock::take`], but among the runs of all users.
    fn take_among_all(kind: &str, what: &str) -> Result<Self, Busy> {
        Self::bind(prefix_of(kind, "all"), what)
    }

    fn bind(prefix: Option<String>, what: &str) -> Result<Self, Busy> {
        // The socket's name has 107 bytes at most, an object's 255.
        let address = prefix
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
    prefix_of(kind, &nix::unistd::geteuid().to_string())
}

fn prefix_of(kind: &str, who: &str) -> Option<String> {
    let namespace = std::fs::metadata(format!("/proc/self/ns/{kind}")).ok()?.ino();
    Some(format!("ipc-workbook {kind} {namespace} {who} "))
}

/// The lesson's own descriptors begin at 3, as the book says.
fn out_of_the_way(fd: OwnedFd) -> OwnedFd {
    match fcntl(fd.as_fd(), FcntlArg::F_DUPFD_CLOEXEC(100)) {
        // SAFETY: the call has just made this descriptor.
        Ok(high) => unsafe { OwnedFd::from_raw_fd(high) },
        Err(_) => fd, // the limit of descriptors is below 100
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
        let mine = RunLock::take("ipc", what).map_err(|Busy| UsedBy::AnotherRun)?;
        let among_all = RunLock::take_among_all("ipc", what).map_err(|Busy| UsedBy::AnotherUser)?;
        self.add(what, [Some(mine), Some(among_all)]);
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
            let mine = RunLock::take("ipc", what).map_err(|Busy| in_use(what, remedy))?;
            self.add(what, [Some(mine), None]);
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

    /// Whether other runs of this user hold locks now.
    pub(super) fn others_hold_some(&self) -> bool {
        RunLock::count("ipc") > self.len()
    }
}

fn in_use(what: &str, remedy: &str) -> Failure {
    Failure::Machine(format!("another run uses {what} just now; wait for it, or {remedy}"))
}

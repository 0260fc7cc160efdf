//! What only one run may do at a time.
//!
//! Two runs that use one name would take each other's objects for leftovers,
//! and two that measure would measure each other. So each binds an abstract
//! Unix socket, whose name vanishes with the process, however it ends.

use crate::call::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use std::os::fd::{AsFd, FromRawFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// The right to do something alone, until it is dropped.
#[derive(Debug)]
pub(super) struct Alone(#[allow(dead_code)] Option<OwnedFd>);

/// Somebody else is at it.
#[derive(Debug)]
pub(super) struct Busy;

impl Alone {
    /// The right to `what`, within the namespace `kind` (`ipc`, `user`) of this process.
    /// Where there are no such sockets, everybody has it.
    pub(super) fn to(kind: &str, what: &str) -> Result<Self, Busy> {
        let Ok(namespace) = std::fs::metadata(format!("/proc/self/ns/{kind}")) else {
            return Ok(Alone(None));
        };
        // The socket's name has 107 bytes at most, an object's 255.
        let name = format!("ipc-workbook {kind} {} {:016x}", namespace.ino(), hash(what));
        let Ok(address) = SocketAddr::from_abstract_name(name) else { return Ok(Alone(None)) };
        match UnixDatagram::bind_addr(&address) {
            Ok(socket) => Ok(Alone(Some(out_of_the_way(socket.into())))),
            Err(error) if error.raw_os_error() == Some(Errno::EADDRINUSE as i32) => Err(Busy),
            Err(_) => Ok(Alone(None)),
        }
    }
}

/// FNV-1a, which is the same in every process.
pub(super) fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The lesson's own descriptors begin at 3, as the book says.
fn out_of_the_way(fd: OwnedFd) -> OwnedFd {
    match fcntl(fd.as_fd(), FcntlArg::F_DUPFD_CLOEXEC(100)) {
        // SAFETY: the call has just made this descriptor.
        Ok(high) => unsafe { OwnedFd::from_raw_fd(high) },
        Err(_) => fd, // the limit of descriptors is below 100
    }
}

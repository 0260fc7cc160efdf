//! `<sys/socket.h>`: a pair of Unix sockets, and descriptors sent through them.
//!
//! # Differences from the C API
//!
//! - [`socketpair`] makes stream sockets of the Unix domain only.
//! - [`sendmsg`] and [`recvmsg`] take the bytes and the descriptors of one
//!   `SCM_RIGHTS` message, not a `struct msghdr`.

use crate::call::{Result, Returned, bytes_text, report};
use nix::sys::socket::{
    self, AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType,
};
use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// `int socketpair(int domain, int type, int protocol, int sv[2]);`
///
/// | errno | when |
/// | --- | --- |
/// | `EMFILE` | `RLIMIT_NOFILE` |
/// | `ENFILE` | the system's limit of open files |
///
/// Manual page: [socketpair(2)](https://man7.org/linux/man-pages/man2/socketpair.2.html).
pub fn socketpair() -> Result<(OwnedFd, OwnedFd)> {
    let result = socket::socketpair(AddressFamily::Unix, SockType::Stream, None, SockFlag::SOCK_CLOEXEC);
    report("socketpair", &result, || {
        let pair =
            result.as_ref().map_or("sv".into(), |(a, b)| format!("[{}, {}]", a.as_raw_fd(), b.as_raw_fd()));
        format!("AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0, {pair}")
    });
    result
}

impl Returned for (OwnedFd, OwnedFd) {
    fn shown(&self) -> String {
        "0".into()
    }
}

/// `ssize_t sendmsg(int sockfd, const struct msghdr *msg, int flags);`
///
/// Sends bytes, at least one, and with them references to the open file
/// descriptions of `fds`. They are in flight until they are received.
///
/// | errno | when |
/// | --- | --- |
/// | `EPIPE` | the other end is closed (and `SIGPIPE`, which Rust ignores) |
/// | `ETOOMANYREFS` | more descriptors in flight than `RLIMIT_NOFILE` |
///
/// Manual pages: [sendmsg(2)](https://man7.org/linux/man-pages/man2/sendmsg.2.html),
/// [unix(7)](https://man7.org/linux/man-pages/man7/unix.7.html).
pub fn sendmsg(sockfd: impl AsFd, bytes: &[u8], fds: &[BorrowedFd<'_>]) -> Result<usize> {
    let sockfd = sockfd.as_fd().as_raw_fd();
    let raw: Vec<RawFd> = fds.iter().map(AsRawFd::as_raw_fd).collect();
    let rights = [ControlMessage::ScmRights(&raw)];
    let result = socket::sendmsg::<()>(sockfd, &[IoSlice::new(bytes)], &rights, MsgFlags::empty(), None);
    report("sendmsg", &result, || {
        format!("{sockfd}, {{msg_iov=[{}], SCM_RIGHTS, cmsg_data={raw:?}}}, 0", bytes_text(bytes))
    });
    result
}

/// `ssize_t recvmsg(int sockfd, struct msghdr *msg, int flags);`
///
/// Receives bytes and up to four descriptors that came with them: new
/// descriptors, here, of the very descriptions that were sent.
///
/// | errno | when |
/// | --- | --- |
/// | `EAGAIN` | nothing is there, and the socket is non-blocking |
/// | `EINTR` | a signal handler ran |
///
/// Manual page: [recvmsg(2)](https://man7.org/linux/man-pages/man2/recvmsg.2.html).
#[allow(unsafe_code)]
pub fn recvmsg(sockfd: impl AsFd, bytes: &mut [u8]) -> Result<(usize, Vec<OwnedFd>)> {
    let sockfd = sockfd.as_fd().as_raw_fd();
    let mut space = nix::cmsg_space!([RawFd; 4]);
    let mut iov = [IoSliceMut::new(bytes)];
    let result: Result<(usize, Vec<OwnedFd>)> =
        socket::recvmsg::<()>(sockfd, &mut iov, Some(&mut space), MsgFlags::MSG_CMSG_CLOEXEC)
            .and_then(|message| Ok((message.bytes, message.cmsgs()?.collect::<Vec<_>>())))
            .map(|(length, controls)| {
                let received = controls.into_iter().flat_map(|control| match control {
                    ControlMessageOwned::ScmRights(fds) => fds,
                    _ => Vec::new(),
                });
                // SAFETY: the kernel has just made these descriptors for this process.
                (length, received.map(|fd| unsafe { OwnedFd::from_raw_fd(fd) }).collect())
            });
    report("recvmsg", &result, || match &result {
        Ok((length, fds)) => {
            let fds: Vec<RawFd> = fds.iter().map(AsRawFd::as_raw_fd).collect();
            format!(
                "{sockfd}, {{msg_iov=[{}], SCM_RIGHTS, cmsg_data={fds:?}}}, MSG_CMSG_CLOEXEC",
                bytes_text(&bytes[..*length])
            )
        }
        Err(_) => format!("{sockfd}, msg, MSG_CMSG_CLOEXEC"),
    });
    result
}

impl Returned for (usize, Vec<OwnedFd>) {
    fn shown(&self) -> String {
        self.0.to_string()
    }
}

//! `<sys/socket.h>`: pairs of Unix sockets, and descriptors sent through them.
//!
//! # Differences from the C API
//!
//! - [`socketpair`] makes stream sockets of the Unix domain only.
//! - [`sendmsg`] and [`recvmsg`] take the bytes and the descriptors of one
//!   `SCM_RIGHTS` message, not a `struct msghdr`.
#![allow(unsafe_code)]

use crate::call::{Result, Returned, Wait, bytes_text, check, may_wait, report};
use nix::sys::socket::{self, AddressFamily, ControlMessage, MsgFlags, SockFlag, SockType};
use std::io::IoSlice;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// `int socketpair(int domain, int type, int protocol, int sv[2]);`
///
/// Makes a pair of connected Unix stream sockets.
///
/// | errno | when |
/// | --- | --- |
/// | `EMFILE` | the limit `RLIMIT_NOFILE` is reached |
/// | `ENFILE` | the system's limit of open files is reached |
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
/// Sends bytes, at least one, and references to the open file
/// descriptions of `fds`. The descriptors are in flight until they are received.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | more than 253 descriptors (`SCM_MAX_FD`) |
/// | `EPIPE` | the other end is closed (`SIGPIPE` comes first, but Rust ignores it) |
/// | `ETOOMANYREFS` | more descriptors would be in flight than `RLIMIT_NOFILE` permits |
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
/// Receives bytes, and the descriptors that came with them. They are new descriptors of this
/// process, for the same open file descriptions that were sent. If this process has not enough free
/// descriptors, fewer arrive, and only the flag `MSG_CTRUNC` tells so.
///
/// | errno | when |
/// | --- | --- |
/// | `EAGAIN` | there is nothing to receive, and the socket is non-blocking |
/// | `EINTR` | a signal handler ran that was installed without `SA_RESTART` |
///
/// Manual page: [recvmsg(2)](https://man7.org/linux/man-pages/man2/recvmsg.2.html).
pub fn recvmsg(sockfd: impl AsFd, bytes: &mut [u8]) -> Result<(usize, Vec<OwnedFd>)> {
    const WAIT: &Wait = &Wait { call: "recvmsg", until: "something is sent, or the other end is closed" };
    let sockfd = sockfd.as_fd().as_raw_fd();
    // Room for as many descriptors as one message can carry (SCM_MAX_FD), aligned like a header.
    let mut control = [0u64; 130];
    let mut iov = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: bytes.len() };
    // SAFETY: msghdr is integers and pointers, so all zeros are valid.
    let mut msg: libc::msghdr = unsafe { std::mem::zeroed() };
    (msg.msg_iov, msg.msg_iovlen) = (&raw mut iov, 1);
    (msg.msg_control, msg.msg_controllen) = (control.as_mut_ptr().cast(), size_of_val(&control));
    let header = &raw mut msg;
    // nix's recvmsg loses the descriptors if there are more than it has room for, so libc's is used.
    // SAFETY: the header refers to buffers that outlive the call.
    let received = may_wait(WAIT, || check(unsafe { libc::recvmsg(sockfd, header, libc::MSG_CMSG_CLOEXEC) }));
    let result = received.map(|length| (length.unsigned_abs(), descriptors_in(&msg)));
    report("recvmsg", &result, || match &result {
        Ok((length, fds)) => {
            let fds: Vec<RawFd> = fds.iter().map(AsRawFd::as_raw_fd).collect();
            let bytes = bytes_text(&bytes[..*length]);
            format!("{sockfd}, {{msg_iov=[{bytes}], SCM_RIGHTS, cmsg_data={fds:?}}}, MSG_CMSG_CLOEXEC")
        }
        Err(_) => format!("{sockfd}, msg, MSG_CMSG_CLOEXEC"),
    });
    result
}

/// Returns the descriptors in a received message.
fn descriptors_in(msg: &libc::msghdr) -> Vec<OwnedFd> {
    let mut fds = Vec::new();
    // SAFETY: recvmsg has filled the control buffer, and the macros of <sys/socket.h>
    // stay within it. Each descriptor in it is new and has no other owner.
    unsafe {
        let mut header = libc::CMSG_FIRSTHDR(msg);
        while let Some(cmsg) = header.as_ref() {
            if (cmsg.cmsg_level, cmsg.cmsg_type) == (libc::SOL_SOCKET, libc::SCM_RIGHTS) {
                let data: *const RawFd = libc::CMSG_DATA(header).cast();
                let count = (cmsg.cmsg_len - libc::CMSG_LEN(0) as usize) / size_of::<RawFd>();
                fds.extend((0..count).map(|i| OwnedFd::from_raw_fd(data.add(i).read_unaligned())));
            }
            header = libc::CMSG_NXTHDR(msg, header);
        }
    }
    fds
}

impl Returned for (usize, Vec<OwnedFd>) {
    fn shown(&self) -> String {
        self.0.to_string()
    }
}

//! `<sys/signalfd.h>`: signals that are read from a descriptor.
//!
//! # Differences from the C API
//!
//! - [`signalfd`] always makes a new descriptor (-1 in C), and takes the signals as a slice.
//! - [`read`] reads one `struct signalfd_siginfo`; in C it is `read(2)`.
#![allow(unsafe_code)]

use crate::call::{Result, Returned, Wait, check, flags_text, may_wait, new_descriptor, report};
use crate::signal::{code_text, set_text, signo_text};
use nix::sys::signal::{SigSet, Signal};
use std::ffi::c_int;
use std::mem::zeroed;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::ptr;

/// `int signalfd(int fd, const sigset_t *mask, int flags);`
///
/// Makes a descriptor that is readable while one of the signals is pending. The signals must be blocked;
/// otherwise their actions come first.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | `flags` has a bit other than `SFD_CLOEXEC` and `SFD_NONBLOCK` |
/// | `EMFILE` | the limit `RLIMIT_NOFILE` is reached |
/// | `ENFILE` | the system's limit of open files is reached |
/// | `ENOMEM` | not enough memory |
///
/// Manual page: [signalfd(2)](https://man7.org/linux/man-pages/man2/signalfd.2.html).
pub fn signalfd(mask: &[Signal], flags: c_int) -> Result<OwnedFd> {
    let c_mask: SigSet = mask.iter().copied().collect();
    // SAFETY: the mask lives through the call. With -1 the call makes a new descriptor.
    let result = unsafe { new_descriptor(libc::signalfd(-1, ptr::from_ref(c_mask.as_ref()), flags)) };
    report("signalfd", &result, || {
        let names = [(libc::SFD_CLOEXEC, "SFD_CLOEXEC"), (libc::SFD_NONBLOCK, "SFD_NONBLOCK")];
        format!("-1, {}, {}", set_text(mask), flags_text(flags, String::new(), &names))
    });
    result
}

/// `struct signalfd_siginfo`, with the members of a signal that a process or a queue has sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalfdSiginfo {
    /// The signal number.
    pub ssi_signo: u32,
    /// `SI_USER` if a process called `kill`, `SI_MESGQ` if a queue notifies this process.
    pub ssi_code: i32,
    /// The sending process. With `SI_MESGQ`, the process that sent the message.
    pub ssi_pid: u32,
    /// The real user id of the sending process.
    pub ssi_uid: u32,
    /// The value, `sival_int`, that the receiver asked for when it registered.
    pub ssi_int: i32,
}

/// `ssize_t read(int fd, void *buf, size_t count);`
///
/// Takes one pending signal from a descriptor of [`signalfd`].
///
/// | errno | when |
/// | --- | --- |
/// | `EAGAIN` | none of the signals is pending, and `SFD_NONBLOCK` is set |
/// | `EINTR` | a signal handler ran that was installed without `SA_RESTART` |
/// | `EINVAL` | not a descriptor of [`signalfd`], but one that needs another buffer |
///
/// Manual page: [signalfd(2)](https://man7.org/linux/man-pages/man2/signalfd.2.html).
pub fn read(fd: impl AsFd) -> Result<SignalfdSiginfo> {
    const WAIT: &Wait = &Wait { call: "read", until: "one of the signals arrives" };
    const SIZE: usize = size_of::<libc::signalfd_siginfo>();
    let fd = fd.as_fd().as_raw_fd();
    // SAFETY: the structure is integers, so all zeros are valid.
    let mut info: libc::signalfd_siginfo = unsafe { zeroed() };
    // SAFETY: the structure has this size, and any bytes are valid in it.
    let mut read = || unsafe { libc::read(fd, (&raw mut info).cast(), SIZE) };
    let result = may_wait(WAIT, || check(read())).map(|_| SignalfdSiginfo {
        ssi_signo: info.ssi_signo,
        ssi_code: info.ssi_code,
        ssi_pid: info.ssi_pid,
        ssi_uid: info.ssi_uid,
        ssi_int: info.ssi_int,
    });
    report("read", &result, || {
        let info = result.map_or("buf".into(), SignalfdSiginfo::text);
        format!("{fd}, {info}, {SIZE}")
    });
    result
}

impl SignalfdSiginfo {
    fn text(self) -> String {
        let SignalfdSiginfo { ssi_signo, ssi_code, ssi_pid, ssi_uid, ssi_int } = self;
        format!(
            "{{ssi_signo={}, ssi_code={}, ssi_pid={ssi_pid}, ssi_uid={ssi_uid}, ssi_int={ssi_int}}}",
            signo_text(ssi_signo.cast_signed()),
            code_text(ssi_code)
        )
    }
}

impl Returned for SignalfdSiginfo {
    fn shown(&self) -> String {
        size_of::<libc::signalfd_siginfo>().to_string()
    }
}

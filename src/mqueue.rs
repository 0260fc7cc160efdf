//! `<mqueue.h>`: POSIX message queues.
//!
//! # Differences from the C API
//!
//! - [`Mqd`] closes itself when dropped, and [`mq_close`] consumes it, so a
//!   closed descriptor cannot be used. Dropping never unlinks a name.
//! - [`mq_open`] always takes four arguments. Without `O_CREAT` it ignores the last
//!   two, which may be left out in C.
//! - [`mq_receive`] and [`mq_timedreceive`] return the length and the priority;
//!   [`mq_receive_without_priority`] passes a null pointer for it.
//!
//! Most calls go through nix. Its `mq_open` passes no attribute argument
//! for `None`, where C needs a null pointer; and it has no `mq_timedsend` and no `mq_notify`.
#![allow(unsafe_code)]

mod messages;
mod notify;

pub use messages::{
    mq_receive, mq_receive_without_priority, mq_send, mq_timedreceive, mq_timedsend, sys_mq_timedreceive,
    sys_mq_timedsend,
};
pub use notify::mq_notify;

use crate::call::{self, Object, Result, Returned, check, name_text, oflag_text, report};
use nix::mqueue as nix_mq;
use nix::mqueue::MqdT;
use std::ffi::{CStr, c_long};
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::ptr;

/// `struct mq_attr`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MqAttr {
    /// 0 or `O_NONBLOCK`; ignored by [`mq_open`].
    pub mq_flags: c_long,
    /// The maximum number of messages on the queue.
    pub mq_maxmsg: c_long,
    /// The maximum size of a message, in bytes.
    pub mq_msgsize: c_long,
    /// The number of messages on the queue now; ignored by [`mq_open`] and [`mq_setattr`].
    pub mq_curmsgs: c_long,
}

impl MqAttr {
    /// Makes attributes from the two fields that matter when a queue is created.
    #[must_use]
    pub const fn new(mq_maxmsg: c_long, mq_msgsize: c_long) -> Self {
        MqAttr { mq_flags: 0, mq_maxmsg, mq_msgsize, mq_curmsgs: 0 }
    }

    /// Returns the fields that [`mq_open`] reads, and the others only if they are not 0.
    fn limits(self) -> String {
        if (self.mq_flags, self.mq_curmsgs) != (0, 0) {
            return self.all();
        }
        format!("{{mq_maxmsg={}, mq_msgsize={}}}", self.mq_maxmsg, self.mq_msgsize)
    }

    fn flags(self) -> String {
        let flag = if self.mq_flags == c_long::from(libc::O_NONBLOCK) {
            "O_NONBLOCK".into()
        } else {
            self.mq_flags.to_string()
        };
        format!("{{mq_flags={flag}}}")
    }

    fn all(self) -> String {
        format!(
            "{}, mq_maxmsg={}, mq_msgsize={}, mq_curmsgs={}}}",
            self.flags().trim_end_matches('}'),
            self.mq_maxmsg,
            self.mq_msgsize,
            self.mq_curmsgs
        )
    }
}

impl From<nix_mq::MqAttr> for MqAttr {
    fn from(attr: nix_mq::MqAttr) -> Self {
        MqAttr {
            mq_flags: attr.flags(),
            mq_maxmsg: attr.maxmsg(),
            mq_msgsize: attr.msgsize(),
            mq_curmsgs: attr.curmsgs(),
        }
    }
}

/// `mqd_t`: a message queue descriptor. On Linux it is a file descriptor.
///
/// A closed descriptor cannot be used:
///
/// ```compile_fail,E0382
/// use ipc_workbook::mqueue::*;
/// let mq = mq_open(c"/gone", libc::O_RDWR, 0, None)?;
/// mq_close(mq)?;
/// mq_send(&mq, b"hello", 0)?;
/// # nix::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct Mqd(MqdT);

impl Mqd {
    /// Makes a handle from a descriptor that did not come from [`mq_open`] but from `dup`,
    /// `SCM_RIGHTS` or inheritance. Calls on it fail with `EBADF` if it does not refer to a queue.
    #[must_use]
    pub fn from_fd(fd: OwnedFd) -> Self {
        // SAFETY: the descriptor is open, and the `Mqd` is now its only owner.
        Mqd(unsafe { MqdT::from_raw_fd(fd.into_raw_fd()) })
    }
}

impl AsFd for Mqd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl AsRawFd for Mqd {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

impl Drop for Mqd {
    fn drop(&mut self) {
        // SAFETY: the `Mqd` owns its descriptor, and nobody can use it afterwards.
        drop(unsafe { OwnedFd::from_raw_fd(self.0.as_raw_fd()) });
    }
}

impl Returned for Mqd {
    fn shown(&self) -> String {
        self.as_raw_fd().to_string()
    }
}

/// `mqd_t mq_open(const char *name, int oflag, mode_t mode, struct mq_attr *attr);`
///
/// Opens the queue `name`. With `O_CREAT`, creates it if it does not exist.
/// If `attr` is `None`, a new queue gets the system's defaults (10 messages of 8192 bytes).
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | the mode bits do not permit it; or `name` has a second slash, or is `"/."` or `"/.."` |
/// | `EEXIST` | `O_CREAT` and `O_EXCL` are set, and the queue exists |
/// | `EINVAL` | `name` has no leading slash (glibc); `attr` is out of range; both `O_WRONLY` and `O_RDWR` are set, and the queue exists |
/// | `EMFILE` | the limit `RLIMIT_NOFILE` is reached, or the queue's bytes would exceed `RLIMIT_MSGQUEUE` |
/// | `ENAMETOOLONG` | more than 255 bytes after the slash |
/// | `ENFILE` | the system's limit of open files is reached |
/// | `ENOENT` | the queue does not exist, and `O_CREAT` is not set; or `name` is `"/"` |
/// | `ENOMEM` | not enough memory |
/// | `ENOSPC` | there are already `queues_max` queues |
///
/// Manual page: [mq_open(3)](https://man7.org/linux/man-pages/man3/mq_open.3.html).
pub fn mq_open(name: &CStr, oflag: i32, mode: libc::mode_t, attr: Option<&MqAttr>) -> Result<Mqd> {
    let creating = call::creating();
    let c_attr = attr.map(|attr| {
        // SAFETY: mq_attr is plain integers, so all zeros are valid.
        let mut c_attr: libc::mq_attr = unsafe { std::mem::zeroed() };
        c_attr.mq_flags = attr.mq_flags;
        c_attr.mq_maxmsg = attr.mq_maxmsg;
        c_attr.mq_msgsize = attr.mq_msgsize;
        c_attr.mq_curmsgs = attr.mq_curmsgs;
        c_attr
    });
    let attr_ptr = c_attr.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: `name` ends in a NUL; `attr_ptr` is null or points to a live mq_attr.
    let fd = check(unsafe { libc::mq_open(name.as_ptr(), oflag, mode, attr_ptr) });
    // SAFETY: the call has just made this descriptor, so nobody else owns it.
    let result = fd.map(|fd| Mqd(unsafe { MqdT::from_raw_fd(fd) }));
    if result.is_ok() && call::surely_created(oflag) {
        creating.created(Object::Queue(name));
    }
    report("mq_open", &result, || {
        let opening = format!("{}, {}", name_text(name), oflag_text(oflag));
        if oflag & libc::O_CREAT == 0 {
            return opening;
        }
        format!("{opening}, {mode:04o}, {}", attr.map_or("NULL".into(), |attr| attr.limits()))
    });
    result
}

/// `syscall(SYS_mq_open, name, oflag, 0, NULL)`: the system call below glibc's [`mq_open`].
///
/// Takes the name without its slash. It can only open a queue that exists: this wrapper has no
/// arguments for a new queue.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | `name` has a slash, or is `"."` or `".."`; or the mode bits do not permit it |
/// | `EINVAL` | both `O_WRONLY` and `O_RDWR` are set |
/// | `EMFILE` | the limit `RLIMIT_NOFILE` is reached |
/// | `ENAMETOOLONG` | more than 255 bytes |
/// | `ENFILE` | the system's limit of open files is reached |
/// | `ENOENT` | the queue does not exist; or `name` is empty |
///
/// Manual page: [mq_open(3)](https://man7.org/linux/man-pages/man3/mq_open.3.html).
pub fn sys_mq_open(name: &CStr, oflag: i32) -> Result<Mqd> {
    let no_attr = ptr::null::<libc::mq_attr>();
    // SAFETY: `name` ends in a NUL; without O_CREAT the kernel reads no attributes.
    let returned = unsafe { libc::syscall(libc::SYS_mq_open, name.as_ptr(), oflag, 0, no_attr) };
    let fd = check(RawFd::try_from(returned).unwrap_or(-1));
    // SAFETY: the call has just made this descriptor, so nobody else owns it.
    let result = fd.map(|fd| Mqd(unsafe { MqdT::from_raw_fd(fd) }));
    report("syscall", &result, || {
        format!("SYS_mq_open, {}, {}, 0, NULL", name_text(name), oflag_text(oflag))
    });
    result
}

/// `int mq_close(mqd_t mqdes);`
///
/// Closes the descriptor. The queue stays. Also removes this process's [`mq_notify`]
/// registration for the queue, even if it was made through another descriptor.
///
/// | errno | when |
/// | --- | --- |
/// | `EBADF` | not an open descriptor; cannot happen to an [`Mqd`] |
///
/// Manual page: [mq_close(3)](https://man7.org/linux/man-pages/man3/mq_close.3.html).
pub fn mq_close(mqdes: Mqd) -> Result<()> {
    // mq_close closes the descriptor, so dropping the handle must not close it again.
    let mqdes = ManuallyDrop::new(mqdes);
    let fd = mqdes.as_raw_fd();
    // SAFETY: the handle is never used again.
    let result = nix_mq::mq_close(unsafe { MqdT::from_raw_fd(fd) });
    report("mq_close", &result, || fd.to_string());
    result
}

/// `int mq_unlink(const char *name);`
///
/// Removes the name at once. The queue is destroyed with its last open file description.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | the caller owns neither the queue nor the directory (the kernel returns `EPERM`, and glibc changes it to `EACCES`); or `name` has a second slash, or is `"/."` or `"/.."` |
/// | `EINVAL` | `name` has no leading slash (glibc) |
/// | `ENAMETOOLONG` | more than 255 bytes after the slash |
/// | `ENOENT` | the queue does not exist; or `name` is `"/"` |
///
/// Manual page: [mq_unlink(3)](https://man7.org/linux/man-pages/man3/mq_unlink.3.html).
pub fn mq_unlink(name: &CStr) -> Result<()> {
    let result = nix_mq::mq_unlink(name);
    report("mq_unlink", &result, || name_text(name));
    if result.is_ok() {
        call::removed(Object::Queue(name));
    }
    result
}

/// `syscall(SYS_mq_unlink, name)`: the system call below glibc's [`mq_unlink`].
///
/// Takes the name without its slash. It differs from [`mq_unlink`] in one errno, which
/// glibc changes.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | `name` has a slash, or is `"."` or `".."` |
/// | `ENAMETOOLONG` | more than 255 bytes |
/// | `ENOENT` | the queue does not exist; or `name` is empty |
/// | `EPERM` | the directory is sticky, and the caller owns neither it nor the queue and has no `CAP_FOWNER` |
///
/// Manual page: [mq_unlink(3)](https://man7.org/linux/man-pages/man3/mq_unlink.3.html).
pub fn sys_mq_unlink(name: &CStr) -> Result<()> {
    // SAFETY: `name` ends in a NUL.
    let result = check(unsafe { libc::syscall(libc::SYS_mq_unlink, name.as_ptr()) }).map(drop);
    report("syscall", &result, || format!("SYS_mq_unlink, {}", name_text(name)));
    if result.is_ok() {
        call::removed(Object::Queue(name));
    }
    result
}

/// `int mq_getattr(mqd_t mqdes, struct mq_attr *attr);`
///
/// Returns the attributes of the queue, and the flags of the open file description.
///
/// | errno | when |
/// | --- | --- |
/// | `EBADF` | not a descriptor of a queue |
///
/// Manual page: [mq_getattr(3)](https://man7.org/linux/man-pages/man3/mq_getattr.3.html).
pub fn mq_getattr(mqdes: &Mqd) -> Result<MqAttr> {
    let result = nix_mq::mq_getattr(&mqdes.0).map(MqAttr::from);
    report("mq_getattr", &result, || {
        format!("{}, {}", mqdes.as_raw_fd(), result.map_or("attr".into(), MqAttr::all))
    });
    result
}

/// `int mq_setattr(mqd_t mqdes, const struct mq_attr *newattr, struct mq_attr *oldattr);`
///
/// Sets or clears `O_NONBLOCK` for the open file description, and ignores the
/// other fields. Returns the previous attributes.
///
/// | errno | when |
/// | --- | --- |
/// | `EBADF` | not a descriptor of a queue |
/// | `EINVAL` | `mq_flags` has a bit other than `O_NONBLOCK` |
///
/// Manual page: [mq_getattr(3)](https://man7.org/linux/man-pages/man3/mq_getattr.3.html).
pub fn mq_setattr(mqdes: &Mqd, newattr: &MqAttr) -> Result<MqAttr> {
    let attr =
        nix_mq::MqAttr::new(newattr.mq_flags, newattr.mq_maxmsg, newattr.mq_msgsize, newattr.mq_curmsgs);
    let result = nix_mq::mq_setattr(&mqdes.0, &attr).map(MqAttr::from);
    report("mq_setattr", &result, || {
        // The fields that the call ignores are shown only if the caller has set them.
        let only_flags = *newattr == MqAttr { mq_flags: newattr.mq_flags, ..MqAttr::default() };
        let shown = if only_flags { MqAttr::flags } else { MqAttr::all };
        format!("{}, {}, {}", mqdes.as_raw_fd(), shown(*newattr), result.map_or("oldattr".into(), shown))
    });
    result
}

impl Returned for MqAttr {
    fn shown(&self) -> String {
        "0".into()
    }
}

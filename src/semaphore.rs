//! `<semaphore.h>`: POSIX named semaphores.
//!
//! # Differences from the C API
//!
//! - [`Sem`] closes itself when dropped, and [`sem_close`] consumes it. Each
//!   [`sem_open`] has exactly one close, even if glibc returned the same address twice.
//! - [`sem_open`] always takes four arguments. Without `O_CREAT` it ignores the last
//!   two.
//! - [`sem_getvalue`] returns the value.
//!
//! nix has no named semaphores, so every call goes through libc.
#![allow(unsafe_code)]

use crate::call::{
    self, Errno, Object, Result, Returned, Wait, check, flags_text, may_wait, name_text, report,
    timespec_text,
};
use libc::sem_t;
use nix::sys::time::TimeSpec;
use std::ffi::{CStr, c_int, c_uint};
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};

/// `sem_t *`: an open named semaphore, mapped into this process.
///
/// A closed semaphore cannot be used:
///
/// ```compile_fail,E0382
/// use ipc_workbook::semaphore::*;
/// let sem = sem_open(c"/gone", 0, 0, 0)?;
/// sem_close(sem)?;
/// sem_post(&sem)?;
/// # nix::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct Sem(NonNull<sem_t>);

impl Sem {
    /// Returns the address of the semaphore in this process.
    #[must_use]
    pub fn as_ptr(&self) -> *mut sem_t {
        self.0.as_ptr()
    }
}

impl Drop for Sem {
    fn drop(&mut self) {
        // SAFETY: the address comes from sem_open and is closed once, here or
        // in sem_close.
        unsafe { libc::sem_close(self.as_ptr()) };
    }
}

impl Returned for Sem {
    fn shown(&self) -> String {
        format!("{:p}", self.0)
    }
}

/// `sem_t *sem_open(const char *name, int oflag, mode_t mode, unsigned int value);`
///
/// Opens the semaphore `name`, always for reading and writing. With `O_CREAT`,
/// creates it with `value` if it does not exist.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | the mode bits do not grant both reading and writing |
/// | `EEXIST` | `O_CREAT` and `O_EXCL` are set, and the semaphore exists |
/// | `EINVAL` | `value` is above 2147483647 (`SEM_VALUE_MAX`); `name` is empty, `"/"`, has an inner slash, or more than 255 bytes |
/// | `EISDIR` | /dev/shm contains a directory with this name |
/// | `ELOOP` | /dev/shm contains a symbolic link with this name |
/// | `EMFILE` | the limit `RLIMIT_NOFILE` is reached |
/// | `ENAMETOOLONG` | 252 to 255 bytes after the slash |
/// | `ENFILE` | the system's limit of open files is reached |
/// | `ENOENT` | the semaphore does not exist, and `O_CREAT` is not set |
/// | `ENOMEM` | not enough memory |
/// | `ENOSPC` | /dev/shm has no room or no inode left |
///
/// Manual page: [sem_open(3)](https://man7.org/linux/man-pages/man3/sem_open.3.html).
pub fn sem_open(name: &CStr, oflag: c_int, mode: libc::mode_t, value: c_uint) -> Result<Sem> {
    let creating = call::creating();
    // SAFETY: `name` ends in a NUL, and both variadic arguments are given.
    let sem = unsafe { libc::sem_open(name.as_ptr(), oflag, mode, value) };
    // SEM_FAILED is a null pointer in glibc.
    let result = NonNull::new(sem).map(Sem).ok_or_else(Errno::last);
    if result.is_ok() && call::surely_created(oflag) {
        creating.created(Object::Semaphore(name));
    }
    report("sem_open", &result, || {
        // sem_open ignores the access mode, so O_RDONLY, which is 0, is not shown.
        let names = [(libc::O_CREAT, "O_CREAT"), (libc::O_EXCL, "O_EXCL"), (libc::O_RDWR, "O_RDWR")];
        let opening = format!("{}, {}", name_text(name), flags_text(oflag, String::new(), &names));
        if oflag & libc::O_CREAT == 0 { opening } else { format!("{opening}, {mode:04o}, {value}") }
    });
    result
}

/// `int sem_close(sem_t *sem);`
///
/// Ends one [`sem_open`]. The last close of a semaphore in this process unmaps it.
/// The semaphore and its value stay.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | not an open semaphore; cannot happen to a [`Sem`] |
///
/// Manual page: [sem_close(3)](https://man7.org/linux/man-pages/man3/sem_close.3.html).
pub fn sem_close(sem: Sem) -> Result<()> {
    let sem = ManuallyDrop::new(sem);
    // SAFETY: the address comes from sem_open and is closed this once.
    let result = check(unsafe { libc::sem_close(sem.as_ptr()) }).map(drop);
    report("sem_close", &result, || format!("{:p}", sem.as_ptr()));
    result
}

/// `int sem_unlink(const char *name);`
///
/// Removes the name at once. The semaphore is destroyed with its last mapping.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | the caller owns neither the semaphore nor the directory (the kernel returns `EPERM`, and glibc changes it to `EACCES`) |
/// | `EISDIR` | /dev/shm contains a directory with this name |
/// | `ENAMETOOLONG` | 252 to 255 bytes after the slash |
/// | `ENOENT` | the semaphore does not exist; also for the names for which [`sem_open`] returns `EINVAL` |
///
/// Manual page: [sem_unlink(3)](https://man7.org/linux/man-pages/man3/sem_unlink.3.html).
pub fn sem_unlink(name: &CStr) -> Result<()> {
    // SAFETY: `name` ends in a NUL.
    let result = check(unsafe { libc::sem_unlink(name.as_ptr()) }).map(drop);
    report("sem_unlink", &result, || name_text(name));
    if result.is_ok() {
        call::removed(Object::Semaphore(name));
    }
    result
}

/// `int sem_wait(sem_t *sem);`
///
/// Waits while the value is 0, and then decrements it.
///
/// | errno | when |
/// | --- | --- |
/// | `EINTR` | a signal handler ran that was installed without `SA_RESTART` |
///
/// Manual page: [sem_wait(3)](https://man7.org/linux/man-pages/man3/sem_wait.3.html).
pub fn sem_wait(sem: &Sem) -> Result<()> {
    const WAIT: &Wait = &Wait { call: "sem_wait", until: "the semaphore is posted" };
    // SAFETY: the Sem keeps its semaphore mapped.
    let result = may_wait(WAIT, || check(unsafe { libc::sem_wait(sem.as_ptr()) })).map(drop);
    report("sem_wait", &result, || format!("{:p}", sem.as_ptr()));
    result
}

/// `int sem_trywait(sem_t *sem);`
///
/// Decrements the semaphore, and fails instead of waiting if the value is 0.
///
/// | errno | when |
/// | --- | --- |
/// | `EAGAIN` | the value is 0 |
///
/// Manual page: [sem_wait(3)](https://man7.org/linux/man-pages/man3/sem_wait.3.html).
pub fn sem_trywait(sem: &Sem) -> Result<()> {
    // SAFETY: the Sem keeps its semaphore mapped.
    let result = check(unsafe { libc::sem_trywait(sem.as_ptr()) }).map(drop);
    report("sem_trywait", &result, || format!("{:p}", sem.as_ptr()));
    result
}

/// `int sem_timedwait(sem_t *sem, const struct timespec *abs_timeout);`
///
/// Does the same as [`sem_wait`], but waits no longer than until `abs_timeout` on `CLOCK_REALTIME`.
///
/// | errno | when |
/// | --- | --- |
/// | `EINTR` | a signal handler ran, even if it was installed with `SA_RESTART` |
/// | `EINVAL` | `tv_nsec` is not in 0..=999999999; glibc checks this even if the value is above 0 |
/// | `ETIMEDOUT` | the value was still 0 at this time |
///
/// Manual page: [sem_wait(3)](https://man7.org/linux/man-pages/man3/sem_wait.3.html).
pub fn sem_timedwait(sem: &Sem, abs_timeout: &TimeSpec) -> Result<()> {
    const WAIT: &Wait =
        &Wait { call: "sem_timedwait", until: "the semaphore is posted, or the timeout expires" };
    let timeout = ptr::from_ref(abs_timeout.as_ref());
    // SAFETY: the Sem keeps its semaphore mapped; the timespec lives through the call.
    let result = may_wait(WAIT, || check(unsafe { libc::sem_timedwait(sem.as_ptr(), timeout) })).map(drop);
    report("sem_timedwait", &result, || format!("{:p}, {}", sem.as_ptr(), timespec_text(abs_timeout)));
    result
}

/// `int sem_post(sem_t *sem);`
///
/// Increments the semaphore. Async-signal-safe.
///
/// | errno | when |
/// | --- | --- |
/// | `EOVERFLOW` | the value is 2147483647 (`SEM_VALUE_MAX`) |
///
/// Manual page: [sem_post(3)](https://man7.org/linux/man-pages/man3/sem_post.3.html).
pub fn sem_post(sem: &Sem) -> Result<()> {
    // SAFETY: the Sem keeps its semaphore mapped.
    let result = check(unsafe { libc::sem_post(sem.as_ptr()) }).map(drop);
    report("sem_post", &result, || format!("{:p}", sem.as_ptr()));
    result
}

/// `int sem_getvalue(sem_t *sem, int *sval);`
///
/// Returns the value. On Linux it is never below 0, even if processes wait. The call cannot fail for an
/// open semaphore.
///
/// Manual page: [sem_getvalue(3)](https://man7.org/linux/man-pages/man3/sem_getvalue.3.html).
pub fn sem_getvalue(sem: &Sem) -> Result<c_int> {
    let mut value = 0;
    // SAFETY: the Sem keeps its semaphore mapped; `value` lives through the call.
    let result = check(unsafe { libc::sem_getvalue(sem.as_ptr(), &raw mut value) }).map(|_| Value(value));
    report("sem_getvalue", &result, || match &result {
        Ok(_) => format!("{:p}, [{value}]", sem.as_ptr()),
        Err(_) => format!("{:p}, sval", sem.as_ptr()),
    });
    result.map(|_| value)
}

/// A value that C stores through a pointer. The call itself returns 0.
struct Value(#[allow(dead_code)] c_int);

impl Returned for Value {
    fn shown(&self) -> String {
        "0".into()
    }
}

//! Sending and receiving messages, with a timeout and without.

use super::Mqd;
use crate::call::{Result, Returned, Wait, bytes_text, check, may_wait, report, timespec_text};
use nix::mqueue as nix_mq;
use nix::sys::time::TimeSpec;
use std::os::fd::AsRawFd;
use std::ptr;

/// `int mq_send(mqd_t mqdes, const char *msg_ptr, size_t msg_len, unsigned int msg_prio);`
///
/// Adds a message to the queue. Waits while the queue is full, unless `O_NONBLOCK` is set. Messages of higher
/// priority are received first; messages of equal priority are received in the order of sending.
///
/// | errno | when |
/// | --- | --- |
/// | `EAGAIN` | the queue is full, and `O_NONBLOCK` is set |
/// | `EBADF` | not open for writing, or not a descriptor of a queue |
/// | `EINTR` | a signal handler ran that was installed without `SA_RESTART` |
/// | `EINVAL` | the priority is 32768 (`MQ_PRIO_MAX`) or more |
/// | `EMSGSIZE` | the message is longer than `mq_msgsize` |
///
/// Manual page: [mq_send(3)](https://man7.org/linux/man-pages/man3/mq_send.3.html).
#[inline]
pub fn mq_send(mqdes: &Mqd, msg: &[u8], msg_prio: u32) -> Result<()> {
    const WAIT: &Wait = &Wait { call: "mq_send", until: "there is room in the queue" };
    let result = may_wait(WAIT, || nix_mq::mq_send(&mqdes.0, msg, msg_prio));
    report("mq_send", &result, || {
        format!("{}, {}, {}, {msg_prio}", mqdes.as_raw_fd(), bytes_text(msg), msg.len())
    });
    result
}

/// `int mq_timedsend(mqd_t mqdes, const char *msg_ptr, size_t msg_len, unsigned int msg_prio, const struct timespec *abs_timeout);`
///
/// Does the same as [`mq_send`], but waits no longer than until `abs_timeout`. This is a date on
/// `CLOCK_REALTIME`, in seconds and nanoseconds since 1970, and not a duration. If there is room, a date
/// in the past is no error. `None` is a null pointer: the call waits without limit, as on Linux, and POSIX
/// does not define it.
///
/// | errno | when |
/// | --- | --- |
/// | `EAGAIN` | the queue is full, and `O_NONBLOCK` is set |
/// | `EBADF` | not open for writing, or not a descriptor of a queue |
/// | `EINTR` | a signal handler ran that was installed without `SA_RESTART` |
/// | `EINVAL` | the priority is 32768 (`MQ_PRIO_MAX`) or more; or `tv_sec` is negative or `tv_nsec` is not in 0..=999999999, which Linux checks even if there is room |
/// | `EMSGSIZE` | the message is longer than `mq_msgsize` |
/// | `ETIMEDOUT` | the queue was still full at this date |
///
/// Manual page: [mq_send(3)](https://man7.org/linux/man-pages/man3/mq_send.3.html).
pub fn mq_timedsend<'a>(
    mqdes: &Mqd,
    msg: &[u8],
    msg_prio: u32,
    abs_timeout: impl Into<Option<&'a TimeSpec>>,
) -> Result<()> {
    const WAIT: &Wait =
        &Wait { call: "mq_timedsend", until: "there is room in the queue, or the timeout expires" };
    let (fd, abs_timeout) = (mqdes.as_raw_fd(), abs_timeout.into());
    let timeout = timeout_ptr(abs_timeout);
    // SAFETY: the message has this length; it and the timespec live through the call.
    let send = || unsafe { libc::mq_timedsend(fd, msg.as_ptr().cast(), msg.len(), msg_prio, timeout) };
    let result = may_wait(WAIT, || check(send())).map(drop);
    report("mq_timedsend", &result, || {
        format!("{fd}, {}, {}, {msg_prio}, {}", bytes_text(msg), msg.len(), timeout_text(abs_timeout))
    });
    result
}

/// `ssize_t mq_receive(mqd_t mqdes, char *msg_ptr, size_t msg_len, unsigned int *msg_prio);`
///
/// Removes the oldest message of the highest priority, and returns its length and
/// priority. Waits while the queue is empty, unless `O_NONBLOCK` is set.
///
/// | errno | when |
/// | --- | --- |
/// | `EAGAIN` | the queue is empty, and `O_NONBLOCK` is set |
/// | `EBADF` | not open for reading, or not a descriptor of a queue |
/// | `EINTR` | a signal handler ran that was installed without `SA_RESTART` |
/// | `EMSGSIZE` | the buffer is smaller than `mq_msgsize`, however short the message |
///
/// Manual page: [mq_receive(3)](https://man7.org/linux/man-pages/man3/mq_receive.3.html).
#[inline]
pub fn mq_receive(mqdes: &Mqd, msg: &mut [u8]) -> Result<(usize, u32)> {
    const WAIT: &Wait = &Wait { call: "mq_receive", until: "a message arrives" };
    let mut prio = 0;
    let received = may_wait(WAIT, || nix_mq::mq_receive(&mqdes.0, msg, &mut prio));
    let result = received.map(|length| (length, prio));
    report("mq_receive", &result, || received_text(mqdes, msg, result));
    result
}

/// `ssize_t mq_receive(mqd_t mqdes, char *msg_ptr, size_t msg_len, NULL);`
///
/// Does the same as [`mq_receive`], and does not ask for the priority. It fails with the same errnos.
///
/// Manual page: [mq_receive(3)](https://man7.org/linux/man-pages/man3/mq_receive.3.html).
pub fn mq_receive_without_priority(mqdes: &Mqd, msg: &mut [u8]) -> Result<usize> {
    const WAIT: &Wait = &Wait { call: "mq_receive", until: "a message arrives" };
    let fd = mqdes.as_raw_fd();
    // SAFETY: the buffer has this length, and lives through the call.
    let mut receive = || unsafe { libc::mq_receive(fd, msg.as_mut_ptr().cast(), msg.len(), ptr::null_mut()) };
    let result = may_wait(WAIT, || check(receive())).map(isize::cast_unsigned);
    report("mq_receive", &result, || {
        let shown = result.map_or("buffer".into(), |length| bytes_text(&msg[..length]));
        format!("{fd}, {shown}, {}, NULL", msg.len())
    });
    result
}

/// `ssize_t mq_timedreceive(mqd_t mqdes, char *msg_ptr, size_t msg_len, unsigned int *msg_prio, const struct timespec *abs_timeout);`
///
/// Does the same as [`mq_receive`], but waits no longer than until `abs_timeout`. This is a date on
/// `CLOCK_REALTIME`, in seconds and nanoseconds since 1970, and not a duration. If there is a message, a
/// date in the past is no error. `None` is a null pointer: the call waits without limit, as on Linux, and
/// POSIX does not define it.
///
/// | errno | when |
/// | --- | --- |
/// | `EAGAIN` | the queue is empty, and `O_NONBLOCK` is set |
/// | `EBADF` | not open for reading, or not a descriptor of a queue |
/// | `EINTR` | a signal handler ran that was installed without `SA_RESTART` |
/// | `EINVAL` | `tv_sec` is negative or `tv_nsec` is not in 0..=999999999, which Linux checks even if there is a message |
/// | `EMSGSIZE` | the buffer is smaller than `mq_msgsize`, however short the message |
/// | `ETIMEDOUT` | the queue was still empty at this date |
///
/// Manual page: [mq_receive(3)](https://man7.org/linux/man-pages/man3/mq_receive.3.html).
pub fn mq_timedreceive<'a>(
    mqdes: &Mqd,
    msg: &mut [u8],
    abs_timeout: impl Into<Option<&'a TimeSpec>>,
) -> Result<(usize, u32)> {
    const WAIT: &Wait = &Wait { call: "mq_timedreceive", until: "a message arrives, or the timeout expires" };
    let (fd, abs_timeout) = (mqdes.as_raw_fd(), abs_timeout.into());
    let timeout = timeout_ptr(abs_timeout);
    let mut prio = 0;
    // SAFETY: the buffer has this length; it, the priority and the timespec live through the call.
    let received = may_wait(WAIT, || unsafe {
        check(libc::mq_timedreceive(fd, msg.as_mut_ptr().cast(), msg.len(), &raw mut prio, timeout))
    });
    let result = received.map(|length| (length.cast_unsigned(), prio));
    report("mq_timedreceive", &result, || {
        format!("{}, {}", received_text(mqdes, msg, result), timeout_text(abs_timeout))
    });
    result
}

/// `syscall(SYS_mq_timedsend, mqdes, msg_ptr, msg_len, msg_prio, abs_timeout);`: the system call below
/// glibc's [`mq_timedsend`].
///
/// Takes any address for the timeout. The kernel only reads there.
///
/// | errno | when |
/// | --- | --- |
/// | `EFAULT` | the address cannot be read |
///
/// The other cases are those of [`mq_timedsend`].
///
/// Manual page: [mq_send(3)](https://man7.org/linux/man-pages/man3/mq_send.3.html).
pub fn sys_mq_timedsend(mqdes: &Mqd, msg: &[u8], msg_prio: u32, abs_timeout: usize) -> Result<()> {
    let (fd, ptr, length) = (mqdes.as_raw_fd(), msg.as_ptr(), msg.len());
    // SAFETY: the message has this length and lives through the call, which only reads.
    let returned = unsafe { libc::syscall(libc::SYS_mq_timedsend, fd, ptr, length, msg_prio, abs_timeout) };
    let result = check(returned).map(drop);
    report("syscall", &result, || {
        format!("SYS_mq_timedsend, {fd}, {}, {length}, {msg_prio}, {abs_timeout:#x}", bytes_text(msg))
    });
    result
}

/// `syscall(SYS_mq_timedreceive, mqdes, msg_ptr, msg_len, msg_prio, abs_timeout);`: the system call below
/// glibc's [`mq_timedreceive`].
///
/// Takes any address for the timeout. The kernel only reads there.
///
/// | errno | when |
/// | --- | --- |
/// | `EFAULT` | the address cannot be read |
///
/// The other cases are those of [`mq_timedreceive`].
///
/// Manual page: [mq_receive(3)](https://man7.org/linux/man-pages/man3/mq_receive.3.html).
pub fn sys_mq_timedreceive(mqdes: &Mqd, msg: &mut [u8], abs_timeout: usize) -> Result<(usize, u32)> {
    let (fd, ptr, length, mut prio) = (mqdes.as_raw_fd(), msg.as_mut_ptr(), msg.len(), 0_u32);
    // SAFETY: the buffer has this length; it and the priority live through the call, which only reads the
    // timeout.
    let returned =
        unsafe { libc::syscall(libc::SYS_mq_timedreceive, fd, ptr, length, &raw mut prio, abs_timeout) };
    let result = check(returned).map(|length| (usize::try_from(length).unwrap_or(0), prio));
    report("syscall", &result, || {
        format!("SYS_mq_timedreceive, {}, {abs_timeout:#x}", received_text(mqdes, msg, result))
    });
    result
}

fn timeout_ptr(abs_timeout: Option<&TimeSpec>) -> *const libc::timespec {
    abs_timeout.map_or(ptr::null(), |time| ptr::from_ref(time.as_ref()))
}

fn timeout_text(abs_timeout: Option<&TimeSpec>) -> String {
    abs_timeout.map_or("NULL".into(), timespec_text)
}

/// Returns the arguments of a receiving call. If the call failed, the buffer and the priority have no value.
fn received_text(mqdes: &Mqd, msg: &[u8], result: Result<(usize, u32)>) -> String {
    let fd = mqdes.as_raw_fd();
    match result {
        Ok((length, prio)) => format!("{fd}, {}, {}, [{prio}]", bytes_text(&msg[..length]), msg.len()),
        Err(_) => format!("{fd}, buffer, {}, NULL", msg.len()),
    }
}

impl Returned for (usize, u32) {
    fn shown(&self) -> String {
        self.0.to_string()
    }
}

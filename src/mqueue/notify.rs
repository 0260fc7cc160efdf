//! Notification of the first message.

use super::Mqd;
use crate::call::{Result, check, report};
use crate::signal::SigEvent;
use std::os::fd::AsRawFd;
use std::ptr;

/// `int mq_notify(mqd_t mqdes, const struct sigevent *sevp);`
///
/// Registers this process for one notification, when a message arrives on the empty queue. `None`
/// removes this process's registration.
///
/// | errno | when |
/// | --- | --- |
/// | `EBADF` | not a descriptor of a queue |
/// | `EBUSY` | a process is already registered, possibly this one |
/// | `EINVAL` | the signal number is below 0 or above 64; or the event is [`SigEvent::Other`] |
/// | `ENOMEM` | not enough memory |
/// | `ENOSYS` | the event is [`SigEvent::Thread`], and glibc cannot make its socket and its helper thread |
///
/// Manual page: [mq_notify(3)](https://man7.org/linux/man-pages/man3/mq_notify.3.html).
pub fn mq_notify(mqdes: &Mqd, sevp: Option<&SigEvent>) -> Result<()> {
    let event = sevp.map(|event| event.to_c());
    let event_ptr = event.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: the descriptor is open; `event_ptr` is null or points to a live sigevent.
    let result = check(unsafe { libc::mq_notify(mqdes.as_raw_fd(), event_ptr) }).map(drop);
    report("mq_notify", &result, || {
        format!("{}, {}", mqdes.as_raw_fd(), sevp.map_or("NULL".into(), ToString::to_string))
    });
    result
}

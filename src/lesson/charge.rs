//! What a user's queues are charged for.
//!
//! Every queue's bytes count against `RLIMIT_MSGQUEUE` of its maker's real uid
//! for as long as the queue exists, with or without a name. The kernel shows the
//! sum nowhere, but it can be found: a queue of 97 bytes can be made as long as
//! the sum and 97 do not exceed the limit, so the lowest limit under which one
//! can be made gives the sum to the byte.

use super::{Say, leave};
use crate::call::Errno;
use crate::observe::Unseen;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use std::ffi::CString;

/// What a queue of one message of one byte is charged for: its byte, and 96 for the kernel's own books.
const SMALLEST: u64 = 1 + 96;

/// What a queue is charged for, by getrlimit(2): for each message its size, and
/// 96 bytes for the kernel's own books (on 64-bit machines).
#[must_use]
pub const fn charge_of(mq_maxmsg: i64, mq_msgsize: i64) -> i64 {
    mq_maxmsg * (mq_msgsize + 96)
}

/// How much more was charged `now` than `before`, if both were seen.
pub fn since(before: &Result<i64, Unseen>, now: &Result<i64, Unseen>) -> Result<i64, Unseen> {
    Ok(now.clone()? - before.clone()?)
}

impl Say {
    /// The bytes that this user's queues are charged for now; told.
    pub fn msgqueue_charge(&self) -> Result<i64, Unseen> {
        self.show("all queues of this user", "RLIMIT_MSGQUEUE_charge", measure())
    }
}

fn measure() -> Result<i64, Unseen> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_MSGQUEUE).map_err(|errno| unseen("getrlimit", errno))?;
    leave::hold_signals();
    let sum = search(soft.min(1 << 40), hard);
    let restored = setrlimit(Resource::RLIMIT_MSGQUEUE, soft, hard);
    leave::let_signals_in();
    restored.map_err(|errno| unseen("setrlimit", errno))?;
    sum
}

fn search(soft: u64, hard: u64) -> Result<i64, Unseen> {
    let fits = |limit: u64| {
        setrlimit(Resource::RLIMIT_MSGQUEUE, limit, hard).map_err(|errno| unseen("setrlimit", errno))?;
        a_queue_can_be_made()
    };
    if !fits(soft)? {
        return Err(Unseen("RLIMIT_MSGQUEUE is reached already".into()));
    }
    let (mut too_low, mut enough) = (0, soft);
    while enough - too_low > 1 {
        let middle = too_low.midpoint(enough);
        if fits(middle)? { enough = middle } else { too_low = middle }
    }
    Ok(i64::try_from(enough - SMALLEST).unwrap_or(i64::MAX))
}

/// Makes the smallest queue, and removes it at once.
fn a_queue_can_be_made() -> Result<bool, Unseen> {
    let name = CString::new(format!("/ipc-workbook.{}", std::process::id())).unwrap_or_default();
    // SAFETY: mq_attr is plain integers, for which zero is a value.
    let mut attr: libc::mq_attr = unsafe { std::mem::zeroed() };
    (attr.mq_maxmsg, attr.mq_msgsize) = (1, 1);
    // SAFETY: the name ends in a NUL, and the attributes outlive the call.
    let fd = unsafe {
        libc::mq_open(name.as_ptr(), libc::O_CREAT | libc::O_EXCL | libc::O_RDWR, 0o600, &raw const attr)
    };
    match Errno::result(fd) {
        Ok(fd) => {
            // SAFETY: the name and the descriptor are this function's own.
            unsafe {
                libc::mq_unlink(name.as_ptr());
                libc::close(fd);
            }
            Ok(true)
        }
        Err(Errno::EMFILE) => Ok(false),
        Err(errno) => Err(unseen("mq_open", errno)),
    }
}

fn unseen(call: &str, errno: Errno) -> Unseen {
    Unseen(format!("{call}: {errno:?}"))
}

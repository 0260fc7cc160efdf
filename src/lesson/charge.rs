//! What a user's queues are charged for.
//!
//! Every queue's bytes count against `RLIMIT_MSGQUEUE` of its maker's real uid
//! for as long as the queue exists, with or without a name. The kernel shows the
//! sum nowhere, but it can be found: a queue of 97 bytes can be made as long as
//! the sum and 97 do not exceed the limit, so the lowest limit under which one
//! can be made gives the sum to the byte.

use super::run_lock::RunLock;
use super::speak::Lesson;
use super::{cleanup, signals};
use crate::call::{Errno, Object};
use crate::observe::{Unseen, queues_of_others};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::stat::fstat;
use nix::unistd::geteuid;
use std::ffi::{CStr, CString};
use std::os::fd::{FromRawFd, OwnedFd};

/// What a queue of one message of one byte is charged for: its byte, and 96 for the kernel's own books.
const SMALLEST: u64 = 1 + 96;

/// What a queue is charged for, by getrlimit(2): for each message its size, and
/// 96 bytes for the kernel's own books (on 64-bit machines).
#[must_use]
pub const fn charge_of(mq_maxmsg: i64, mq_msgsize: i64) -> i64 {
    mq_maxmsg * (mq_msgsize + 96)
}

/// What was charged at one moment.
#[derive(Clone, Debug)]
pub struct Charge {
    bytes: i64,
    /// The queues that other processes of this user held, as (pid, inode).
    others: Vec<(i32, u64)>,
}

/// How much more was charged `now` than `before`, if both were seen, and no
/// other process of this user made or dropped a queue in between.
pub fn since(before: &Result<Charge, Unseen>, now: &Result<Charge, Unseen>) -> Result<i64, Unseen> {
    let (before, now) = (before.clone()?, now.clone()?);
    still_alone(&before.others, &now.others)?;
    Ok(now.bytes - before.bytes)
}

fn still_alone(before: &[(i32, u64)], now: &[(i32, u64)]) -> Result<(), Unseen> {
    let differs = now.iter().find(|queue| !before.contains(queue));
    match differs.or_else(|| before.iter().find(|queue| !now.contains(queue))) {
        None => Ok(()),
        Some((pid, _)) => Err(Unseen(format!(
            "process {pid}, yours too, made or dropped a queue meanwhile, and its bytes count"
        ))),
    }
}

impl Lesson {
    /// The bytes that this user's queues are charged for now, shown as well.
    pub fn msgqueue_charge(&self) -> Result<Charge, Unseen> {
        let charge = self.measure();
        let _ = self.show(
            "all queues of this user",
            "RLIMIT_MSGQUEUE_charge",
            charge.as_ref().map(|charge| charge.bytes).map_err(Clone::clone),
        );
        charge
    }

    fn measure(&self) -> Result<Charge, Unseen> {
        let uid = geteuid();
        let _lock = RunLock::wait_to_measure("user", &format!("measure {uid}"))?;
        let probe = CString::new(format!("/ipc-workbook.{uid}")).unwrap_or_default();
        // SAFETY: the name ends in a NUL.
        if unsafe { libc::mq_unlink(probe.as_ptr()) } == 0 {
            self.note(&format!(
                "A queue {} was here: left over from a measurement that was killed. Removed it.",
                probe.to_string_lossy()
            ));
        }
        let (soft, hard) =
            getrlimit(Resource::RLIMIT_MSGQUEUE).map_err(|errno| unseen("getrlimit", errno))?;
        let dev = device_of_queues(&probe)?;
        let ours = self.narrator.pids();
        self.no_other_lesson()?;
        let before = queues_of_others(dev, &ours)?;
        signals::hold();
        let sum = search(&probe, soft.min(1 << 40), hard);
        let restored = setrlimit(Resource::RLIMIT_MSGQUEUE, soft, hard);
        signals::let_in();
        restored.map_err(|errno| unseen("setrlimit", errno))?;
        let others = queues_of_others(dev, &ours)?;
        still_alone(&before, &others)?;
        self.no_other_lesson()?;
        Ok(Charge { bytes: sum?, others })
    }

    /// A queue in flight is in no process, so looking at processes is not enough.
    fn no_other_lesson(&self) -> Result<(), Unseen> {
        if self.locks.others_hold_some() {
            return Err(Unseen("another lesson of yours runs beside this one, and its queues count".into()));
        }
        Ok(())
    }
}

fn search(probe: &CStr, soft: u64, hard: u64) -> Result<i64, Unseen> {
    let fits = |limit: u64| {
        setrlimit(Resource::RLIMIT_MSGQUEUE, limit, hard).map_err(|errno| unseen("setrlimit", errno))?;
        Ok(make_queue(probe)?.is_some())
    };
    let (mut too_low, mut enough) = (0, soft);
    while enough - too_low > 1 {
        let middle = too_low.midpoint(enough);
        if fits(middle)? { enough = middle } else { too_low = middle }
    }
    // A refusal for another reason, or a queue that came and went, would have misled the search.
    if !fits(enough)? || (too_low > 0 && fits(too_low)?) {
        return Err(Unseen("mq_open: EMFILE came and went; somebody else uses the limit".into()));
    }
    Ok(i64::try_from(enough - SMALLEST).unwrap_or(i64::MAX))
}

/// The device number of the file system that holds the queues of this namespace;
/// also a proof that the limit is not reached yet.
fn device_of_queues(probe: &CStr) -> Result<u64, Unseen> {
    signals::hold();
    let made = make_queue(probe);
    signals::let_in();
    let queue = made?.ok_or_else(|| {
        Unseen("mq_open: EMFILE; RLIMIT_MSGQUEUE or RLIMIT_NOFILE is reached already".into())
    })?;
    fstat(&queue).map(|stat| stat.st_dev).map_err(|errno| unseen("fstat", errno))
}

/// Makes the smallest queue, and removes its name at once; `None` if a limit is
/// in the way. Signals must be held, or one could come between the two.
fn make_queue(name: &CStr) -> Result<Option<OwnedFd>, Unseen> {
    // SAFETY: mq_attr is plain integers, for which zero is a value.
    let mut attr: libc::mq_attr = unsafe { std::mem::zeroed() };
    (attr.mq_maxmsg, attr.mq_msgsize) = (1, 1);
    // SAFETY: the name ends in a NUL, and the attributes outlive the call.
    let fd = unsafe {
        libc::mq_open(name.as_ptr(), libc::O_CREAT | libc::O_EXCL | libc::O_RDWR, 0o600, &raw const attr)
    };
    match Errno::result(fd) {
        Ok(fd) => {
            // SAFETY: the call has just made this descriptor.
            let queue = unsafe { OwnedFd::from_raw_fd(fd) };
            // SAFETY: the name ends in a NUL.
            if let Err(errno) = Errno::result(unsafe { libc::mq_unlink(name.as_ptr()) }) {
                // The end of the lesson tries again, and says so if it cannot.
                cleanup::created(Object::Queue(name));
                return Err(unseen("mq_unlink", errno));
            }
            Ok(Some(queue))
        }
        Err(Errno::EMFILE) => Ok(None),
        Err(errno) => Err(unseen("mq_open", errno)),
    }
}

fn unseen(call: &str, errno: Errno) -> Unseen {
    Unseen(format!("{call}: {errno:?}"))
}

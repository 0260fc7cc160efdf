//! What a queue is charged for.
//!
//! Every queue's bytes count against `RLIMIT_MSGQUEUE` of its maker for as long as the queue
//! exists, with or without a name. The kernel shows the sum nowhere, but it can be found: a queue
//! of 97 bytes can be made as long as the sum and 97 do not exceed the limit. The lowest limit
//! under which one can be made therefore gives the sum to the byte.
//!
//! Other programs of the same user make queues too. Since Linux 5.14 the kernel has a sum for
//! each user of each user namespace. So the lesson makes its queue, and measures, in a user
//! namespace in which nobody else is. Where there is no such sum, nothing is measured: the charge
//! is *not seen*.

use super::speak::{Lesson, Outcome};
use crate::call::{Errno, Listener, Result as CallResult};
use crate::capability::capset_none;
use crate::cli::Failure;
use crate::observe::Unseen;
use crate::private::{Refused, UserNamespace};
use nix::mqueue::{MQ_OFlag, MqAttr, mq_open, mq_unlink};
use nix::sched::{CloneFlags, unshare};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::stat::Mode;
use std::cell::RefCell;
use std::os::fd::{FromRawFd, IntoRawFd, OwnedFd};
use std::thread::sleep;
use std::time::Duration;

/// What a queue of one message of one byte is charged for: its byte, and 96 for the kernel's own books.
const SMALLEST: u64 = 1 + 96;
/// How often the result of a measurement is confirmed.
const CONFIRMATIONS: usize = 32;
/// Other programs can spoil a measurement for a moment. It is then made again, so often.
const ATTEMPTS: usize = 25;
const PAUSE: Duration = Duration::from_millis(20);

/// What a queue is charged for, by getrlimit(2): for each message its size, and
/// 96 bytes for the kernel's own books (on 64-bit machines).
#[must_use]
pub const fn charge_of(mq_maxmsg: i64, mq_msgsize: i64) -> i64 {
    mq_maxmsg * (mq_msgsize + 96)
}

/// The sum of a user namespace in which only this lesson makes queues.
pub struct QueueAccount<'a> {
    lesson: &'a Lesson,
    namespace: Result<UserNamespace, Unseen>,
    /// Why a measurement failed. It may have left a queue of its own, and the next sum would have it.
    spoiled: RefCell<Option<Unseen>>,
}

impl Lesson {
    /// An account on which nothing is charged yet.
    #[must_use]
    pub fn queue_account(&self) -> QueueAccount<'_> {
        let namespace = open_account();
        if namespace.is_ok() {
            self.note(
                "The kernel adds up queues for each user of each user namespace. This lesson makes its queue in \
                 a user namespace of its own, so the sum below leaves out the queues of your other programs.",
            );
        }
        QueueAccount { lesson: self, namespace, spoiled: RefCell::new(None) }
    }
}

impl QueueAccount<'_> {
    /// Makes a call that creates a queue. The queue is charged to this account.
    pub fn charge<T>(&self, create: impl FnOnce() -> CallResult<T>) -> Outcome<T> {
        let Ok(namespace) = &self.namespace else { return Ok(create()?) };
        // The call is made without the capabilities that the user namespace has given.
        let without_capabilities = || {
            capset_none().map_err(|errno| Refused { call: "capset", errno })?;
            Ok(create())
        };
        let (created, calls) = self.lesson.deferred(|| namespace.inside(without_capabilities));
        for call in calls {
            self.lesson.called(call);
        }
        let created = created.and_then(|created| created).map_err(|refused| {
            Failure::Machine(format!("entering a user namespace: {refused}; try again"))
        })?;
        Ok(created?)
    }

    /// The bytes that this account is charged for now, shown as well.
    pub fn bytes(&self) -> Result<i64, Unseen> {
        self.lesson.show("queues on this account", "RLIMIT_MSGQUEUE_charge", self.measure())
    }

    /// As [`QueueAccount::bytes`], of queues that have been closed for the last time.
    ///
    /// A program that looks at /proc/PID/fd, as lsof does, holds what it looks at during its look.
    /// So a charge that is still there is measured again, until it has gone or half a second is over.
    pub fn bytes_after_close(&self) -> Result<i64, Unseen> {
        for _ in 1..ATTEMPTS {
            match self.measure() {
                Ok(0) | Err(_) => break,
                Ok(_) => sleep(PAUSE),
            }
        }
        self.bytes()
    }

    fn measure(&self) -> Result<i64, Unseen> {
        if let Some(why) = &*self.spoiled.borrow() {
            return Err(why.clone());
        }
        let bytes = self.namespace.as_ref().map_err(Unseen::clone).and_then(measure);
        *self.spoiled.borrow_mut() = bytes.as_ref().err().cloned();
        bytes
    }
}

/// A user namespace that has a sum of its own.
fn open_account() -> Result<UserNamespace, Unseen> {
    let namespace = UserNamespace::new().map_err(|refused| no_namespace(&refused))?;
    if apart_in(&namespace, has_own_sum)? {
        return Ok(namespace);
    }
    Err(Unseen(
        "this kernel has one sum for all queues of a user, as Linux before 5.14, and other programs' queues count"
            .into(),
    ))
}

/// Whether the sum of a namespace below this one leaves out a queue that is made here. Both
/// together exceed the limit there, so the second can be made only if the sums are separate.
fn has_own_sum() -> Result<bool, Unseen> {
    let below = UserNamespace::new().map_err(|refused| no_namespace(&refused))?;
    let here = create_queue()?.ok_or_else(limit_reached)?;
    let separate = apart_in(&below, || fits(SMALLEST));
    drop(here);
    separate
}

fn measure(namespace: &UserNamespace) -> Result<i64, Unseen> {
    apart_in(namespace, || {
        let (limit, _) = getrlimit(Resource::RLIMIT_MSGQUEUE).map_err(|errno| unseen("getrlimit", errno))?;
        for _ in 0..ATTEMPTS {
            let lowest = lowest_that_fits(limit.min(1 << 40))?;
            if is_confirmed(lowest)? {
                return Ok(i64::try_from(lowest - SMALLEST).unwrap_or(i64::MAX));
            }
            sleep(PAUSE);
        }
        Err(limit_reached())
    })
}

/// The lowest limit under which one more queue can be made, if one can be made under `limit`.
fn lowest_that_fits(limit: u64) -> Result<u64, Unseen> {
    let (mut too_low, mut enough) = (SMALLEST - 1, limit);
    while enough - too_low > 1 {
        let middle = too_low.midpoint(enough);
        if fits(middle)? { enough = middle } else { too_low = middle }
    }
    Ok(enough)
}

/// A queue also counts in the namespaces above, where other programs may have reached their
/// limit: then none can be made, whatever the limit here. So both sides of the result are tried
/// in turn, and often: only the limit here refuses the one each time and never the other.
fn is_confirmed(lowest: u64) -> Result<bool, Unseen> {
    for _ in 0..CONFIRMATIONS {
        if !fits(lowest)? || fits(lowest - 1)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether one more queue can be made under this limit.
fn fits(limit: u64) -> Result<bool, Unseen> {
    let (_, hard) = getrlimit(Resource::RLIMIT_MSGQUEUE).map_err(|errno| unseen("getrlimit", errno))?;
    setrlimit(Resource::RLIMIT_MSGQUEUE, limit, hard).map_err(|errno| unseen("setrlimit", errno))?;
    Ok(create_queue()?.is_some()) // and it is closed
}

/// Creates the smallest queue, and removes its name; `None` if a limit forbids it.
fn create_queue() -> Result<Option<OwnedFd>, Unseen> {
    let new = MQ_OFlag::O_CREAT | MQ_OFlag::O_EXCL | MQ_OFlag::O_RDWR | MQ_OFlag::O_CLOEXEC;
    match mq_open(c"/measure", new, Mode::S_IRUSR, Some(&MqAttr::new(0, 1, 1, 0))) {
        Ok(queue) => {
            // SAFETY: on Linux it is a descriptor, which the call has just made.
            let queue = unsafe { OwnedFd::from_raw_fd(queue.into_raw_fd()) };
            mq_unlink(c"/measure").map(|()| Some(queue)).map_err(|errno| unseen("mq_unlink", errno))
        }
        Err(Errno::EMFILE) => Ok(None),
        Err(errno) => Err(unseen("mq_open", errno)),
    }
}

/// Runs `body` in the user namespace, and in an IPC namespace of its own: nobody there uses the
/// same names, and a queue that a killed lesson leaves goes with it.
fn apart_in<T>(namespace: &UserNamespace, body: impl FnOnce() -> Result<T, Unseen>) -> Result<T, Unseen> {
    let apart = namespace.inside(|| {
        unshare(CloneFlags::CLONE_NEWIPC).map_err(|errno| unseen("unshare(CLONE_NEWIPC)", errno))?;
        body()
    });
    apart.map_err(|refused| no_namespace(&refused))?
}

fn no_namespace(refused: &Refused) -> Unseen {
    Unseen(format!("it takes a user namespace of its own: {refused}"))
}

fn limit_reached() -> Unseen {
    Unseen("mq_open: EMFILE; your other programs' queues, or descriptors, have reached a limit".into())
}

fn unseen(call: &str, errno: Errno) -> Unseen {
    Unseen(format!("{call}: {errno:?}"))
}

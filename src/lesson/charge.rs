//! Measures how many bytes a queue is charged with.
//!
//! The kernel charges each queue's bytes to the user who created it, against `RLIMIT_MSGQUEUE`, for as
//! long as the queue exists, with or without a name. It shows the sum nowhere, but a program can find it.
//! The smallest queue is charged with 97 bytes, and it can be created only if the sum plus 97 does not
//! exceed the limit. The lowest limit under which it can be created therefore gives the sum exactly.
//!
//! Other programs of the same user create queues too. Since Linux 5.14 the kernel keeps a sum for
//! each user of each user namespace. The lesson therefore creates its queue, and measures, in a new user
//! namespace that no other program uses. Where the kernel keeps no such sum, the lesson measures nothing,
//! and the charge is *not seen*.

use super::speak::{Lesson, Outcome};
use crate::call::{Errno, Listener, Result as CallResult};
use crate::capability::capset_none;
use crate::cli::Failure;
use crate::number::signed;
use crate::observe::Unseen;
use crate::private::{Refused, UserNamespace};
use nix::mqueue::{MQ_OFlag, MqAttr, mq_open, mq_unlink};
use nix::sched::{CloneFlags, unshare};
use nix::sys::resource::{Resource, getrlimit, rlim_t, setrlimit};
use nix::sys::stat::Mode;
use std::cell::RefCell;
use std::os::fd::{FromRawFd, IntoRawFd, OwnedFd};
use std::thread::sleep;
use std::time::Duration;

/// The kernel's own data for each message, in bytes: the size of 12 pointers. It is 96 on 64 bits, and 48 on 32 bits.
const OVERHEAD: u32 = 12 * usize::BITS / 8;
/// The charge for a queue of one message of one byte.
pub const SMALLEST: rlim_t = 1 + OVERHEAD as rlim_t;
/// How often the result of a measurement is confirmed.
const CONFIRMATIONS: usize = 32;
/// How often a measurement is tried. Other programs can disturb it for a moment.
const ATTEMPTS: usize = 25;
const PAUSE: Duration = Duration::from_millis(20);

/// Returns the charge for a queue in bytes, by the formula in getrlimit(2): for each message its size, plus
/// the kernel's own data.
#[must_use]
pub const fn charge_of(mq_maxmsg: i64, mq_msgsize: i64) -> i64 {
    mq_maxmsg * (mq_msgsize + OVERHEAD as i64)
}

/// An account of charged bytes: the sum of a user namespace in which only this lesson creates queues.
pub struct QueueAccount<'a> {
    lesson: &'a Lesson,
    namespace: Result<UserNamespace, Unseen>,
    /// Why a measurement failed. It may have left its own queue behind, which the next sum would include.
    spoiled: RefCell<Option<Unseen>>,
}

impl Lesson {
    /// Opens an account with no charges on it.
    #[must_use]
    pub fn queue_account(&self) -> QueueAccount<'_> {
        let namespace = open_account();
        if namespace.is_ok() {
            self.note(
                "The kernel keeps a sum for each user of each user namespace. This lesson creates its queue in \
                 a user namespace of its own, so the sum below excludes your other programs' queues.",
            );
        }
        QueueAccount { lesson: self, namespace, spoiled: RefCell::new(None) }
    }
}

impl QueueAccount<'_> {
    /// Makes a call that creates a queue, so that the kernel charges the queue to this account.
    pub fn charge<T>(&self, create: impl FnOnce() -> CallResult<T>) -> Outcome<T> {
        let Ok(namespace) = &self.namespace else { return Ok(create()?) };
        // Entering the user namespace gives all capabilities. The call is made without them.
        let without_capabilities = || {
            capset_none().map_err(|errno| Refused { call: "capset", errno })?;
            Ok(create())
        };
        let (created, calls) = self.lesson.deferred(|| namespace.inside(without_capabilities));
        for call in calls {
            self.lesson.called(call);
        }
        let created = created.and_then(|created| created).map_err(|refused| {
            Failure::Machine(format!("cannot enter a user namespace: {refused}; run the lesson again"))
        })?;
        Ok(created?)
    }

    /// Returns the bytes that are charged to this account now, and shows the number.
    pub fn bytes(&self) -> Result<i64, Unseen> {
        self.show(self.measure())
    }

    /// Does the same as [`QueueAccount::bytes`], after the last close of the queues.
    ///
    /// A program that looks at /proc/PID/fd, as lsof does, holds a queue open while it looks. If a charge
    /// is still there, it is therefore measured again, for at most half a second.
    pub fn bytes_after_close(&self) -> Result<i64, Unseen> {
        let mut bytes = self.measure();
        for _ in 1..ATTEMPTS {
            if matches!(bytes, Ok(0) | Err(_)) {
                break;
            }
            sleep(PAUSE);
            bytes = self.measure();
        }
        self.show(bytes)
    }

    fn show(&self, bytes: Result<i64, Unseen>) -> Result<i64, Unseen> {
        self.lesson.show("queues on this account", "RLIMIT_MSGQUEUE_charge", bytes)
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

/// Makes a user namespace that has its own sum.
fn open_account() -> Result<UserNamespace, Unseen> {
    let namespace = UserNamespace::new().map_err(|refused| no_namespace(&refused))?;
    if apart_in(&namespace, has_own_sum)? {
        return Ok(namespace);
    }
    Err(one_sum_for_all())
}

/// Returns `Ok` if no queue of this user is charged yet in the user namespace that this process has just
/// entered. Sets the limit to the charge of one smallest queue.
pub fn has_a_new_sum() -> Result<(), Unseen> {
    if fits(SMALLEST)? { Ok(()) } else { Err(one_sum_for_all()) }
}

fn one_sum_for_all() -> Unseen {
    Unseen(
        "this kernel has one sum for all of a user's queues, as before Linux 5.14; other queues count too"
            .into(),
    )
}

/// Returns whether a child namespace has its own sum, which does not include a queue of this namespace.
/// The two queues together exceed the limit, so the second can be created only if the sums are separate.
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
            let lowest = lowest_that_fits(limit.min(1 << 30))?;
            if is_confirmed(lowest)? {
                return Ok(signed(lowest - SMALLEST));
            }
            sleep(PAUSE);
        }
        Err(limit_reached())
    })
}

/// Returns the lowest limit under which one more queue can be created, if one can be created under `limit`.
fn lowest_that_fits(limit: rlim_t) -> Result<rlim_t, Unseen> {
    let (mut too_low, mut enough) = (SMALLEST - 1, limit);
    while enough - too_low > 1 {
        let middle = too_low.midpoint(enough);
        if fits(middle)? { enough = middle } else { too_low = middle }
    }
    Ok(enough)
}

/// Returns whether `lowest` really is the lowest limit.
///
/// A queue is also charged in the parent namespaces. If other programs have reached a limit there, no
/// queue can be created here under any limit. The function therefore tries both sides of the result many
/// times in turn: only the limit of this namespace always refuses the lower one and never the higher one.
fn is_confirmed(lowest: rlim_t) -> Result<bool, Unseen> {
    for _ in 0..CONFIRMATIONS {
        if !fits(lowest)? || fits(lowest - 1)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Returns whether one more queue can be created under this limit.
fn fits(limit: rlim_t) -> Result<bool, Unseen> {
    let (_, hard) = getrlimit(Resource::RLIMIT_MSGQUEUE).map_err(|errno| unseen("getrlimit", errno))?;
    setrlimit(Resource::RLIMIT_MSGQUEUE, limit, hard).map_err(|errno| unseen("setrlimit", errno))?;
    Ok(create_queue()?.is_some()) // the queue is closed here
}

/// Creates the smallest queue, and removes its name. Returns `None` if a limit forbids the queue.
fn create_queue() -> Result<Option<OwnedFd>, Unseen> {
    let new = MQ_OFlag::O_CREAT | MQ_OFlag::O_EXCL | MQ_OFlag::O_RDWR | MQ_OFlag::O_CLOEXEC;
    match mq_open(c"/measure", new, Mode::S_IRUSR, Some(&MqAttr::new(0, 1, 1, 0))) {
        Ok(queue) => {
            // SAFETY: on Linux an mqd_t is a descriptor; the call has just made this one.
            let queue = unsafe { OwnedFd::from_raw_fd(queue.into_raw_fd()) };
            mq_unlink(c"/measure").map(|()| Some(queue)).map_err(|errno| unseen("mq_unlink", errno))
        }
        Err(Errno::EMFILE) => Ok(None),
        Err(errno) => Err(unseen("mq_open", errno)),
    }
}

/// Runs `body` in the user namespace and in a new IPC namespace. No other program uses the same names
/// there, and a queue that a killed lesson leaves behind vanishes with the namespace.
fn apart_in<T>(namespace: &UserNamespace, body: impl FnOnce() -> Result<T, Unseen>) -> Result<T, Unseen> {
    let apart = namespace.inside(|| {
        unshare(CloneFlags::CLONE_NEWIPC).map_err(|errno| unseen("unshare(CLONE_NEWIPC)", errno))?;
        body()
    });
    apart.map_err(|refused| no_namespace(&refused))?
}

fn no_namespace(refused: &Refused) -> Unseen {
    Unseen(format!("this needs a user namespace of its own: {refused}"))
}

fn limit_reached() -> Unseen {
    Unseen("mq_open: EMFILE: your other programs have reached a limit on queues or descriptors".into())
}

fn unseen(call: &str, errno: Errno) -> Unseen {
    Unseen(format!("{call}: {errno:?}"))
}

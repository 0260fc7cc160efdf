//! Records the kernel objects that this lesson has created, so that they can be removed when it ends,
//! fails or is interrupted.
//!
//! The records are in memory that all processes of the lesson share, and a signal handler
//! reads them. They are therefore a fixed table of atomics: nothing is allocated, and
//! removal makes system calls only. `mq_unlink` is not on POSIX's list of
//! async-signal-safe functions; the system call below glibc's `mq_unlink` is safe on Linux.

use super::shared::Shared;
use crate::call::{Errno, Object};
use crate::cli::Failure;
use crate::number::{SYS_msgctl, SYS_semctl, SYS_shmctl};
use std::ffi::{CStr, c_char, c_int, c_long};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, AtomicU32, Ordering::SeqCst};

const SLOTS: usize = 64;
/// Room for "/dev/shm/sem.", the longest name and a NUL.
const PATH: usize = 288;

const FREE: u32 = 0;
const WRITING: u32 = 1;
const LIVE: u32 = 2;

/// The record of one object, or a free entry.
struct Slot {
    state: AtomicU32,
    /// The call that removes it, such as `MQ_UNLINK`.
    how: AtomicU32,
    /// The System V identifier.
    id: AtomicI32,
    /// The path for `unlink`, or the name for `mq_unlink`; ends in a NUL.
    path: [AtomicU8; PATH],
}

struct Records {
    slots: [Slot; SLOTS],
}

// SAFETY: the records consist of atomic integers only.
static RECORDS: Shared<Records> = unsafe { Shared::new() };

/// Opens an empty table, which the processes that are forked later share.
pub(super) fn open() -> Result<(), Failure> {
    RECORDS.open()
}

const MQ_UNLINK: u32 = 0;
const UNLINK: u32 = 1;
const MSGCTL: u32 = 2;
const SEMCTL: u32 = 3;
const SHMCTL: u32 = 4;

/// Returns the call that removes an object, and its path and identifier.
fn key(object: Object<'_>) -> (u32, [u8; PATH], c_int) {
    let mut path = [0; PATH];
    let mut fill = |prefix: &[u8], name: &CStr| {
        let name = name.to_bytes();
        let name = name.strip_prefix(b"/").unwrap_or(name);
        let end = (prefix.len() + name.len()).min(PATH - 1);
        path[..prefix.len()].copy_from_slice(prefix);
        path[prefix.len()..end].copy_from_slice(&name[..end - prefix.len()]);
    };
    let (how, id) = match object {
        // The system call takes the name without the slash; glibc would strip it.
        Object::Queue(name) => (MQ_UNLINK, {
            fill(b"", name);
            0
        }),
        Object::Semaphore(name) => (UNLINK, {
            fill(b"/dev/shm/sem.", name);
            0
        }),
        Object::SharedMemory(name) => (UNLINK, {
            fill(b"/dev/shm/", name);
            0
        }),
        Object::File(path) => (UNLINK, {
            fill(b"/", path);
            0
        }),
        Object::Msg(id) => (MSGCTL, id),
        Object::Sem(id) => (SEMCTL, id),
        Object::Shm(id) => (SHMCTL, id),
    };
    (how, path, id)
}

impl Slot {
    fn path(&self) -> [u8; PATH] {
        std::array::from_fn(|i| self.path[i].load(SeqCst))
    }

    fn remove(&self) -> Result<(), Errno> {
        let path = self.path();
        let id = c_long::from(self.id.load(SeqCst));
        let path: *const c_char = path.as_ptr().cast();
        let rmid = c_long::from(libc::IPC_RMID);
        // SAFETY: the path ends in a NUL, and the System V calls take integers
        // and, for IPC_RMID, a pointer that is not used.
        let done = unsafe {
            match self.how.load(SeqCst) {
                MQ_UNLINK => libc::syscall(libc::SYS_mq_unlink, path),
                UNLINK => c_long::from(libc::unlink(path)),
                MSGCTL => libc::syscall(SYS_msgctl, id, rmid, 0),
                SEMCTL => libc::syscall(SYS_semctl, id, 0, rmid, 0),
                _ => libc::syscall(SYS_shmctl, id, rmid, 0),
            }
        };
        self.state.store(FREE, SeqCst);
        match Errno::result(done) {
            // Another process has removed it already.
            Ok(_) | Err(Errno::ENOENT | Errno::EINVAL | Errno::EIDRM) => Ok(()),
            Err(errno) => Err(errno),
        }
    }

    fn describe(&self) -> String {
        let path = self.path();
        let text =
            String::from_utf8_lossy(path.split(|byte| *byte == 0).next().unwrap_or_default()).into_owned();
        let id = self.id.load(SeqCst);
        match self.how.load(SeqCst) {
            MQ_UNLINK => format!("the queue /{text} (rm /dev/mqueue/{text})"),
            UNLINK => format!("{text} (rm {text})"),
            MSGCTL => format!("the System V queue {id} (ipcrm -q {id})"),
            SEMCTL => format!("the System V semaphore set {id} (ipcrm -s {id})"),
            _ => format!("the System V segment {id} (ipcrm -m {id})"),
        }
    }
}

/// Whether this process is in its own IPC namespace. Its queues and System V objects vanish with that
/// namespace. Outside, their names and identifiers would mean other objects, so they are not recorded.
static APART: AtomicBool = AtomicBool::new(false);

/// Notes that this process has entered its own IPC namespace.
pub(super) fn go_apart() {
    APART.store(true, SeqCst);
}

/// Returns whether this process has entered its own IPC namespace.
pub(super) fn is_apart() -> bool {
    APART.load(SeqCst)
}

fn is_elsewhere(object: Object<'_>) -> bool {
    is_apart() && !matches!(object, Object::Semaphore(_) | Object::SharedMemory(_))
}

/// Records an object. Signals must be blocked meanwhile.
pub(super) fn created(object: Object<'_>) {
    if is_elsewhere(object) {
        return;
    }
    let Some(records) = RECORDS.get() else { return };
    let (how, path, id) = key(object);
    for slot in &records.slots {
        if slot.state.compare_exchange(FREE, WRITING, SeqCst, SeqCst).is_ok() {
            slot.how.store(how, SeqCst);
            slot.id.store(id, SeqCst);
            for (to, from) in slot.path.iter().zip(path) {
                to.store(from, SeqCst);
            }
            slot.state.store(LIVE, SeqCst);
            return;
        }
    }
}

/// Forgets an object, which has been removed or should stay.
pub(super) fn removed(object: Object<'_>) {
    if is_elsewhere(object) {
        return;
    }
    let Some(records) = RECORDS.get() else { return };
    let (how, path, id) = key(object);
    for slot in &records.slots {
        if slot.state.load(SeqCst) == LIVE
            && slot.how.load(SeqCst) == how
            && slot.id.load(SeqCst) == id
            && slot.path() == path
        {
            slot.state.store(FREE, SeqCst);
        }
    }
}

/// Returns the records in use.
fn live() -> impl Iterator<Item = &'static Slot> {
    let slots = RECORDS.get().into_iter().flat_map(|records| &records.slots);
    slots.filter(|slot| slot.state.load(SeqCst) == LIVE)
}

/// Removes all recorded objects, and returns whether that succeeded. Safe in a signal handler.
pub(super) fn remove_all_quietly() -> bool {
    let mut all = true;
    for slot in live() {
        all &= slot.remove().is_ok();
    }
    all
}

/// Removes all recorded objects, and describes those that could not be removed.
pub(super) fn remove_all() -> Vec<String> {
    live()
        .filter_map(|slot| slot.remove().err().map(|errno| format!("{}: {errno:?}", slot.describe())))
        .collect()
}

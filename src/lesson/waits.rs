//! The call in which each process of the lesson waits, in memory that all of them share. The watcher
//! reports a long wait from this table, and Ctrl-C prints it.
//!
//! A signal handler reads it, so it is a fixed table of atomics.

use super::shared::Shared;
use crate::call::Wait;
use crate::cli::Failure;
use std::ptr::{from_ref, null_mut};
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU8, AtomicU32, Ordering::SeqCst};

const PROCESSES: usize = 64;
const LABEL: usize = 16;

/// A process of the lesson, or a free entry.
struct Slot {
    /// Its id; 0 in a free entry.
    pid: AtomicI32,
    label: [AtomicU8; LABEL],
    /// The call in which it waits; null while it runs. All processes were forked from one, so a constant
    /// has the same address in each of them.
    wait: AtomicPtr<Wait>,
    /// The process that it waits for, or 0.
    whom: AtomicI32,
    /// How many waits it has begun. This is also the number of the current wait.
    number: AtomicU32,
}

struct Table {
    /// The lesson's step, from 1.
    step: AtomicU32,
    /// The first slot is the lesson itself.
    slots: [Slot; PROCESSES],
}

// SAFETY: the table consists of atomic integers and pointers, for which all zeros are valid.
static TABLE: Shared<Table> = unsafe { Shared::new() };

/// The wait for the reader's answer to a question. The watcher does not report it.
static ASKS: Wait = Wait { call: "", until: "" };

/// The slot of this process.
static MINE: AtomicU32 = AtomicU32::new(0);

/// Opens an empty table, and enters this process as the lesson.
pub(super) fn open() -> Result<(), Failure> {
    TABLE.open()?;
    become_process("A");
    Ok(())
}

/// Enters this process, which has just been forked, in the table. If the table is full, its waits are not
/// recorded.
pub(super) fn become_process(label: &str) {
    let Some(table) = TABLE.get() else { return };
    let pid = nix::unistd::getpid().as_raw();
    let free = table.slots.iter().position(|slot| slot.pid.compare_exchange(0, pid, SeqCst, SeqCst).is_ok());
    MINE.store(free.and_then(|n| u32::try_from(n).ok()).unwrap_or(u32::MAX), SeqCst);
    let Some(slot) = mine() else { return };
    slot.wait.store(null_mut(), SeqCst);
    for (to, from) in slot.label.iter().zip(label.bytes().chain([0; LABEL])) {
        to.store(from, SeqCst);
    }
}

/// Removes a process that has been reaped.
pub(super) fn forget(pid: i32) {
    if let Some(slot) = slot_of(pid) {
        slot.pid.store(0, SeqCst);
    }
}

/// Records that the lesson has reached this step.
pub(super) fn begin_step(n: u32) {
    if let Some(table) = TABLE.get() {
        table.step.store(n, SeqCst);
    }
}

/// Returns the lesson's step, from 1; 0 before the first.
pub(super) fn step() -> u32 {
    TABLE.get().map_or(0, |table| table.step.load(SeqCst))
}

/// Records that this process begins to wait. It waits for the process `whom`, unless that is 0.
pub(super) fn begin(wait: &'static Wait, whom: i32) {
    if let Some(slot) = mine() {
        slot.number.fetch_add(1, SeqCst);
        slot.whom.store(whom, SeqCst);
        slot.wait.store(from_ref(wait).cast_mut(), SeqCst);
    }
}

/// Records that this process no longer waits.
pub(super) fn end() {
    if let Some(slot) = mine() {
        slot.wait.store(null_mut(), SeqCst);
    }
}

/// Runs `call`, and records meanwhile that this process waits for the process `whom`.
pub(super) fn waiting_for<T>(whom: i32, wait: &'static Wait, call: impl FnOnce() -> T) -> T {
    begin(wait, whom);
    let returned = call();
    end();
    returned
}

/// Runs `ask`, which asks the reader a question. The answer may take any time.
pub(super) fn asking<T>(ask: impl FnOnce() -> T) -> T {
    waiting_for(0, &ASKS, ask)
}

fn mine() -> Option<&'static Slot> {
    TABLE.get()?.slots.get(MINE.load(SeqCst) as usize)
}

fn slot_of(pid: i32) -> Option<&'static Slot> {
    TABLE.get()?.slots.iter().find(|slot| pid != 0 && slot.pid.load(SeqCst) == pid)
}

/// The label of a process, filled up with zeros.
pub(super) type Label = [u8; LABEL];

/// A wait, as another process reads it from the table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) pid: i32,
    pub(super) label: Label,
    /// Its number among the waits of its process.
    number: u32,
    wait: *const Wait,
    /// The process that it waits for.
    pub(super) whom: Option<Label>,
}

impl Seen {
    pub(super) fn call(&self) -> &'static [u8] {
        self.wait().call.as_bytes()
    }

    pub(super) fn wait(&self) -> &'static Wait {
        // SAFETY: the pointer of a slot is null or leads to a constant, and `Slot::seen` excludes null.
        unsafe { &*self.wait }
    }
}

impl Slot {
    fn label(&self) -> Label {
        std::array::from_fn(|i| self.label[i].load(SeqCst))
    }

    fn seen(&self) -> Option<Seen> {
        let wait = self.wait.load(SeqCst);
        (!wait.is_null()).then(|| Seen {
            pid: self.pid.load(SeqCst),
            label: self.label(),
            number: self.number.load(SeqCst),
            wait,
            whom: slot_of(self.whom.load(SeqCst)).map(Slot::label),
        })
    }
}

/// Returns the wait of the lesson. If the lesson waits for a process that waits too, returns the wait of
/// that process. Returns `None` while the lesson runs or asks the reader.
pub(super) fn seen() -> Option<Seen> {
    let mut slot = TABLE.get()?.slots.first()?;
    let mut seen = slot.seen()?;
    // One process waits for another, and that one for a third. No lesson has a longer chain.
    for _ in 0..3 {
        let Some(next) = slot_of(slot.whom.load(SeqCst)) else { break };
        let Some(deeper) = next.seen() else { break };
        (slot, seen) = (next, deeper);
    }
    (!std::ptr::eq(seen.wait, &raw const ASKS)).then_some(seen)
}

/// Returns the ids of the lesson's processes.
pub(super) fn pids() -> impl Iterator<Item = i32> {
    let slots = TABLE.get().into_iter().flat_map(|table| &table.slots);
    slots.map(|slot| slot.pid.load(SeqCst)).filter(|pid| *pid != 0)
}

//! What a lesson's own calls take of /dev/shm and give back, by `statvfs(3)`.
//!
//! Others use /dev/shm too, so only what changes while the calls are made is
//! counted, and no other lesson measures meanwhile.

use super::run_lock::RunLock;
use super::speak::{Lesson, Outcome};
use crate::cli::Failure;
use crate::observe::{Unseen, shm_used};

const MIB: i64 = 1 << 20;

/// An account of the room on /dev/shm.
pub struct ShmAccount<'a> {
    lesson: &'a Lesson,
    bytes: Result<i64, Unseen>,
}

impl Lesson {
    /// An account that stands at 0.
    #[must_use]
    pub fn shm_account(&self) -> ShmAccount<'_> {
        ShmAccount { lesson: self, bytes: Ok(0) }
    }
}

impl ShmAccount<'_> {
    /// Makes the calls, and shows and returns how many MiB, rounded, all calls
    /// so far have taken.
    pub fn after(&mut self, calls: impl FnOnce() -> Outcome) -> Result<Result<i64, Unseen>, Failure> {
        let lock = RunLock::wait_to_measure("mnt", "measure /dev/shm");
        let before = shm_used();
        calls()?;
        let change = lock.and_then(|_| Ok(shm_used()? - before?));
        self.bytes = self.bytes.clone().and_then(|bytes| Ok(bytes + change?));
        let bytes = self.lesson.show("/dev/shm", "bytes_taken", self.bytes.clone());
        Ok(bytes.map(|bytes| (bytes + MIB / 2).div_euclid(MIB)))
    }
}

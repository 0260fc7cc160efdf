//! What is in use on /dev/shm, by `statvfs(3)`.
//!
//! Everybody uses the machine's /dev/shm, so what is in use there says nothing of one program.
//! A lesson that counts has a /dev/shm of its own, in a private namespace. Where that is
//! refused, what is in use is *not seen*.

use super::speak::Lesson;
use crate::observe::{Unseen, shm_used};
use crate::private::{self, Namespace};

const MIB: i64 = 1 << 20;

/// A /dev/shm in which nobody else creates anything.
pub struct OwnDevShm<'a> {
    lesson: &'a Lesson,
    entered: Result<(), Unseen>,
}

impl Lesson {
    /// Moves the lesson into a private namespace with a /dev/shm of its own. To be called before
    /// the lesson creates anything.
    #[must_use]
    pub fn own_dev_shm(&self) -> OwnDevShm<'_> {
        OwnDevShm { lesson: self, entered: self.enter_namespace() }
    }

    fn enter_namespace(&self) -> Result<(), Unseen> {
        if self.flags.private {
            return Ok(()); // it is in one already
        }
        // A child tries it first: a process that is refused half-way cannot come back.
        private::available()
            .and_then(|()| Namespace::new().enter())
            .map_err(|refused| Unseen(format!("it takes a /dev/shm of its own: {refused}")))?;
        self.note(
            "All programs use the machine's /dev/shm. This lesson counts what is in use, so it runs in a \
             private namespace, with a /dev/shm of its own.",
        );
        Ok(())
    }
}

impl OwnDevShm<'_> {
    /// How many MiB are in use, rounded; shown in bytes.
    pub fn mebibytes_used(&self) -> Result<i64, Unseen> {
        let bytes = self.entered.clone().and_then(|()| shm_used());
        let bytes = self.lesson.show("/dev/shm", "bytes_used", bytes);
        bytes.map(|bytes| (bytes + MIB / 2).div_euclid(MIB))
    }
}

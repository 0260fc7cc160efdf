//! What is in use on /dev/shm, by `statvfs(3)`.
//!
//! All programs use the machine's /dev/shm, so what is in use there says nothing about one of
//! them. A lesson that counts runs in a private namespace, with a /dev/shm of its own. Where that
//! is refused, what is in use is *not seen*.

use super::speak::Lesson;
use crate::observe::{Unseen, shm_used};

const MIB: i64 = 1 << 20;

impl Lesson {
    /// How many MiB are in use on this lesson's own /dev/shm, rounded; shown in bytes.
    pub fn mebibytes_in_dev_shm(&self) -> Result<i64, Unseen> {
        let bytes = if self.flags.private {
            shm_used()
        } else {
            Err(Unseen("other programs use this /dev/shm, and a private namespace is refused".into()))
        };
        let bytes = self.show("/dev/shm", "bytes_used", bytes);
        bytes.map(|bytes| (bytes + MIB / 2).div_euclid(MIB))
    }
}

//! Measures how much of /dev/shm is in use, with `statvfs(3)`.
//!
//! All programs share the machine's /dev/shm, so its usage tells nothing about one program. A lesson
//! that measures it runs in a private namespace, which has its own /dev/shm. Where the machine refuses
//! a private namespace, the usage is *not seen*.

use super::speak::Lesson;
use crate::observe::{Unseen, shm_used};

const MIB: i64 = 1 << 20;

impl Lesson {
    /// Returns how many MiB of this lesson's own /dev/shm are in use, rounded. Shows the number of bytes.
    pub fn mebibytes_in_dev_shm(&self) -> Result<i64, Unseen> {
        let bytes = if self.flags.private {
            shm_used()
        } else {
            Err(Unseen("other programs use this /dev/shm too, and a private namespace is refused".into()))
        };
        let bytes = self.show("/dev/shm", "bytes_used", bytes);
        bytes.map(|bytes| (bytes + MIB / 2).div_euclid(MIB))
    }
}

//! Takes over the key of a System V object that an earlier process has left behind.

use super::speak::{Lesson, Outcome};
use crate::call::{Errno, Result as CallResult};
use crate::cli::Failure;
use crate::observe::sysvipc::Table;
use crate::sysv::msg::{IPC_CREAT, IPC_EXCL, IPC_RMID, key_t, msgctl, msgget};

// ANCHOR: take_over
/// Creates an object as a restarted server does: `create` creates it exclusively. If there is
/// one already, `find` finds it, `remove` removes it, and `create` tries again.
pub fn take_over(
    create: impl Fn() -> CallResult<i32>,
    find: impl Fn() -> CallResult<i32>,
    mut remove: impl FnMut(i32) -> Outcome,
) -> Result<i32, Failure> {
    loop {
        match create() {
            Err(Errno::EEXIST) => {}
            created => return Ok(created?),
        }
        match find() {
            Err(Errno::ENOENT) => {} // somebody has removed it in between
            found => remove(found?)?,
        }
    }
}
// ANCHOR_END: take_over

/// Takes over the key of a queue, whichever process has created the old one.
pub fn replace_queue(key: key_t) -> Result<i32, Failure> {
    let create = || msgget(key, IPC_CREAT | IPC_EXCL | 0o600);
    take_over(create, || msgget(key, 0), |old| Ok(msgctl(old, IPC_RMID)?))
}

// ANCHOR: queue
/// Takes over the key as the server restart tutorial's server does: removes the old queue, creates a new one.
pub fn take_over_queue(lesson: &Lesson, key: key_t) -> Result<i32, Failure> {
    let create = || msgget(key, IPC_CREAT | IPC_EXCL | 0o600);
    let find = || msgget(key, 0);
    take_over(create, find, |old| {
        let creator = lesson.row(Table::Msg, old)?.fact("cuid")?;
        if creator != i64::from(nix::unistd::geteuid().as_raw()) {
            return Err(Failure::Machine(format!(
                "the queue {old} with the key {key:#x} belongs to user {creator}; choose another key with --key"
            )));
        }
        msgctl(old, IPC_RMID)?;
        lesson.note(&format!("An earlier server left the queue {old} behind. It is removed now."));
        Ok(())
    })
}
// ANCHOR_END: queue

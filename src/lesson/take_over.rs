//! Taking over the key of a System V object that an earlier process has left.

use super::speak::Outcome;
use crate::call::{Errno, Result as CallResult};
use crate::cli::Failure;

// ANCHOR: take_over
/// Makes an object as a restarted server does: `create` it exclusively; if there is one
/// already, `find` it, let `remove` remove it, and try again.
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
            Err(Errno::ENOENT) => {} // gone meanwhile
            found => remove(found?)?,
        }
    }
}
// ANCHOR_END: take_over

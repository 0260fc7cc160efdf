//! The call modules against the kernel.
//!
//! A call that waits for ever fails its test: an alarm ends the test's process.

mod listener;
mod posix;
mod sysv;
mod this_process;
mod user;
mod waiting;

use ipc_workbook_testing::namespace::{Mqueue, inside};
use ipc_workbook_testing::user::User;

/// After so many seconds a test is ended. None takes one.
const LIMIT: u32 = 20;

/// Runs a test's body in a private namespace. `body` must be a closure of the test
/// function itself, whose name it thus carries.
fn private<F: FnOnce()>(body: F) {
    private_as(User::Me, Mqueue::Mounted, body);
}

/// As [`private`], as another user, or without /dev/mqueue.
fn private_as<F: FnOnce()>(user: User, mqueue: Mqueue, body: F) {
    let test = std::any::type_name::<F>().split_once("::").expect("a crate").1;
    inside(test.trim_end_matches("::{{closure}}"), user, mqueue, || {
        nix::unistd::alarm::set(LIMIT);
        body();
    });
}

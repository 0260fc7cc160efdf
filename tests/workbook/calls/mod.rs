//! The call modules, checked with the kernel.
//!
//! A call that waits forever fails its test: an alarm ends the process.

mod listener;
mod posix;
mod sysv;
mod this_process;
mod user;
mod waiting;

use ipc_workbook_testing::namespace::{Mqueue, inside};
use ipc_workbook_testing::user::User;

/// The seconds after which SIGALRM ends a test. No test takes one second.
const LIMIT: u32 = 20;

/// Runs a test's body in a private namespace. `body` must be a closure of the test function itself, because
/// the closure's type name gives the name of the test.
fn private<F: FnOnce()>(body: F) {
    private_as(User::Me, Mqueue::Mounted, body);
}

/// Runs a test's body like [`private`], as another user or without /dev/mqueue.
fn private_as<F: FnOnce()>(user: User, mqueue: Mqueue, body: F) {
    let test = std::any::type_name::<F>().split_once("::").expect("a crate").1;
    inside(test.trim_end_matches("::{{closure}}"), user, mqueue, || {
        nix::unistd::alarm::set(LIMIT);
        body();
    });
}

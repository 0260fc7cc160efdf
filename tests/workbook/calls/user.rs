//! Users to whom the kernel refuses something.

use super::private_as;
use ipc_workbook_testing::namespace::Mqueue;
use ipc_workbook_testing::requirement::skip;
use ipc_workbook_testing::user::User;

/// Runs a test's body like [`private`](super::private), as a user to whom mode bits and limits apply. They do
/// not apply to root.
pub(super) fn private_as_ordinary_user<F: FnOnce()>(body: F) {
    let user = *User::all().last().expect("one user at least");
    if user == User::Me && nix::unistd::geteuid().is_root() {
        return skip("root is refused nothing, and uid 65534 is not mapped here");
    }
    private_as(user, Mqueue::Mounted, body);
}

/// Returns whether this process is root and can act as a second user. Says so if not.
pub(super) fn two_users() -> bool {
    let two = User::all().len() == 2;
    if !two {
        skip("only root can act as two users, and only if uid 65534 is mapped here");
    }
    two
}

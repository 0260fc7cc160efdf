//! Users whom the kernel refuses something.

use super::private_as;
use ipc_workbook_testing::namespace::Mqueue;
use ipc_workbook_testing::requirement::skip;
use ipc_workbook_testing::user::User;

/// As [`private`](super::private), as a user whom mode bits and limits can refuse: root is
/// refused nothing.
pub(super) fn private_as_ordinary_user<F: FnOnce()>(body: F) {
    let user = *User::all().last().expect("one user at least");
    if user == User::Me && nix::unistd::geteuid().is_root() {
        return skip("root is refused nothing, and there is no uid 65534 to become");
    }
    private_as(user, Mqueue::Mounted, body);
}

/// Whether there are two users here, one of them root; says so if not.
pub(super) fn two_users() -> bool {
    let two = User::all().len() == 2;
    if !two {
        skip("two users take root, and a uid 65534");
    }
    two
}

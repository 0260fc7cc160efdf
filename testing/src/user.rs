//! The users as whom the tests run programs: the current user and, if that is root, nobody too.

use ipc_workbook::observe::has_uid;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// The uid and the gid of nobody.
pub const NOBODY: u32 = 65534;

/// The user as whom a program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    /// The user who runs the tests.
    Me,
    /// uid and gid 65534, without capabilities.
    Nobody,
}

impl User {
    /// Returns the users that are available here. Only root can become another user, and a user
    /// namespace, such as a container's, may not map that uid.
    pub fn all() -> Vec<User> {
        let exists = has_uid(NOBODY).unwrap_or(false);
        if nix::unistd::geteuid().is_root() && exists { vec![User::Me, User::Nobody] } else { vec![User::Me] }
    }
}

/// Sets `command` up to start as `user`.
pub fn become_user(command: &mut Command, user: User) {
    if user == User::Nobody {
        become_id(command, NOBODY);
    }
}

/// Sets `command` up to start with this uid and gid, and without supplementary groups. Needs root.
pub fn become_id(command: &mut Command, id: u32) {
    // SAFETY: the closure makes three system calls and nothing else.
    unsafe {
        command.pre_exec(move || {
            let ok = libc::setgroups(0, std::ptr::null()) == 0
                && libc::setresgid(id, id, id) == 0
                && libc::setresuid(id, id, id) == 0;
            if ok { Ok(()) } else { Err(std::io::Error::last_os_error()) }
        });
    }
}

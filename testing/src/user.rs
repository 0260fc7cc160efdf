//! Who runs something: whoever runs the tests, and where that is root, nobody too.

use ipc_workbook::observe::has_uid;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// The uid and the gid of nobody.
pub const NOBODY: u32 = 65534;

/// Who runs something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    /// Whoever runs the tests.
    Me,
    /// uid and gid 65534, with no capability.
    Nobody,
}

impl User {
    /// All that can be had here: only root can be somebody else, and only where
    /// that uid exists, which in a container it may not.
    pub fn all() -> Vec<User> {
        let exists = has_uid(NOBODY).unwrap_or(false);
        if nix::unistd::geteuid().is_root() && exists { vec![User::Me, User::Nobody] } else { vec![User::Me] }
    }
}

/// Makes `command` start as `user`.
pub fn become_user(command: &mut Command, user: User) {
    if user == User::Nobody {
        become_id(command, NOBODY);
    }
}

/// Makes `command` start with this uid and this gid, and no other groups. It takes root.
pub fn become_id(command: &mut Command, id: u32) {
    // SAFETY: three system calls.
    unsafe {
        command.pre_exec(move || {
            let ok = libc::setgroups(0, std::ptr::null()) == 0
                && libc::setresgid(id, id, id) == 0
                && libc::setresuid(id, id, id) == 0;
            if ok { Ok(()) } else { Err(std::io::Error::last_os_error()) }
        });
    }
}

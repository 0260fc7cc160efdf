//! What was looked at last, and the command that shows it from another terminal.

use crate::observe::sysvipc::{Table, row};
use crate::observe::{Inode, Observe};

/// Something that was looked at, or might be.
pub(super) enum Seen {
    Posix(Inode),
    SystemV(Table, i32),
    File(String),
}

impl Seen {
    /// The command that shows it, if it is there still; whoever held it may have let go
    /// since. From outside, a `private` namespace has to be entered first.
    pub(super) fn command(&self, private: bool) -> Option<String> {
        match self {
            Seen::Posix(inode) => inode.snapshot().ok()?.command(),
            Seen::SystemV(table, id) => {
                let me = nix::unistd::getpid().as_raw();
                Some(row(*table, *id).ok()??.command(private.then_some(me)))
            }
            Seen::File(path) => std::fs::exists(path).ok()?.then(|| format!("stat {path}")),
        }
    }
}

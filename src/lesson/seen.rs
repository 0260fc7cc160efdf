//! Remembers what was looked at last, and the command that shows it in another terminal.

use crate::observe::sysvipc::{Table, row};
use crate::observe::{Inode, Observe};

/// An object or file that the lesson has looked at, or could look at.
pub(super) enum Seen {
    Posix(Inode),
    SystemV(Table, i32),
    File(String),
}

impl Seen {
    /// Returns the command that shows it, or `None` if it no longer exists or no process holds it any more.
    /// For a `private` namespace, the command enters the namespace first.
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

//! Limits of an IPC namespace. They bind everybody in it, so a lesson sets them
//! only in a namespace of its own.

use super::{Lesson, cleanup};
use crate::observe::Unseen;
use nix::unistd::{getegid, geteuid};
use std::fs;

impl Lesson {
    /// As [`Lesson::go_apart`], and as root there, who may set the limits of the namespace.
    pub fn rule_apart(&self) -> Result<(), Unseen> {
        let (uid, gid) = (geteuid(), getegid());
        self.go_apart()?;
        if geteuid().is_root() {
            return Ok(()); // root, in no user namespace of its own
        }
        // A process that once changed its uid does not own its files in /proc.
        let _ = nix::sys::prctl::set_dumpable(true);
        for (file, text) in [
            ("/proc/self/setgroups", "deny".into()),
            ("/proc/self/uid_map", format!("0 {uid} 1")),
            ("/proc/self/gid_map", format!("0 {gid} 1")),
        ] {
            fs::write(file, text).map_err(|error| Unseen::io(file, &error))?;
        }
        Ok(())
    }

    /// Sets a limit of a namespace that [`Lesson::rule_apart`] has entered, as a shell
    /// would; no other.
    pub fn set_limit(&self, name: &str, value: &str) -> Result<(), Unseen> {
        let file = format!("/proc/sys/{name}");
        self.note(&format!("echo {value} > {file}"));
        if !cleanup::is_apart() {
            return Err(Unseen(format!("{file} is not this lesson's own to set")));
        }
        fs::write(&file, value).map_err(|error| Unseen::io(&file, &error))
    }
}

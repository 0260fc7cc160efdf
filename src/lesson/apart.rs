//! An IPC namespace of one's own for a process of the lesson, and its limits. Limits
//! bind everybody in their namespace, so a lesson sets no others.

use super::cleanup;
use super::speak::Lesson;
use crate::observe::Unseen;
use crate::private::IdMaps;
use crate::sched::unshare;
use nix::sys::signal::Signal;
use nix::unistd::{Gid, ROOT, getegid, geteuid};
use std::fs;

impl Lesson {
    /// Moves this process, which is not the lesson's first, into an IPC namespace of
    /// its own, where anybody may set the counters of System V identifiers.
    pub fn go_apart(&self) -> Result<(), Unseen> {
        // Root can do without a user namespace, where there are none.
        let entered =
            unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWIPC).or_else(|_| unshare(libc::CLONE_NEWIPC));
        entered
            .map_err(|errno| Unseen(format!("it takes an IPC namespace of its own: unshare: {errno:?}")))?;
        // A gain of capabilities may have cleared the signal that comes when the parent dies.
        let _ = nix::sys::prctl::set_pdeathsig(Signal::SIGKILL);
        cleanup::go_apart();
        Ok(())
    }

    /// As [`Lesson::go_apart`], and as root there, who may set the limits of the namespace.
    pub fn rule_apart(&self) -> Result<(), Unseen> {
        let (uid, gid) = (geteuid(), getegid());
        self.go_apart()?;
        if geteuid().is_root() {
            return Ok(()); // root, in no user namespace of its own
        }
        // A process that once changed its uid does not own its files in /proc.
        let _ = nix::sys::prctl::set_dumpable(true);
        let maps = IdMaps::of_one((ROOT, uid), (Gid::from_raw(0), gid));
        maps.write().map_err(|refused| Unseen(refused.to_string()))
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

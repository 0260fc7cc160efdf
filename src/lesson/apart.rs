//! A separate IPC namespace for one process of the lesson, and its limits. A limit applies to
//! everybody in its namespace, so a lesson sets limits only in a namespace of its own.

use super::cleanup;
use super::speak::Lesson;
use crate::observe::Unseen;
use crate::private::{IdMaps, Namespace, Refused};
use crate::sched::unshare;
use nix::sys::signal::Signal;
use nix::unistd::{Gid, ROOT, getegid, geteuid};
use std::fs;

impl Lesson {
    /// Moves this process into a new IPC namespace, where an unprivileged user may set the counters of
    /// System V identifiers too. It must not be the lesson's first process.
    pub fn go_apart(&self) -> Result<(), Unseen> {
        // Root needs no user namespace, and some machines have none.
        let entered =
            unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWIPC).or_else(|_| unshare(libc::CLONE_NEWIPC));
        entered
            .map_err(|errno| Unseen(format!("this needs an IPC namespace of its own: unshare: {errno:?}")))?;
        // The kernel clears the parent-death signal when a process gains capabilities.
        let _ = nix::sys::prctl::set_pdeathsig(Signal::SIGKILL);
        cleanup::go_apart();
        Ok(())
    }

    /// Does the same as [`Lesson::go_apart`], and becomes root in the new namespace, so that it may set the
    /// namespace's limits.
    pub fn rule_apart(&self) -> Result<(), Unseen> {
        let (uid, gid) = (geteuid(), getegid());
        self.go_apart()?;
        if geteuid().is_root() {
            return Ok(()); // root already; go_apart made no user namespace
        }
        // A process that has changed its uid does not own its files in /proc until it is dumpable again.
        let _ = nix::sys::prctl::set_dumpable(true);
        let maps = IdMaps::of_one((ROOT, uid), (Gid::from_raw(0), gid));
        Ok(maps.write()?)
    }

    /// Sets a limit, as `echo VALUE > /proc/sys/NAME` does in a shell. Refuses unless this process has
    /// entered its own namespace with [`Lesson::rule_apart`].
    pub fn set_limit(&self, name: &str, value: &str) -> Result<(), Unseen> {
        let file = format!("/proc/sys/{name}");
        self.note(&format!("echo {value} > {file}"));
        if !cleanup::is_apart() {
            return Err(Unseen(format!("{file} applies to other programs too, so the lesson leaves it")));
        }
        fs::write(&file, value).map_err(|error| Unseen::io(&file, &error))
    }
}

/// Moves this process to a private namespace where its user has no queues, so that only its own queues
/// count towards RLIMIT_MSGQUEUE.
pub fn enter_fresh_namespace() -> Result<(), Unseen> {
    let user = || fs::read_link("/proc/self/ns/user").ok();
    let before = user();
    Namespace::new().enter()?;
    // Root may get an IPC namespace without a user namespace. Then its earlier queues are still charged.
    if user() == before { Err(Unseen("no user namespace can be created here".into())) } else { Ok(()) }
}

impl From<Refused> for Unseen {
    fn from(refused: Refused) -> Self {
        Unseen(refused.to_string())
    }
}

//! The descriptors and mappings that processes hold.

use super::open;
use ipc_workbook::observe::text_of;
use nix::errno::Errno;
use std::fmt;
use std::fs;

/// How many descriptors and mappings all processes of the sandbox together hold, for the POSIX objects of one
/// name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// Descriptors of the queue.
    pub(crate) queues: usize,
    /// Descriptors of the shared memory.
    pub(crate) files: usize,
    /// Mappings of the shared memory.
    pub(crate) mappings: usize,
    /// Mappings of the semaphore.
    pub(crate) semaphores: usize,
}

impl Held {
    /// Counts what these processes hold of the objects `/name`. Processes that have ended hold nothing.
    pub(super) fn by(pids: &[i32], name: &str) -> Self {
        let mut held = Held { queues: 0, files: 0, mappings: 0, semaphores: 0 };
        // The kernel adds this to the name of an object that has been unlinked.
        let is_of = |line: &str, path: &str| line.trim_end_matches(" (deleted)").ends_with(path);
        let memory = format!("/dev/shm{name}");
        let semaphore = format!("/dev/shm/sem.{}", name.trim_start_matches('/'));
        for pid in pids {
            for open in open::all_of(*pid) {
                held.queues += usize::from(open.is_queue() && is_of(&open.target, name));
                held.files += usize::from(is_of(&open.target, &memory));
            }
            let maps = text_of(format!("/proc/{pid}/maps")).unwrap_or_default();
            held.mappings += maps.lines().filter(|line| is_of(line, &memory)).count();
            held.semaphores += maps.lines().filter(|line| is_of(line, &semaphore)).count();
        }
        held
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Held { queues, files, mappings, semaphores } = self;
        write!(f, "descriptors of the queue: {queues}, of the memory: {files}; ")?;
        write!(f, "mappings of the memory: {mappings}, of the semaphore: {semaphores}")
    }
}

/// Lets a process open `more` further descriptors; `None` raises the limit to its maximum again.
#[allow(unsafe_code)]
pub(super) fn limit_descriptors(pid: i32, more: Option<u64>) -> Result<(), Errno> {
    let is_free = |fd: &u64| fs::symlink_metadata(format!("/proc/{pid}/fd/{fd}")).is_err();
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure outlives both calls; one writes it, the other reads it.
    unsafe {
        let none = std::ptr::null();
        Errno::result(libc::prlimit(pid, libc::RLIMIT_NOFILE, none, &raw mut limit))?;
        let first = (0..limit.rlim_max).find(is_free).unwrap_or(0);
        limit.rlim_cur = more.map_or(limit.rlim_max, |more| first + more);
        let none = std::ptr::null_mut();
        Errno::result(libc::prlimit(pid, libc::RLIMIT_NOFILE, &raw const limit, none)).map(drop)
    }
}

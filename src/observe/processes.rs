//! Processes as /proc shows them.

use super::unseen::Unseen;
use crate::call::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use std::fs;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicI32, Ordering::SeqCst};

/// A process that holds nothing and is no part of what is looked at; 0 for none.
static OVERLOOKED: AtomicI32 = AtomicI32::new(0);

/// From now on `pid` is not looked into, and not counted.
pub fn overlook(pid: i32) {
    OVERLOOKED.store(pid, SeqCst);
}

/// The ids of all processes that /proc lists.
pub fn processes() -> Result<Vec<i32>, Unseen> {
    let blind = |error: io::Error| Unseen::io("/proc", &error);
    let mut pids = Vec::new();
    for entry in fs::read_dir("/proc").map_err(blind)? {
        pids.extend(entry.map_err(blind)?.file_name().to_str().and_then(|name| name.parse::<i32>().ok()));
    }
    pids.retain(|pid| *pid != OVERLOOKED.load(SeqCst));
    if pids.is_empty() { Err(Unseen("/proc lists no process".into())) } else { Ok(pids) }
}

/// Whether `pid` is a kernel thread, or no more.
pub(super) fn is_kernel_thread_or_gone(pid: i32) -> bool {
    const PF_KTHREAD: u64 = 0x0020_0000;
    flags_of(pid).is_none_or(|flags| flags & PF_KTHREAD != 0)
}

/// Whether `pid` is on its way out: its descriptors may be closed already,
/// though `waitpid` does not know it yet.
#[must_use]
pub fn is_exiting(pid: i32) -> bool {
    const PF_EXITING: u64 = 4;
    flags_of(pid).is_some_and(|flags| flags & PF_EXITING != 0)
}

/// Whether the process exists and is not ending. One that is dead already and has
/// not been waited for exists to the kernel, and to nobody else.
#[must_use]
pub fn is_alive(pid: i32) -> bool {
    kill(Pid::from_raw(pid), None) != Err(Errno::ESRCH) && !is_exiting(pid)
}

/// The PF_ flags of the kernel's <linux/sched.h>.
fn flags_of(pid: i32) -> Option<u64> {
    stat_field(pid, 9)?.parse().ok()
}

/// A field of /proc/PID/stat by its number in proc_pid_stat(5), from 3 on: the name in field 2
/// may itself hold spaces and brackets.
#[must_use]
pub fn stat_field(pid: i32, number: usize) -> Option<String> {
    let stat = text_of(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit(')').next()?.split_whitespace().nth(number.checked_sub(3)?).map(String::from)
}

/// The name of the program that `pid` runs.
#[must_use]
pub fn command_of(pid: i32) -> Option<String> {
    Some(text_of(format!("/proc/{pid}/comm")).ok()?.trim_end().to_string())
}

/// A file of /proc as text. The names in it are bytes that a program has chosen: those that are no
/// UTF-8 are replaced, so that no program hides behind its name.
pub fn text_of(file: impl AsRef<Path>) -> io::Result<String> {
    fs::read(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Reads what lies at that address of a process, and says how much that was: a page may end
/// behind it. It takes the right to trace the process.
#[must_use]
pub fn memory_of(pid: i32, address: u64, bytes: &mut [u8]) -> usize {
    let memory = fs::File::open(format!("/proc/{pid}/mem"));
    memory.and_then(|memory| memory.read_at(bytes, address)).unwrap_or(0)
}

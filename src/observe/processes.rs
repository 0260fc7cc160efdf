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

/// A process that the functions here ignore, since it holds nothing; 0 for none.
static OVERLOOKED: AtomicI32 = AtomicI32::new(0);

/// Ignores `pid` from now on: it is neither looked into nor counted.
pub fn overlook(pid: i32) {
    OVERLOOKED.store(pid, SeqCst);
}

/// Returns the ids of all processes that /proc lists.
pub fn processes() -> Result<Vec<i32>, Unseen> {
    let blind = |error: io::Error| Unseen::io("/proc", &error);
    let mut pids = Vec::new();
    for entry in fs::read_dir("/proc").map_err(blind)? {
        pids.extend(entry.map_err(blind)?.file_name().to_str().and_then(|name| name.parse::<i32>().ok()));
    }
    pids.retain(|pid| *pid != OVERLOOKED.load(SeqCst));
    if pids.is_empty() { Err(Unseen("/proc lists no process".into())) } else { Ok(pids) }
}

/// Returns the ids of the threads of this process.
pub fn threads() -> Result<Vec<i32>, Unseen> {
    let blind = |error: io::Error| Unseen::io("/proc/self/task", &error);
    let tasks = fs::read_dir("/proc/self/task").and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let names = tasks.map_err(blind)?.into_iter().map(|task| task.file_name());
    Ok(names.filter_map(|name| name.to_str()?.parse().ok()).collect())
}

/// Returns whether `pid` is a kernel thread, or does not exist any more.
pub(super) fn is_kernel_thread_or_gone(pid: i32) -> bool {
    const PF_KTHREAD: u64 = 0x0020_0000;
    flags_of(pid).is_none_or(|flags| flags & PF_KTHREAD != 0)
}

/// Returns whether `pid` is exiting. Its descriptors may be closed already,
/// although `waitpid` does not report it yet.
#[must_use]
pub fn is_exiting(pid: i32) -> bool {
    const PF_EXITING: u64 = 4;
    flags_of(pid).is_some_and(|flags| flags & PF_EXITING != 0)
}

/// Returns whether the process exists and is not exiting. A zombie, which has ended but has not been
/// waited for, does not count.
#[must_use]
pub fn is_alive(pid: i32) -> bool {
    kill(Pid::from_raw(pid), None) != Err(Errno::ESRCH) && !is_exiting(pid)
}

/// Returns the PF_ flags of the process, from the kernel's <linux/sched.h>.
fn flags_of(pid: i32) -> Option<u64> {
    stat_field(pid, 9)?.parse().ok()
}

/// Returns a field of /proc/PID/stat by its number in proc_pid_stat(5), from 3 on. Field 2 is a name that
/// may itself contain spaces and brackets.
#[must_use]
pub fn stat_field(pid: i32, number: usize) -> Option<String> {
    let stat = text_of(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit(')').next()?.split_whitespace().nth(number.checked_sub(3)?).map(String::from)
}

/// Returns the name of the program that `pid` runs.
#[must_use]
pub fn command_of(pid: i32) -> Option<String> {
    Some(text_of(format!("/proc/{pid}/comm")).ok()?.trim_end().to_string())
}

/// Returns a file of /proc as text. A program can choose any bytes for its name, so bytes that are not UTF-8
/// are replaced; otherwise such a program would be overlooked.
pub fn text_of(file: impl AsRef<Path>) -> io::Result<String> {
    fs::read(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Reads bytes at an address of a process, and returns how many were read: fewer, if the mapping ends
/// earlier. This needs permission to trace the process.
#[must_use]
pub fn memory_of(pid: i32, address: u64, bytes: &mut [u8]) -> usize {
    let memory = fs::File::open(format!("/proc/{pid}/mem"));
    memory.and_then(|memory| memory.read_at(bytes, address)).unwrap_or(0)
}

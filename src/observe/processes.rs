//! Processes as /proc shows them.

use super::unseen::Unseen;
use crate::call::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use std::fs;
use std::io;
use std::os::unix::fs::FileExt;

/// The ids of all processes that /proc lists.
pub(super) fn processes() -> Result<Vec<i32>, Unseen> {
    let blind = |error: io::Error| Unseen::io("/proc", &error);
    let mut pids = Vec::new();
    for entry in fs::read_dir("/proc").map_err(blind)? {
        pids.extend(entry.map_err(blind)?.file_name().to_str().and_then(|name| name.parse::<i32>().ok()));
    }
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

/// The PF_ flags of the kernel's <linux/sched.h>. They are field 9, and the name
/// in field 2 may itself hold spaces and brackets.
fn flags_of(pid: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit(')').next()?.split_whitespace().nth(6)?.parse().ok()
}

/// The name of the program that `pid` runs.
#[must_use]
pub fn command_of(pid: i32) -> Option<String> {
    Some(fs::read_to_string(format!("/proc/{pid}/comm")).ok()?.trim_end().to_string())
}

/// Reads what lies at that address of a process, and says how much that was: a page may end
/// behind it. It takes the right to trace the process.
#[must_use]
pub fn memory_of(pid: i32, address: u64, bytes: &mut [u8]) -> usize {
    let memory = fs::File::open(format!("/proc/{pid}/mem"));
    memory.and_then(|memory| memory.read_at(bytes, address)).unwrap_or(0)
}

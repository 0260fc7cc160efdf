//! The processes of a lesson. A mark in their environment finds them, and shows whether any are left.

use crate::until::until_within;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

/// The environment variable that marks a lesson's processes.
pub const MARK: &str = "IPC_WORKBOOK_TEST_RUN";

/// Returns a mark that no other test uses.
pub fn mark() -> String {
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Each namespace numbers its processes from 1, so a pid alone is not unique.
    let namespace = std::fs::metadata("/proc/self/ns/ipc").map_or(0, |meta| meta.ino());
    format!("{namespace}.{}.{}", std::process::id(), NEXT.fetch_add(1, SeqCst))
}

/// Waits until no process with this mark is alive. Panics if one still is at the time limit.
pub fn no_process_left(mark: &str, when: &str) {
    if until_within(Duration::from_secs(5), || marked(mark).is_empty().then_some(())).is_some() {
        return;
    }
    let alive = marked(mark);
    let name = |pid: &Pid| ipc_workbook::observe::command_of(pid.as_raw()).unwrap_or_default();
    let names: Vec<String> = alive.iter().map(|pid| format!("{pid} {}", name(pid))).collect();
    // They belong to this trial, and would outlive it.
    for pid in alive {
        let _ = kill(pid, Signal::SIGKILL);
    }
    panic!("{when}: processes are still alive: {names:?}");
}

/// Returns the processes with this mark.
pub fn marked(mark: &str) -> Vec<Pid> {
    let wanted = format!("{MARK}={mark}").into_bytes();
    let pids = ipc_workbook::observe::processes().expect("/proc");
    pids.into_iter()
        .filter(|pid| {
            let environ = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environ.split(|byte| *byte == 0).any(|variable| variable == wanted)
        })
        .map(Pid::from_raw)
        .collect()
}

/// Makes this process the parent of orphans: it reaps the children of a killed lesson when the trial ends.
pub fn adopt_orphans() {
    // SAFETY: the call sets a flag of this process.
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) };
}

/// Runs `calls` with a lower soft limit. Restores the limit afterwards, because the test harness needs
/// descriptors, too.
pub fn under_limit<T>(resource: Resource, soft: u64, calls: impl FnOnce() -> T) -> T {
    let (old, hard) = getrlimit(resource).expect("getrlimit");
    setrlimit(resource, soft, hard).expect("setrlimit");
    let result = calls();
    setrlimit(resource, old, hard).expect("setrlimit");
    result
}

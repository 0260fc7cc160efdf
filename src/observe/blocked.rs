//! Finds out whether a process waits in a system call, from /proc/PID/syscall.

use super::processes::{is_exiting, stat_field};
use super::unseen::Unseen;
use std::ffi::c_long;
use std::fs;
use std::time::Duration;

/// Returns the system calls in which a C function may wait.
fn numbers(call: &str) -> Option<&'static [c_long]> {
    match call {
        // glibc's mq_receive is the system call mq_timedreceive.
        "mq_receive" => Some(&[libc::SYS_mq_timedreceive]),
        "mq_send" => Some(&[libc::SYS_mq_timedsend]),
        "msgrcv" => Some(&[libc::SYS_msgrcv]),
        "msgsnd" => Some(&[libc::SYS_msgsnd]),
        // glibc's semop is the system call semtimedop.
        "semop" => Some(&[libc::SYS_semop, libc::SYS_semtimedop]),
        _ => None,
    }
}

/// Waits until the process sleeps in `call`, and returns the number of the system
/// call that /proc/PID/syscall shows then. The file shows no number while the process runs. For a process
/// that a debugger has stopped at the start of the call it shows a number, but that process does not sleep.
pub fn wait_until_blocked_in(pid: i32, call: &str) -> Result<i64, Unseen> {
    let numbers = numbers(call).ok_or_else(|| Unseen(format!("unknown system call of {call}")))?;
    let file = format!("/proc/{pid}/syscall");
    for _ in 0..1000 {
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            // The file of a dead process still exists, but only root may read it.
            Err(_) if is_exiting(pid) => String::new(),
            Err(error) => return Err(Unseen::io(&file, &error)),
        };
        let number = text.split(' ').next().and_then(|number| number.trim().parse().ok());
        if let Some(number) = number.filter(|number| numbers.contains(number))
            && sleeps(pid)
        {
            return Ok(number);
        }
        if is_exiting(pid) {
            return Err(Unseen(format!("process {pid} ended before it waited in {call}")));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Err(Unseen(format!("process {pid} did not wait in {call} within a second")))
}

/// Returns whether the process sleeps: state S in /proc/PID/stat.
fn sleeps(pid: i32) -> bool {
    stat_field(pid, 3).is_some_and(|state| state == "S")
}

/// Returns whether the process is running, runnable or stopped, so that it may still change something.
#[must_use]
pub fn may_go_on(pid: i32) -> bool {
    stat_field(pid, 3).is_some_and(|state| matches!(state.as_str(), "R" | "T" | "t"))
}

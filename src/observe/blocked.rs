//! Finds out whether a process waits in a system call, from /proc/PID/syscall.

use super::processes::{is_exiting, stat_field};
use super::unseen::Unseen;
use crate::number::{
    SYS_mq_timedreceive_time64, SYS_mq_timedsend_time64, SYS_msgrcv, SYS_msgsnd, SYS_semop, SYS_semtimedop,
    signed,
};
use std::ffi::c_long;
use std::fs;
use std::time::Duration;

/// Returns the system calls in which a C function may wait.
fn numbers(call: &str) -> Option<&'static [c_long]> {
    match call {
        // glibc's mq_receive is the system call mq_timedreceive.
        "mq_receive" | "mq_timedreceive" => Some(&[libc::SYS_mq_timedreceive, SYS_mq_timedreceive_time64]),
        "mq_send" | "mq_timedsend" => Some(&[libc::SYS_mq_timedsend, SYS_mq_timedsend_time64]),
        "msgrcv" => Some(&[SYS_msgrcv]),
        "msgsnd" => Some(&[SYS_msgsnd]),
        // On newer architectures glibc's poll is ppoll, and its epoll_wait is epoll_pwait.
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        "poll" => Some(&[libc::SYS_poll, libc::SYS_ppoll]),
        #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
        "poll" => Some(&[libc::SYS_ppoll]),
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        "epoll_wait" => Some(&[libc::SYS_epoll_wait, libc::SYS_epoll_pwait]),
        #[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
        "epoll_wait" => Some(&[libc::SYS_epoll_pwait]),
        // glibc's semop is the system call semtimedop.
        "semop" => Some(&[SYS_semop, SYS_semtimedop]),
        _ => None,
    }
}

/// Returns the number of the system call in the text of /proc/PID/syscall.
fn number_in(text: &str) -> Option<c_long> {
    let mut fields = text.split_whitespace();
    let number = fields.next()?.parse().ok()?;
    #[cfg(target_arch = "x86")]
    if number == libc::SYS_ipc {
        return number_for_ipc(fields.next()?);
    }
    Some(number)
}

/// Returns the number of a System V call that glibc for i386 makes through the older call `ipc`. The first argument of `ipc`
/// says which call it is: IPCOP_semop, IPCOP_semtimedop, IPCOP_msgsnd or IPCOP_msgrcv in the kernel's ipc.h.
#[cfg(target_arch = "x86")]
fn number_for_ipc(argument: &str) -> Option<c_long> {
    match argument {
        "0x1" | "0x4" => Some(SYS_semtimedop),
        "0xb" => Some(SYS_msgsnd),
        "0xc" => Some(SYS_msgrcv),
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
        if let Some(number) = number_in(&text).filter(|number| numbers.contains(number))
            && sleeps(pid)
        {
            return Ok(signed(number));
        }
        if is_exiting(pid) {
            return Err(Unseen(format!("process {pid} ended before it waited in {call}")));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Err(Unseen(format!("process {pid} did not wait in {call} within a second")))
}

/// Waits until a signal has stopped the process: state T in /proc/PID/stat.
pub fn wait_until_stopped(pid: i32) -> Result<(), Unseen> {
    for _ in 0..1000 {
        if stat_field(pid, 3).is_some_and(|state| matches!(state.as_str(), "T" | "t")) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Err(Unseen(format!("process {pid} did not stop within a second")))
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

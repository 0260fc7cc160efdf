//! The requests of ptrace(2) that the tracer uses.

use nix::Result;
use nix::errno::Errno;
use nix::sys::signal::Signal::{SIGCONT, SIGSTOP};
use nix::sys::signal::kill;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use std::ffi::{c_long, c_uint, c_void};
use std::mem::{MaybeUninit, size_of};

pub(super) use libc::user_regs_struct as Registers;

/// The place where a process has stopped.
pub(super) enum Stop {
    /// At the beginning of a system call.
    Entry { number: c_long, args: [u64; 6] },
    /// At the end of a system call, with its result. A failure is a negative errno.
    Exit { result: i64 },
    /// Somewhere else.
    Elsewhere,
}

/// Lets the parent trace this process, so that it stops after exec. A child calls it before exec.
pub(super) fn trace_me() -> Result<()> {
    request(libc::PTRACE_TRACEME, 0, 0, std::ptr::null_mut()).map(drop)
}

/// Traces a child that has called [`trace_me`], from its exec on, and all its future descendants. They are killed
/// when the tracer exits.
///
/// Only a process that was seized can be stopped by SIGSTOP under a tracer, and a process cannot ask to be seized. The
/// child is therefore let go, into a stop, and seized there: it makes no call in between.
pub(super) fn seize_after_exec(pid: i32) -> Result<()> {
    let options = libc::PTRACE_O_TRACESYSGOOD
        | libc::PTRACE_O_TRACEFORK
        | libc::PTRACE_O_TRACEVFORK
        | libc::PTRACE_O_TRACECLONE
        | libc::PTRACE_O_TRACEEXEC
        | libc::PTRACE_O_EXITKILL;
    let options = usize::try_from(options).unwrap_or(0);
    waitpid(Pid::from_raw(pid), Some(WaitPidFlag::__WALL))?;
    request(libc::PTRACE_DETACH, pid, 0, SIGSTOP as usize as *mut c_void)?;
    request(libc::PTRACE_SEIZE, pid, 0, options as *mut c_void)?;
    kill(Pid::from_raw(pid), SIGCONT)
}

/// Continues the process until a system call begins or ends, and delivers `signal` to it.
pub(super) fn go_on(pid: i32, signal: i32) -> Result<()> {
    let signal = usize::try_from(signal).unwrap_or(0);
    request(libc::PTRACE_SYSCALL, pid, 0, signal as *mut c_void).map(drop)
}

/// Leaves the process in a stop that a signal such as SIGSTOP has caused. It reports an event after SIGCONT.
pub(super) fn stay_stopped(pid: i32) -> Result<()> {
    request(libc::PTRACE_LISTEN, pid, 0, std::ptr::null_mut()).map(drop)
}

/// Returns where the process has stopped. Needs Linux 5.3.
pub(super) fn stop(pid: i32) -> Result<Stop> {
    let mut info = MaybeUninit::<libc::ptrace_syscall_info>::zeroed();
    let size = size_of::<libc::ptrace_syscall_info>();
    request(libc::PTRACE_GET_SYSCALL_INFO, pid, size, info.as_mut_ptr().cast())?;
    // SAFETY: the struct holds numbers and was zeroed; `op` says which part of the union is filled.
    unsafe {
        let info = info.assume_init();
        Ok(match info.op {
            libc::PTRACE_SYSCALL_INFO_ENTRY => {
                let number = c_long::try_from(info.u.entry.nr).unwrap_or(-1);
                Stop::Entry { number, args: info.u.entry.args }
            }
            libc::PTRACE_SYSCALL_INFO_EXIT => Stop::Exit { result: info.u.exit.sval },
            _ => Stop::Elsewhere,
        })
    }
}

pub(super) fn get_registers(pid: i32) -> Result<Registers> {
    let mut registers = MaybeUninit::<Registers>::zeroed();
    let mut part = libc::iovec { iov_base: registers.as_mut_ptr().cast(), iov_len: size_of::<Registers>() };
    request(libc::PTRACE_GETREGSET, pid, GENERAL, (&raw mut part).cast())?;
    // SAFETY: the struct holds only numbers.
    Ok(unsafe { registers.assume_init() })
}

pub(super) fn set_registers(pid: i32, registers: &Registers) -> Result<()> {
    let base = std::ptr::from_ref(registers).cast_mut().cast();
    let mut part = libc::iovec { iov_base: base, iov_len: size_of::<Registers>() };
    request(libc::PTRACE_SETREGSET, pid, GENERAL, (&raw mut part).cast()).map(drop)
}

/// On `aarch64` the number of a call that is about to be made is not in a general register.
#[cfg(target_arch = "aarch64")]
pub(super) fn set_call_number(pid: i32, mut number: i32) -> Result<()> {
    const NT_ARM_SYSTEM_CALL: usize = 0x404; // <linux/elf.h>
    let mut part = libc::iovec { iov_base: (&raw mut number).cast(), iov_len: size_of::<i32>() };
    request(libc::PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, (&raw mut part).cast()).map(drop)
}

/// The register set of the general registers: `NT_PRSTATUS` of <linux/elf.h>.
const GENERAL: usize = 1;

fn request(what: c_uint, pid: i32, address: usize, data: *mut c_void) -> Result<c_long> {
    // SAFETY: `data` is a number, or points to memory that outlives the call.
    Errno::result(unsafe { libc::ptrace(what, pid, address as *mut c_void, data) })
}

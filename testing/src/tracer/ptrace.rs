//! The requests of ptrace(2) that the tracer makes.

use nix::Result;
use nix::errno::Errno;
use std::ffi::{c_long, c_uint, c_void};
use std::mem::{MaybeUninit, size_of};

pub(super) use libc::user_regs_struct as Registers;

/// Where a process has stopped.
pub(super) enum Stop {
    /// At the beginning of a system call.
    Entry { number: c_long, args: [u64; 6] },
    /// At its end, with its result; a failure is the errno with a minus.
    Exit { result: i64 },
    /// Somewhere else.
    Elsewhere,
}

/// From now on the parent of this process traces it: for a child before exec.
pub(super) fn trace_me() -> Result<()> {
    request(libc::PTRACE_TRACEME, 0, 0, std::ptr::null_mut()).map(drop)
}

/// All processes that the process makes are traced too, and they are killed when the tracer ends.
pub(super) fn follow(pid: i32) -> Result<()> {
    let options = libc::PTRACE_O_TRACESYSGOOD
        | libc::PTRACE_O_TRACEFORK
        | libc::PTRACE_O_TRACEVFORK
        | libc::PTRACE_O_TRACECLONE
        | libc::PTRACE_O_TRACEEXEC
        | libc::PTRACE_O_EXITKILL;
    let options = usize::try_from(options).unwrap_or(0);
    request(libc::PTRACE_SETOPTIONS, pid, 0, options as *mut c_void).map(drop)
}

/// Lets it run to the next beginning or end of a system call; `signal` is delivered.
pub(super) fn go_on(pid: i32, signal: i32) -> Result<()> {
    let signal = usize::try_from(signal).unwrap_or(0);
    request(libc::PTRACE_SYSCALL, pid, 0, signal as *mut c_void).map(drop)
}

/// Where the process has stopped. It takes Linux 5.3.
pub(super) fn stop(pid: i32) -> Result<Stop> {
    let mut info = MaybeUninit::<libc::ptrace_syscall_info>::zeroed();
    let size = size_of::<libc::ptrace_syscall_info>();
    request(libc::PTRACE_GET_SYSCALL_INFO, pid, size, info.as_mut_ptr().cast())?;
    // SAFETY: it is numbers, which were all zero, and of the union the kernel has filled what `op` says.
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
    // SAFETY: it is numbers.
    Ok(unsafe { registers.assume_init() })
}

pub(super) fn set_registers(pid: i32, registers: &Registers) -> Result<()> {
    let base = std::ptr::from_ref(registers).cast_mut().cast();
    let mut part = libc::iovec { iov_base: base, iov_len: size_of::<Registers>() };
    request(libc::PTRACE_SETREGSET, pid, GENERAL, (&raw mut part).cast()).map(drop)
}

/// On this architecture the number of a call that is about to be made is no general register.
#[cfg(target_arch = "aarch64")]
pub(super) fn set_call_number(pid: i32, mut number: i32) -> Result<()> {
    const NT_ARM_SYSTEM_CALL: usize = 0x404; // <linux/elf.h>
    let mut part = libc::iovec { iov_base: (&raw mut number).cast(), iov_len: size_of::<i32>() };
    request(libc::PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, (&raw mut part).cast()).map(drop)
}

/// The general registers, as one of the register sets: `NT_PRSTATUS` of <linux/elf.h>.
const GENERAL: usize = 1;

fn request(what: c_uint, pid: i32, address: usize, data: *mut c_void) -> Result<c_long> {
    // SAFETY: `data` is a number, or points to what the request reads or fills, and outlives the call.
    Errno::result(unsafe { libc::ptrace(what, pid, address as *mut c_void, data) })
}

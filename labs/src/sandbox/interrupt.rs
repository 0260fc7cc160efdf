//! Ends a wait in the kernel as if its time limit were over.

use super::calls::Wait;
use super::notice::Notice;
use super::vdso::write_memory;
use nix::errno::Errno;

/// Stops the thread for a moment, as a debugger does. This interrupts the call that the thread sleeps in. The
/// kernel would restart the call, but this function writes the call's result instead. A thread that has left
/// the call simply continues.
#[allow(unsafe_code)]
pub(super) fn end_wait(notice: &Notice, wait: Wait) {
    let tid = notice.tid;
    let none = std::ptr::null_mut::<libc::c_void>();
    // SAFETY: the calls take numbers; the thread is stopped before its registers are changed.
    unsafe {
        if libc::ptrace(libc::PTRACE_SEIZE, tid, none, none) != 0 {
            return;
        }
        libc::ptrace(libc::PTRACE_INTERRUPT, tid, none, none);
        let mut status = 0;
        while libc::waitpid(tid, &raw mut status, libc::__WALL) == -1 {
            if Errno::last() != Errno::EINTR {
                return;
            }
        }
        if !libc::WIFSTOPPED(status) {
            return;
        }
        // Without an event in the upper half, a signal was about to be delivered; it is passed on.
        let event = status >> 16;
        let signal = if event == 0 { usize::try_from(libc::WSTOPSIG(status)).unwrap_or(0) } else { 0 };
        if event != 0 && registers::set_result_of_broken_call(tid, notice.number(), wait.over) {
            clear_sets(notice);
        }
        libc::ptrace(
            libc::PTRACE_DETACH,
            tid,
            none,
            std::ptr::without_provenance_mut::<libc::c_void>(signal),
        );
    }
}

/// Clears the descriptor sets of select: after a timeout no descriptor is ready.
fn clear_sets(notice: &Notice) {
    #[cfg(target_arch = "x86_64")]
    let selects = [libc::SYS_select, libc::SYS_pselect6].contains(&notice.number());
    #[cfg(not(target_arch = "x86_64"))]
    let selects = notice.number() == libc::SYS_pselect6;
    if selects {
        // The kernel reads and writes whole words of the sets.
        let bytes = usize::try_from(notice.args[0]).unwrap_or(0).min(1024).div_ceil(64) * 8;
        for set in notice.args[1..4].iter().filter(|set| **set != 0) {
            write_memory(notice.tid, *set, &vec![0; bytes]);
        }
    }
}

/// Whether this result means that the call was interrupted and may be restarted.
fn is_broken_off(result: i64) -> bool {
    const ERESTARTSYS: i64 = 512;
    const ERESTART_RESTARTBLOCK: i64 = 516;
    result == -i64::from(libc::EINTR) || (ERESTARTSYS..=ERESTART_RESTARTBLOCK).contains(&-result)
}

#[cfg(target_arch = "x86_64")]
mod registers {
    /// Sets the result of this call if it was interrupted in the stopped thread. Returns whether it was.
    #[allow(unsafe_code)]
    pub(super) fn set_result_of_broken_call(tid: i32, call: i64, result: i32) -> bool {
        let none = std::ptr::null_mut::<libc::c_void>();
        // SAFETY: the structure consists of numbers, and outlives the calls; one of them writes it.
        unsafe {
            let mut registers: libc::user_regs_struct = std::mem::zeroed();
            if libc::ptrace(libc::PTRACE_GETREGS, tid, none, &raw mut registers) != 0 {
                return false;
            }
            let in_call = registers.orig_rax.cast_signed() == call;
            if !in_call || !super::is_broken_off(registers.rax.cast_signed()) {
                return false;
            }
            registers.rax = i64::from(result).cast_unsigned();
            registers.orig_rax = u64::MAX; // no call, so the kernel restarts none
            libc::ptrace(libc::PTRACE_SETREGS, tid, none, &raw const registers) == 0
        }
    }
}

#[cfg(target_arch = "aarch64")]
mod registers {
    const NT_PRSTATUS: libc::c_int = 1;
    const NT_ARM_SYSTEM_CALL: libc::c_int = 0x404;

    /// Sets the result of this call if it was interrupted in the stopped thread. Returns whether it was.
    #[allow(unsafe_code)]
    pub(super) fn set_result_of_broken_call(tid: i32, call: i64, result: i32) -> bool {
        // SAFETY: the structure consists of numbers, and outlives the calls; some of them write it.
        unsafe {
            let mut registers: libc::user_regs_struct = std::mem::zeroed();
            let mut number: libc::c_int = 0;
            let read = transfer(libc::PTRACE_GETREGSET, tid, NT_PRSTATUS, &raw mut registers)
                && transfer(libc::PTRACE_GETREGSET, tid, NT_ARM_SYSTEM_CALL, &raw mut number);
            if !read || i64::from(number) != call || !super::is_broken_off(registers.regs[0].cast_signed()) {
                return false;
            }
            registers.regs[0] = i64::from(result).cast_unsigned();
            number = -1; // no call, so the kernel restarts none
            transfer(libc::PTRACE_SETREGSET, tid, NT_PRSTATUS, &raw mut registers)
                && transfer(libc::PTRACE_SETREGSET, tid, NT_ARM_SYSTEM_CALL, &raw mut number)
        }
    }

    /// Reads or writes one set of registers.
    #[allow(unsafe_code)]
    unsafe fn transfer<T>(request: libc::c_uint, tid: i32, set: libc::c_int, value: *mut T) -> bool {
        let mut part = libc::iovec { iov_base: value.cast(), iov_len: size_of::<T>() };
        // SAFETY: the caller's value has that size.
        unsafe { libc::ptrace(request, tid, set, &raw mut part) == 0 }
    }
}

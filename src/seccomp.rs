//! Filters that decide about each system call of a process, from `<linux/seccomp.h>` and
//! `<linux/filter.h>`. The sandboxes of the labs and of the tests use them. No lesson does.
//!
//! A filter is a program for a small virtual machine in the kernel. It loads a word of
//! `struct seccomp_data`, compares it, jumps forward, and ends with an answer:
//!
//! ```
//! use ipc_workbook::seccomp::*;
//! let filter = vec![
//!     load(NUMBER),
//!     skip_unless(BPF_JEQ, number(libc::SYS_ptrace), 0, 1), // to the last line, unless it is ptrace
//!     refuse(nix::errno::Errno::EPERM),
//!     answer(libc::SECCOMP_RET_ALLOW),
//! ];
//! assert_eq!(filter.len(), 4);
//! ```
#![allow(unsafe_code)]

use crate::call::{Errno, Result};
use libc::{BPF_ABS, BPF_JMP, BPF_K, BPF_LD, BPF_RET, BPF_W, c_long, c_ulong};
pub use libc::{BPF_ALU, BPF_AND, BPF_JEQ, BPF_JGE, BPF_JSET, sock_filter};
use std::mem::offset_of;

/// The offset of the system call's number.
pub const NUMBER: usize = offset_of!(libc::seccomp_data, nr);
/// The offset of the architecture, which decides the meaning of the number.
pub const ARCHITECTURE: usize = offset_of!(libc::seccomp_data, arch);

/// Returns the offset of the lower half of an argument.
#[must_use]
pub const fn argument(which: usize) -> usize {
    offset_of!(libc::seccomp_data, args) + which * size_of::<u64>()
}

/// The architecture of this program, from `<linux/audit.h>`.
#[cfg(target_arch = "x86_64")]
pub const THIS_ARCHITECTURE: u32 = 0xc000_003e; // AUDIT_ARCH_X86_64
/// The architecture of this program, from `<linux/audit.h>`.
#[cfg(target_arch = "aarch64")]
pub const THIS_ARCHITECTURE: u32 = 0xc000_00b7; // AUDIT_ARCH_AARCH64

/// The x32 ABI of x86-64 has a second set of the same calls, with this bit in their numbers.
pub const X32: u32 = 0x4000_0000;

/// Returns the number of a call in the type that a filter compares.
#[must_use]
pub fn number(call: c_long) -> u32 {
    u32::try_from(call).unwrap_or(u32::MAX)
}

/// Makes an instruction with one operand.
#[must_use]
pub fn statement(code: u32, k: u32) -> sock_filter {
    sock_filter { code: u16::try_from(code).unwrap_or(0), jt: 0, jf: 0, k }
}

/// Makes an instruction that loads the word at this offset of `struct seccomp_data`.
#[must_use]
pub fn load(offset: usize) -> sock_filter {
    statement(BPF_LD | BPF_W | BPF_ABS, u32::try_from(offset).unwrap_or(0))
}

/// Makes an instruction that compares the loaded word with `k`. It skips `jt` instructions if the test holds,
/// and otherwise `jf`.
#[must_use]
pub fn skip_unless(test: u32, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter { jt, jf, ..statement(BPF_JMP | test | BPF_K, k) }
}

/// Makes an instruction that ends the filter with one of `SECCOMP_RET_…`.
#[must_use]
pub fn answer(k: u32) -> sock_filter {
    statement(BPF_RET | BPF_K, k)
}

/// Makes an instruction that ends the filter: the system call fails with this errno.
#[must_use]
pub fn refuse(errno: Errno) -> sock_filter {
    answer(libc::SECCOMP_RET_ERRNO | (errno as i32).cast_unsigned())
}

/// `seccomp(SECCOMP_SET_MODE_FILTER, flags, …)`
///
/// Installs the filter for the calling process and for all processes that it starts. It cannot be removed.
/// Returns 0, or a descriptor with `SECCOMP_FILTER_FLAG_NEW_LISTENER`. Allocates nothing.
///
/// | errno | when |
/// | --- | --- |
/// | `EACCES` | the process has no `CAP_SYS_ADMIN`, and has not set `PR_SET_NO_NEW_PRIVS` |
/// | `EBUSY` | a new listener is requested, and a filter already has one |
/// | `EINVAL` | the program is malformed, or a flag is unknown |
///
/// Manual page: [seccomp(2)](https://man7.org/linux/man-pages/man2/seccomp.2.html).
pub fn install(filter: &[sock_filter], flags: c_ulong) -> Result<i32> {
    let len = u16::try_from(filter.len()).map_err(|_| Errno::E2BIG)?;
    let program = libc::sock_fprog { len, filter: filter.as_ptr().cast_mut() };
    // SAFETY: the program has the length of the slice and outlives the call; the kernel only reads it.
    let fd =
        unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const program) };
    Errno::result(fd).map(|fd| i32::try_from(fd).unwrap_or(-1))
}

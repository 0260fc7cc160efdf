//! Numbers whose width or value depends on the architecture.
//!
//! On 32 bits, several fields of C structures are narrower than on 64 bits. i386 also got the System V system calls only
//! in Linux 5.1, and those whose timeouts have 64 bits. The crate libc has no names for them.

/// Converts a number from the kernel to the type of a fact.
#[must_use]
pub fn signed(n: impl TryInto<i64>) -> i64 {
    n.try_into().unwrap_or(i64::MAX)
}

/// Converts a number from the kernel to the width that it has on 64 bits.
#[must_use]
pub fn wide(n: impl Into<u64>) -> u64 {
    n.into()
}

#[cfg(target_arch = "x86")]
pub(crate) use i386::*;
#[cfg(not(target_arch = "x86"))]
pub(crate) use libc::{
    SYS_mq_timedreceive as SYS_mq_timedreceive_time64, SYS_mq_timedsend as SYS_mq_timedsend_time64,
    SYS_msgctl, SYS_msgrcv, SYS_msgsnd, SYS_semctl, SYS_semop, SYS_semtimedop, SYS_shmctl,
};

/// Linux's arch/x86/entry/syscalls/syscall_32.tbl.
#[cfg(target_arch = "x86")]
#[allow(non_upper_case_globals)]
mod i386 {
    use std::ffi::c_long;

    pub(crate) const SYS_semctl: c_long = 394;
    pub(crate) const SYS_shmctl: c_long = 396;
    pub(crate) const SYS_msgsnd: c_long = 400;
    pub(crate) const SYS_msgrcv: c_long = 401;
    pub(crate) const SYS_msgctl: c_long = 402;
    pub(crate) const SYS_mq_timedsend_time64: c_long = 418;
    pub(crate) const SYS_mq_timedreceive_time64: c_long = 419;
    pub(crate) const SYS_semtimedop: c_long = 420;
    /// i386 has no call of this name.
    pub(crate) const SYS_semop: c_long = SYS_semtimedop;
}

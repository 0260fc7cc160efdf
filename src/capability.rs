//! `<linux/capability.h>`: capabilities, the single privileges of root.
//!
//! # Differences from the C API
//!
//! - [`capset`] takes only the effective set, as a mask of the bits `1 << CAP_…`.
//!   It does not change the permitted set, so a process can make a dropped capability
//!   effective again. [`capset_none`] and [`keep_only`] drop capabilities permanently.
//!
//! Neither nix nor glibc has a wrapper, so these functions make the system calls directly.
#![allow(unsafe_code)]

use crate::call::{Result, check, flags_text, report};
use std::ffi::c_int;

/// Lets a process ignore the mode bits of files, including those of POSIX objects.
pub const CAP_DAC_OVERRIDE: u32 = 1 << 1;
/// Lets a process change its user ids and group ids.
pub const CAP_SETUID_AND_SETGID: u32 = 1 << 7 | 1 << 6;
/// Permits what otherwise only a file's owner may do: removal from a sticky directory, `chmod`.
pub const CAP_FOWNER: u32 = 1 << 3;
/// Lets a process ignore the mode bits of System V objects.
pub const CAP_IPC_OWNER: u32 = 1 << 15;
/// Permits, beside much else, the removal of other users' System V objects.
pub const CAP_SYS_ADMIN: u32 = 1 << 21;

/// Lets a process exceed limits, such as those of POSIX queues.
pub const CAP_SYS_RESOURCE: u32 = 1 << 24;
/// Permits setting the clock.
pub const CAP_SYS_TIME: u32 = 1 << 25;

const LINUX_CAPABILITY_VERSION_3: u32 = 0x2008_0522;

/// `struct __user_cap_header_struct`.
#[repr(C)]
struct Header {
    version: u32,
    pid: c_int,
}

/// `struct __user_cap_data_struct`. Version 3 uses two of them, for the lower and the upper 32 capabilities.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Data {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

/// Returns the header for this process. If the kernel does not know the version, it writes to the header.
const fn this() -> Header {
    Header { version: LINUX_CAPABILITY_VERSION_3, pid: 0 }
}

fn get() -> Result<[Data; 2]> {
    let (mut header, mut data) = (this(), [Data::default(); 2]);
    // SAFETY: header and data outlive the call, and there is room for both data structures of version 3.
    check(unsafe { libc::syscall(libc::SYS_capget, &raw mut header, data.as_mut_ptr()) })?;
    Ok(data)
}

fn set(data: [Data; 2]) -> Result<()> {
    let mut header = this();
    // SAFETY: header and data outlive the call, and version 3 reads both data structures.
    check(unsafe { libc::syscall(libc::SYS_capset, &raw mut header, data.as_ptr()) }).map(drop)
}

/// Returns the permitted set of this process: the capabilities that it may make effective. Only the lower 32.
pub fn permitted() -> Result<u32> {
    Ok(get()?[0].permitted)
}

/// `int capset(cap_user_header_t hdrp, const cap_user_data_t datap);`
///
/// Makes exactly these capabilities effective. The permitted set does not change.
///
/// | errno | when |
/// | --- | --- |
/// | `EPERM` | one of the capabilities is not in the permitted set |
///
/// Manual page: [capset(2)](https://man7.org/linux/man-pages/man2/capset.2.html).
pub fn capset(effective: u32) -> Result<()> {
    let result =
        get().and_then(|[low, high]| set([Data { effective, ..low }, Data { effective: 0, ..high }]));
    report("capset", &result, || {
        let names = [
            (CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE"),
            (CAP_FOWNER, "CAP_FOWNER"),
            (CAP_IPC_OWNER, "CAP_IPC_OWNER"),
            (CAP_SYS_ADMIN, "CAP_SYS_ADMIN"),
        ]
        .map(|(bit, name)| (bit.cast_signed(), name));
        format!("{{effective={}}}", flags_text(effective.cast_signed(), String::new(), &names))
    });
    result
}

/// Drops all capabilities permanently: `capset` with three empty sets. Allocates nothing.
///
/// Manual page: [capset(2)](https://man7.org/linux/man-pages/man2/capset.2.html).
pub fn capset_none() -> Result<()> {
    keep_only(0)
}

/// Drops all capabilities except these permanently: `capset` with them as the permitted and the effective
/// set. Allocates nothing.
///
/// Manual page: [capset(2)](https://man7.org/linux/man-pages/man2/capset.2.html).
pub fn keep_only(capabilities: u32) -> Result<()> {
    let low = Data { effective: capabilities, permitted: capabilities, inheritable: 0 };
    set([low, Data::default()])
}

/// Makes all permitted capabilities effective again. Allocates nothing.
pub(crate) fn take_all_back() -> Result<()> {
    set(get()?.map(|data| Data { effective: data.permitted, ..data }))
}

/// Makes all permitted capabilities effective, inheritable and ambient. They then survive `execve`
/// even if the process does not run as root. Allocates nothing.
///
/// Manual page: [capabilities(7)](https://man7.org/linux/man-pages/man7/capabilities.7.html).
pub fn keep_all_across_exec() -> Result<()> {
    let data =
        get()?.map(|Data { permitted, .. }| Data { effective: permitted, permitted, inheritable: permitted });
    set(data)?;
    for capability in 0..64 {
        if data[capability / 32].permitted & (1 << (capability % 32)) != 0 {
            // SAFETY: the call changes a flag of this process only.
            check(unsafe {
                libc::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_RAISE, capability, 0, 0)
            })?;
        }
    }
    Ok(())
}

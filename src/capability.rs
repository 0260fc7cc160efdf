//! `<linux/capability.h>`: what lets root pass where mode bits refuse.
//!
//! # Differences from the C API
//!
//! - [`capset`] takes the effective set alone, as a mask of the bits `1 << CAP_…`.
//!   It leaves the permitted set, so that a process may take back what it has
//!   laid down; [`capset_none`] and [`keep_only`] give up capabilities for good.
//!
//! Neither nix nor glibc has a wrapper, so these are bare system calls.
#![allow(unsafe_code)]

use crate::call::{Result, check, flags_text, report};
use std::ffi::c_int;

/// Passes the mode bits of files, POSIX objects among them.
pub const CAP_DAC_OVERRIDE: u32 = 1 << 1;
/// Makes a process another user, and another group.
pub const CAP_SETUID_AND_SETGID: u32 = 1 << 7 | 1 << 6;
/// Passes where only a file's owner may: the sticky bit, `chmod`.
pub const CAP_FOWNER: u32 = 1 << 3;
/// Passes the mode bits of System V objects.
pub const CAP_IPC_OWNER: u32 = 1 << 15;
/// Among much else, removes the System V objects of others.
pub const CAP_SYS_ADMIN: u32 = 1 << 21;

/// Passes limits, such as those of POSIX queues.
pub const CAP_SYS_RESOURCE: u32 = 1 << 24;

const LINUX_CAPABILITY_VERSION_3: u32 = 0x2008_0522;

/// `struct __user_cap_header_struct`.
#[repr(C)]
struct Header {
    version: u32,
    pid: c_int,
}

/// `struct __user_cap_data_struct`; version 3 has two, for the lower and the upper 32 capabilities.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Data {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

/// This process. The kernel writes to the header where it does not know the version.
const fn this() -> Header {
    Header { version: LINUX_CAPABILITY_VERSION_3, pid: 0 }
}

fn get() -> Result<[Data; 2]> {
    let (mut header, mut data) = (this(), [Data::default(); 2]);
    // SAFETY: header and data outlive the call; both data structures of version 3 have room.
    check(unsafe { libc::syscall(libc::SYS_capget, &raw mut header, data.as_mut_ptr()) })?;
    Ok(data)
}

fn set(data: [Data; 2]) -> Result<()> {
    let mut header = this();
    // SAFETY: header and data outlive the call, and version 3 reads both data structures.
    check(unsafe { libc::syscall(libc::SYS_capset, &raw mut header, data.as_ptr()) }).map(drop)
}

/// The capabilities that this process may make effective, of the lower 32: its permitted set.
pub fn permitted() -> Result<u32> {
    Ok(get()?[0].permitted)
}

/// `int capset(cap_user_header_t hdrp, const cap_user_data_t datap);`
///
/// Makes exactly these capabilities effective. The permitted set stays.
///
/// | errno | when |
/// | --- | --- |
/// | `EPERM` | one of them is not permitted |
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

/// `capset` that empties all three sets: no capability is left, and none comes back. Allocates nothing.
///
/// Manual page: [capset(2)](https://man7.org/linux/man-pages/man2/capset.2.html).
pub fn capset_none() -> Result<()> {
    keep_only(0)
}

/// `capset` that leaves these capabilities permitted and effective, and no others. Allocates nothing.
///
/// Manual page: [capset(2)](https://man7.org/linux/man-pages/man2/capset.2.html).
pub fn keep_only(capabilities: u32) -> Result<()> {
    let low = Data { effective: capabilities, permitted: capabilities, inheritable: 0 };
    set([low, Data::default()])
}

/// Makes all that is permitted effective again. Allocates nothing.
pub(crate) fn take_all_back() -> Result<()> {
    set(get()?.map(|data| Data { effective: data.permitted, ..data }))
}

/// Makes all that is permitted effective, inheritable and ambient, so that it survives `execve`
/// although the process is not root's. Allocates nothing.
///
/// Manual page: [capabilities(7)](https://man7.org/linux/man-pages/man7/capabilities.7.html).
pub fn keep_all_across_exec() -> Result<()> {
    let data =
        get()?.map(|Data { permitted, .. }| Data { effective: permitted, permitted, inheritable: permitted });
    set(data)?;
    for capability in 0..64 {
        if data[capability / 32].permitted & (1 << (capability % 32)) != 0 {
            // SAFETY: a flag of this process alone.
            check(unsafe {
                libc::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_RAISE, capability, 0, 0)
            })?;
        }
    }
    Ok(())
}

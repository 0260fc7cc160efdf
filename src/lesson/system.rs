//! Which kernel and which C library a lesson runs on.

use crate::observe::Unseen;
use std::ffi::CStr;

/// `6.18.44`
#[must_use]
pub fn kernel_release() -> String {
    std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim_end().to_string()
}

/// `glibc 2.36`
#[must_use]
pub fn libc_version() -> String {
    // SAFETY: it returns a constant string.
    let version = unsafe { CStr::from_ptr(libc::gnu_get_libc_version()) };
    format!("glibc {}", version.to_string_lossy())
}

/// Nothing, if this glibc is 2.34 or later: it moved the calls of POSIX IPC into libc itself,
/// and checks names anew. Else what it is.
pub fn since_glibc_2_34() -> Result<(), Unseen> {
    let version = libc_version();
    let minor = version.rsplit('.').next().and_then(|minor| minor.parse().ok());
    match minor {
        Some(0..34) => Err(Unseen(format!("this is {version}"))),
        _ => Ok(()),
    }
}

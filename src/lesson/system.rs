//! Which kernel and which C library a lesson runs on, and what is set there.

use crate::cli::Failure;
use crate::observe::limit;
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

/// Refuses where the administrator has a segment go with its last attachment: a lesson that attaches one
/// again would find nothing.
pub fn segments_must_stay() -> Result<(), Failure> {
    match limit("kernel/shm_rmid_forced") {
        Ok(value) if value == "1" => Err(Failure::Machine(
            "kernel.shm_rmid_forced is 1 here, so a segment goes with its last attachment; \
             run the lesson with --private, where it is 0"
                .into(),
        )),
        _ => Ok(()),
    }
}

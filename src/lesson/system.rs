//! Which kernel and which C library a lesson runs on, and what is set there.

use crate::cli::Failure;
use crate::observe::{Unseen, limit};
use std::ffi::CStr;

/// `6.18.44`
#[must_use]
pub fn kernel_release() -> String {
    std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim_end().to_string()
}

/// Whether the kernel is at least this version. One whose release is no version counts as a new one.
#[must_use]
pub fn kernel_is_at_least(major: u32, minor: u32) -> bool {
    is_at_least(&kernel_release(), (major, minor))
}

/// `6.18.44`, `5.10.0-32-cloud-amd64` and `7.2-rc1` are releases.
fn is_at_least(release: &str, version: (u32, u32)) -> bool {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= version,
        _ => true,
    }
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

#[cfg(test)]
mod tests {
    use super::is_at_least;

    #[test]
    fn versions_are_compared_as_numbers() {
        for newer in ["5.14.0", "5.19", "6.1.0-44-amd64", "10.0", "7.2-rc1", "of another kind"] {
            assert!(is_at_least(newer, (5, 14)), "{newer}");
        }
        for older in ["5.10.0-32-cloud-amd64", "5.4", "4.19.1", "5.9-rc14"] {
            assert!(!is_at_least(older, (5, 14)), "{older}");
        }
    }
}

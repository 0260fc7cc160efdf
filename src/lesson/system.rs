//! Facts about the system on which a lesson runs: the kernel, the C library, a kernel setting, the nice value and
//! the clock.

use crate::capability::{CAP_SYS_TIME, permitted};
use crate::cli::Failure;
use crate::observe::{Unseen, limit, stat_field, text_of};
use std::ffi::CStr;

/// Returns the kernel's release: `6.18.44`.
#[must_use]
pub fn kernel_release() -> String {
    std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim_end().to_string()
}

/// Returns whether the kernel is at least this version. A release that cannot be parsed counts as new.
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

/// Returns the version of the C library: `glibc 2.36`.
#[must_use]
pub fn libc_version() -> String {
    // SAFETY: gnu_get_libc_version returns a constant string that ends in a NUL.
    let version = unsafe { CStr::from_ptr(libc::gnu_get_libc_version()) };
    format!("glibc {}", version.to_string_lossy())
}

/// Returns an error if `kernel.shm_rmid_forced` is 1. The kernel then removes a segment at its last detach,
/// and a lesson that attaches the segment again would not find it.
pub fn segments_must_stay() -> Result<(), Failure> {
    match limit("kernel/shm_rmid_forced") {
        Ok(value) if value == "1" => Err(Failure::Machine(
            "kernel.shm_rmid_forced is 1 here, so the kernel removes a segment at its last detach; \
             run the lesson with --private, where the setting is 0"
                .into(),
        )),
        _ => Ok(()),
    }
}

/// Returns `Ok` if glibc is 2.34 or later, and otherwise its version. glibc 2.34 moved the functions of
/// POSIX IPC into libc itself, and changed how it checks names.
pub fn since_glibc_2_34() -> Result<(), Unseen> {
    let version = libc_version();
    let minor = version.rsplit('.').next().and_then(|minor| minor.parse().ok());
    match minor {
        Some(0..34) => Err(Unseen(format!("this needs glibc 2.34 or later, and this is {version}"))),
        _ => Ok(()),
    }
}

/// Returns a nice value that is higher than that of this process, for a process that must stand back. Every
/// process may raise its nice value, but not above 19.
pub fn higher_nice_value() -> Result<i32, Unseen> {
    let nice = stat_field(nix::unistd::getpid().as_raw(), 19).and_then(|nice| nice.parse().ok());
    match nice {
        Some(19..) => Err(Unseen("this process has the nice value 19, and no value is higher".into())),
        Some(nice) => Ok(19.min(nice + 5)),
        None => Err(Unseen("/proc does not show the nice value of this process".into())),
    }
}

/// Returns whether a lesson may set the clock of this machine. All programs of a machine share this clock:
/// they would find files from the future, and their own timeouts would expire or never end. So only a machine
/// that was started for it may have its clock set: the kernel's command line has the word that `.ci/kernel`
/// writes there.
pub fn may_set_the_clock() -> Result<(), Unseen> {
    let started_with = text_of("/proc/cmdline").unwrap_or_default();
    if !started_with.split_whitespace().any(|word| word == "ipc-workbook-may-set-the-clock") {
        return Err(Unseen(
            "this needs a clock that no other program uses; .ci/kernel runs the lesson in an emulator".into(),
        ));
    }
    let is_root = permitted().is_ok_and(|permitted| permitted & CAP_SYS_TIME != 0);
    if is_root { Ok(()) } else { Err(Unseen("this needs root".into())) }
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

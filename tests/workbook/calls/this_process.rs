//! What the kernel shows about this process: its pid, its descriptors and its mappings.

use ipc_workbook_testing::processes::under_limit;
use libc::c_int;
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::resource::Resource;
use std::os::fd::{AsFd, AsRawFd, RawFd};

pub(super) fn pid() -> i32 {
    nix::unistd::getpid().as_raw()
}

pub(super) fn is_open(fd: RawFd) -> bool {
    std::fs::symlink_metadata(format!("/proc/self/fd/{fd}")).is_ok()
}

/// Returns the flags of the open file description.
pub(super) fn status_flags(fd: impl AsFd) -> c_int {
    let path = format!("/proc/self/fdinfo/{}", fd.as_fd().as_raw_fd());
    let info = std::fs::read_to_string(path).expect("an open descriptor");
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).expect("a flags line");
    c_int::from_str_radix(flags.trim(), 8).expect("octal")
}

pub(super) fn closes_on_exec(fd: impl AsFd) -> bool {
    fcntl(fd, FcntlArg::F_GETFD).expect("an open descriptor") == libc::FD_CLOEXEC
}

/// Returns the line of /proc/self/maps that begins at this address.
pub(super) fn map_at(address: usize) -> Option<String> {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("/proc/self/maps");
    maps.lines().find(|line| line.starts_with(&format!("{address:08x}-"))).map(String::from)
}

/// Runs `calls` while no descriptor is free.
pub(super) fn without_descriptors<T>(calls: impl FnOnce() -> T) -> T {
    under_limit(Resource::RLIMIT_NOFILE, 0, calls)
}

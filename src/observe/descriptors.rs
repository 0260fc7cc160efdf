//! What the kernel shows about an open descriptor of any kind.

use super::unseen::Unseen;
use nix::sys::stat::fstat;
use std::fs;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

/// Returns the permission bits of an open object in octal: `0600`.
pub fn st_mode(object: impl AsFd) -> Result<String, Unseen> {
    let stat = fstat(object).map_err(|errno| Unseen::because("fstat", errno))?;
    Ok(format!("{:04o}", stat.st_mode & 0o7777))
}

/// Returns how many descriptors are in flight in a Unix socket. The
/// kernel shows the number in the socket's fdinfo (`scm_fds`, since Linux 5.7).
pub fn in_flight(socket: &OwnedFd) -> Result<i64, Unseen> {
    let file = format!("/proc/self/fdinfo/{}", socket.as_raw_fd());
    let info = fs::read_to_string(&file).map_err(|error| Unseen::io(&file, &error))?;
    let value =
        info.lines().find_map(|line| line.strip_prefix("scm_fds:")).and_then(|n| n.trim().parse().ok());
    value.ok_or_else(|| Unseen(format!("{file} has no line scm_fds, which needs Linux 5.7 or later")))
}

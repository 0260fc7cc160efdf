//! What the kernel shows about an open descriptor of any kind.

use super::unseen::Unseen;
use nix::sys::stat::fstat;
use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::{fs, io};

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

/// Returns how many descriptors of this process are netlink sockets. A socket that was never bound is not in
/// /proc/net/netlink, but each socket has its protocol's name as an extended attribute.
pub fn netlink_sockets() -> Result<usize, Unseen> {
    let links = fs::read_dir("/proc/self/fd").and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let links = links.map_err(|error| Unseen::io("/proc/self/fd", &error))?;
    let paths =
        links.into_iter().filter_map(|link| CString::new(link.path().into_os_string().into_vec()).ok());
    Ok(paths.filter(|path| protocol(path) == b"NETLINK\0").count())
}

/// Returns the name of a socket's protocol, with a zero byte at its end; nothing for another file.
fn protocol(path: &CStr) -> Vec<u8> {
    let mut name = vec![0; 32];
    let attribute = c"system.sockprotoname".as_ptr();
    // SAFETY: the two strings end with a zero byte, and the buffer has this length.
    let length = unsafe { libc::getxattr(path.as_ptr(), attribute, name.as_mut_ptr().cast(), name.len()) };
    name.truncate(usize::try_from(length).unwrap_or(0));
    name
}

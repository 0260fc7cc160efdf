//! Rust's standard library opens the file without a name, and one call of libc names it.

use std::ffi::CString;
use std::fs::OpenOptions;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::process::ExitCode;

fn main() -> ExitCode {
    let name = std::env::args().nth(1).expect("a name");
    let mut nameless = OpenOptions::new();
    let nameless = nameless.write(true).custom_flags(libc::O_TMPFILE).mode(0o600).open("/dev/shm");
    let mut nameless = nameless.expect("a file without a name");
    std::io::copy(&mut std::io::stdin().lock(), &mut nameless).expect("the contents");
    let from = CString::new(format!("/proc/self/fd/{}", nameless.as_raw_fd())).expect("no NUL");
    let to = CString::new(format!("/dev/shm{name}")).expect("no NUL");
    let [here, follow] = [libc::AT_FDCWD, libc::AT_SYMLINK_FOLLOW];
    // SAFETY: both strings end in a NUL and outlive the call.
    match unsafe { libc::linkat(here, from.as_ptr(), here, to.as_ptr(), follow) } {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(1),
    }
}

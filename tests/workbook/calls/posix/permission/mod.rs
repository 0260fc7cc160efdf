//! `<sys/stat.h>`, `<sys/xattr.h>`, `<sched.h>`, `<sys/mount.h>`, process credentials, and the calls of `<unistd.h>` that
//! check permissions.

mod object;
mod process;

use super::*;
use ipc_workbook::capability::{CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_SYS_ADMIN, capset, permitted};
use ipc_workbook::credentials::{setfsgid, setfsuid, setgroups};
use ipc_workbook::mount::{mount, umount};
use ipc_workbook::mqueue::sys_mq_unlink;
use ipc_workbook::sched::{setns, unshare};
use ipc_workbook::stat::{an_octal, fchmod, fstat, stat, umask};
use ipc_workbook::unistd::{execv, execve, fchown, setresgid, setresuid, unlink};
use ipc_workbook::xattr::{Acl, fsetxattr, setxattr};
use std::ffi::CStr;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

const PATH: &str = "/dev/shm/m";
const C_PATH: &std::ffi::CStr = c"/dev/shm/m";

fn object(mode: libc::mode_t) -> OwnedFd {
    shm_open(c"/m", O_CREAT | O_EXCL | O_RDWR, mode).expect("shm_open")
}

fn gone(fd: OwnedFd) {
    drop(fd);
    shm_unlink(c"/m").expect("shm_unlink");
}

fn mode() -> u32 {
    std::fs::metadata(PATH).expect("the object").mode() & 0o7777
}

fn long_path() -> CString {
    CString::new(format!("/dev/shm{}", "/n".repeat(4096))).expect("no NUL")
}

/// Mounts /dev/shm read-only, runs `calls` with the object open for reading, and makes /dev/shm writable
/// again. The object must not be open for writing.
fn read_only(calls: impl FnOnce(&OwnedFd)) {
    use nix::mount::{MsFlags, mount};
    let none: Option<&str> = None;
    let remount = |more| mount(none, "/dev/shm", none, MsFlags::MS_REMOUNT | MsFlags::MS_BIND | more, none);
    let safe = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    if let Err(errno) = remount(safe | MsFlags::MS_RDONLY) {
        return skip(&format!("a read-only file system: mount fails with {errno:?}"));
    }
    let fd = shm_open(c"/m", libc::O_RDONLY, 0).expect("shm_open");
    calls(&fd);
    drop(fd);
    remount(safe).expect("mount");
}

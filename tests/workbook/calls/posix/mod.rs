//! The POSIX call modules: each call succeeds once, and fails once with each errno in its table.
//!
//! A success is checked with what the kernel shows (/dev/mqueue, /dev/shm, /proc/self), so that no wrapper
//! is checked with itself.
//!
//! Errnos in the tables that no test provokes:
//!
//! | errno | call | reason |
//! | --- | --- | --- |
//! | `ENFILE` | `mq_open`, `sem_open`, `shm_open`, `socketpair` | uses up all open files, so that other programs fail |
//! | `ENOMEM` | `mq_open`, `sem_open`, `mq_notify` | uses up all memory; small allocations wait, or the kernel kills |
//! | `ENOMEM` | `mmap`, too many mappings | has the errno of "no address space", which is tested |
//! | `EFBIG` | `ftruncate`, the file system's largest file | tmpfs allows files up to the largest `off_t` |
//! | `EINTR` | `close` | needs a file system that waits in close, such as NFS |
//! | `EBADF` | `mq_close`, `close` | the handles make it impossible, as the tables say |
//! | `EINVAL` | `sem_close`, `munmap` | the handles make it impossible, as the tables say |
//! | `ENFILE` | `pipe` | uses up all open files, or needs a limit on pipe pages, off by default |
//! | `EINTR` | `read`, `write` | any waiting call can return it; tests provoke it for queues and semaphores |
//! | `EINVAL` | `setresgid`, `setresuid` | needs an id that the user namespace does not map |
//! | `ENOMEM` | `atexit`, `fstat`, `stat`, `unshare`; `EAGAIN` of `setresuid` | uses up all memory |
//! | `EBADF` | `fcntl`, `fstat` | the handles make it impossible, as the tables say |
//! | `EPERM` | `fcntl` | needs an append-only file, which no IPC object can be |
//! | `ENOSPC` | `fsetxattr`, `setxattr` | needs a full file system that stores ACLs in blocks |
//! | `ENOSPC` | `unshare` | uses up all namespaces that the machine allows |

mod mman;
mod mqueue;
mod permission;
mod process;
mod semaphore;
mod unistd_socket;

use super::listener::heard;
use super::this_process::*;
use super::user::{private_as_ordinary_user, two_users};
use super::waiting::*;
use super::{private, private_as};
use ipc_workbook::call::{Errno, unreported};
use ipc_workbook::mman::{shm_open, shm_unlink};
use ipc_workbook::mqueue::{MqAttr, mq_open, mq_receive, mq_send, mq_unlink};
use ipc_workbook::unistd::{close, dup};
use ipc_workbook_testing::child::*;
use ipc_workbook_testing::namespace::Mqueue;
use ipc_workbook_testing::objects::queue_exists;
use ipc_workbook_testing::processes::under_limit;
use ipc_workbook_testing::requirement::skip;
use ipc_workbook_testing::user::{NOBODY, User};
use libc::{O_CREAT, O_EXCL, O_RDWR, c_int, c_long};
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

/// Returns `/` and a name of this many bytes.
fn long_name(bytes: usize) -> CString {
    CString::new(format!("/{}", "n".repeat(bytes))).expect("no NUL")
}

//! The POSIX call modules: each call succeeds once, and fails once with each errno in its table.
//!
//! A success is checked with what the kernel shows (/dev/mqueue, /dev/shm, /proc/self), so that no wrapper
//! is checked with itself.
//!
//! Errnos in the tables that no test provokes:
//!
//! | errno | call | reason |
//! | --- | --- | --- |
//! | `ENFILE` | `mq_open`, `sem_open`, `shm_open`, `socketpair`, `signalfd`, `epoll_create1`, `timerfd_create` | uses up all open files, so that other programs fail |
//! | `ENOMEM` | `mq_open`, `sem_open`, `mq_notify` | uses up all memory; small allocations wait, or the kernel kills |
//! | `ENOMEM` | `mmap`, too many mappings | has the errno of "no address space", which is tested |
//! | `EFBIG` | `ftruncate`, the file system's largest file | tmpfs allows files up to the largest `off_t` |
//! | `EINTR` | `close` | needs a file system that waits in close, such as NFS |
//! | `EBADF` | `mq_close`, `close` | the handles make it impossible, as the tables say |
//! | `EINVAL` | `sem_close`, `munmap` | the handles make it impossible, as the tables say |
//! | `ENFILE` | `pipe` | uses up all open files, or needs a limit on pipe pages, off by default |
//! | `EINTR` | `read`, `write` | any waiting call can return it; tests provoke it for queues and semaphores |
//! | `EINVAL` | `setresgid`, `setresuid` | needs an id that the user namespace does not map |
//! | `ENOMEM` | `atexit`, `fstat`, `stat`, `unshare`, `setns`, `mount`, `umount`, `poll`, `select`; `EAGAIN` of `setresuid` | uses up all memory |
//! | `ENOMEM` | `signalfd`, `epoll_create1`, `epoll_ctl`, `timerfd_create` | uses up all memory |
//! | `EPERM` | `clock_settime` | a test that went wrong would set the clock of all programs |
//! | `ENODEV` | `timerfd_create` | no kernel of today is without this file system |
//! | `ECANCELED` | `timerfd_settime` | needs a clock that the test may set |
//! | `ENOSPC` | `epoll_ctl` | uses up all watches of the user, so that other programs fail |
//! | `EBADF` | `select`, `setns`, `epoll_ctl`, `epoll_wait`, `timerfd_settime` | the handles make it impossible, as the tables say |
//! | `EBADF` | `fcntl`, `fstat` | the handles make it impossible, as the tables say |
//! | `EPERM` | `fcntl` | needs an append-only file, which no IPC object can be |
//! | `ENOSPC` | `fsetxattr`, `setxattr` | needs a full file system that stores ACLs in blocks |
//! | `ENOSPC` | `unshare` | uses up all namespaces that the machine allows |

mod mman;
mod mqueue;
mod permission;
mod polling;
mod process;
mod semaphore;
mod signals;
mod time;
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
use nix::sys::time::TimeSpec;
use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, AsRawFd};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Returns `/` and a name of this many bytes.
fn long_name(bytes: usize) -> CString {
    CString::new(format!("/{}", "n".repeat(bytes))).expect("no NUL")
}

/// Returns a time on `CLOCK_REALTIME`, with which the calls of POSIX IPC compare their timeouts.
fn from_now(later: Duration) -> TimeSpec {
    TimeSpec::from_duration(SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970") + later)
}

const LONG_AGO: TimeSpec = TimeSpec::new(1, 0);

//! The POSIX call modules against the kernel: every call once as it succeeds,
//! and once for each errno in its table.
//!
//! A success is checked by what the kernel shows (/dev/mqueue, /dev/shm,
//! /proc/self), so no wrapper vouches for itself.
//!
//! Errnos in the tables that no test provokes, and why:
//!
//! | errno | of | why not |
//! | --- | --- | --- |
//! | `ENFILE` | `mq_open`, `sem_open`, `shm_open`, `socketpair` | takes every open file the machine allows, and fails other programs |
//! | `ENOMEM` | `mq_open`, `sem_open`, `mq_notify` | takes the machine's memory; small allocations wait or kill rather than fail |
//! | `ENOMEM` | `mmap`, too many mappings | the same answer as "no address space", which is provoked |
//! | `EFBIG` | `ftruncate`, the file system's largest file | tmpfs has none below the greatest `off_t` |
//! | `EINTR` | `close` | takes a file system that waits in close, such as NFS |
//! | `EBADF` | `mq_close`, `close` | the handles make it impossible, as the tables say |
//! | `EINVAL` | `sem_close`, `munmap` | the same |
//! | `ENFILE` | `pipe` | the system's open files, or a sysctl on the pages of pipes that is off by default |
//! | `EINTR` | `read`, `write` | the kernel's answer to any call that waits, as provoked for queues and semaphores |
//! | `EINVAL` | `setresgid`, `setresuid` | takes an id that the user namespace lacks, and which one depends on the machine |
//! | `ENOMEM` | `atexit`, `fstat`, `stat`, `unshare`; `EAGAIN` of `setresuid` | takes the machine's memory |
//! | `EBADF` | `fcntl`, `fstat` | the same |
//! | `EPERM` | `fcntl` | takes an append-only file, which no IPC object can be |
//! | `ENOSPC` | `fsetxattr`, `setxattr` | takes a full file system, and one whose lists take blocks |
//! | `ENOSPC` | `unshare` | takes as many namespaces as the machine allows |

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

/// `/` and a name of this many bytes.
fn long_name(bytes: usize) -> CString {
    CString::new(format!("/{}", "n".repeat(bytes))).expect("no NUL")
}

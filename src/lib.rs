//! The library of the IPC workbook.
//!
//! Read it in this order: first the call modules, one for each C header; then
//! the modules that observe and report.
//!
//! | module | what |
//! | --- | --- |
//! | [`mqueue`], [`semaphore`], [`mman`] | `<mqueue.h>`, `<semaphore.h>`, `<sys/mman.h>`: POSIX IPC |
//! | [`sysv`] | `<sys/ipc.h>`, `<sys/msg.h>`, `<sys/sem.h>`, `<sys/shm.h>`: System V IPC |
//! | [`unistd`], [`fcntl`](mod@fcntl), [`socket`], [`memory`] | other calls on descriptors, files and mapped memory |
//! | [`poll`](mod@poll), [`select`](mod@select), [`epoll`], [`timerfd`], [`signalfd`](mod@signalfd) | `<poll.h>`, `<sys/select.h>`, `<sys/epoll.h>`, `<sys/timerfd.h>`, `<sys/signalfd.h>`: waiting for several things at once |
//! | [`signal`], [`stdio`], [`stdlib`], [`resource`] | `<signal.h>`, `<stdio.h>`, `<stdlib.h>`, `<sys/resource.h>`: signals, renaming a file, ending a process, limits |
//! | [`stat`], [`xattr`] | `<sys/stat.h>`, `<sys/xattr.h>`: modes, owners, access control lists |
//! | [`credentials`], [`capability`], [`sched`], [`mount`](mod@mount), [`seccomp`] | the ids of a process, capabilities, namespaces, mounts, a filter for system calls |
//! | [`call`] | how a wrapper returns errors and reports its call |
//! | [`observe`] | what the kernel shows about an object, and who holds it |
//! | [`narrate`] | reports steps, calls, facts and claims, as text or JSON |
//! | [`lesson`](mod@lesson) | what every lesson promises: flags, exit codes, leaving nothing behind |
//! | [`private`] | a private IPC namespace |
//! | [`seccomp`] | a filter for system calls, for sandboxes |
//! | [`cli`] | the common part of all command lines: exit codes, standard output and error, colours |
//! | [`wrap`] | breaks lines at the width of a terminal |
//! | [`state`] | the folder for data that the workbook keeps between runs |
//! | [`fnv`] | a hash that is the same in every process |

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
compile_error!("The workbook needs Linux with glibc: for musl, the libc crate lacks mq_notify and semid_ds.");

pub mod call;
pub mod capability;
pub mod cli;
pub mod credentials;
pub mod epoll;
pub mod fcntl;
pub mod fnv;
pub mod lesson;
pub mod memory;
pub mod mman;
pub mod mount;
pub mod mqueue;
pub mod narrate;
mod number;
pub mod observe;
pub mod poll;
pub mod private;
pub mod resource;
pub mod sched;
pub mod seccomp;
pub mod select;
pub mod semaphore;
pub mod signal;
pub mod signalfd;
pub mod socket;
pub mod stat;
pub mod state;
pub mod stdio;
pub mod stdlib;
pub mod sysv;
pub mod time;
pub mod timerfd;
pub mod unistd;
pub mod wrap;
pub mod xattr;

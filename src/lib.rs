//! The IPC workbook's library.
//!
//! Read it in this order: the call modules first, one for each C header; then
//! what watches and reports.
//!
//! | module | what |
//! | --- | --- |
//! | [`mqueue`], [`semaphore`], [`mman`] | `<mqueue.h>`, `<semaphore.h>`, `<sys/mman.h>`: POSIX IPC |
//! | [`sysv`] | `<sys/ipc.h>`, `<sys/msg.h>`, `<sys/sem.h>`, `<sys/shm.h>`: System V IPC |
//! | [`unistd`], [`fcntl`](mod@fcntl), [`socket`], [`memory`] | what descriptors, files and mapped memory can do besides |
//! | [`signal`], [`stdio`], [`stdlib`], [`resource`] | `<signal.h>`, `<stdio.h>`, `<stdlib.h>`, `<sys/resource.h>`: signals, another path for a file, the ways out of a process, limits |
//! | [`stat`], [`xattr`] | `<sys/stat.h>`, `<sys/xattr.h>`: modes, owners, access control lists |
//! | [`credentials`], [`capability`], [`sched`], [`seccomp`] | who a process is, what lets root pass, namespaces, a filter for system calls |
//! | [`call`] | how a wrapper fails, and how it reports its call |
//! | [`observe`] | what the kernel shows of an object, and who holds it |
//! | [`narrate`] | reports steps, calls, facts and claims, as text or JSON |
//! | [`lesson`](mod@lesson) | what every lesson promises: flags, exit codes, leaving nothing behind |
//! | [`private`] | a private IPC namespace |
//! | [`seccomp`] | a filter for system calls, for sandboxes |
//! | [`cli`] | what every command line has: exit codes, standard output and error, colours |
//! | [`wrap`] | lines broken at the width of a terminal |
//! | [`state`] | where the workbook keeps what it remembers between two runs |
//! | [`fnv`] | a hash that is the same in every process |

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
compile_error!("The workbook is about Linux with glibc: musl's libc crate lacks mq_notify and semid_ds.");

pub mod call;
pub mod capability;
pub mod cli;
pub mod credentials;
pub mod fcntl;
pub mod fnv;
pub mod lesson;
pub mod memory;
pub mod mman;
pub mod mqueue;
pub mod narrate;
pub mod observe;
pub mod private;
pub mod resource;
pub mod sched;
pub mod seccomp;
pub mod semaphore;
pub mod signal;
pub mod socket;
pub mod stat;
pub mod state;
pub mod stdio;
pub mod stdlib;
pub mod sysv;
pub mod unistd;
pub mod wrap;
pub mod xattr;

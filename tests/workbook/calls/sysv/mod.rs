//! The System V modules against the kernel: every call once as it succeeds,
//! and once for each errno in its table.
//!
//! A success is checked by what the kernel shows (/proc/sysvipc, `IPC_STAT`,
//! /proc/self/maps), so no wrapper vouches for itself.
//!
//! Errnos in the tables that no test provokes, and why:
//!
//! | errno | of | why not |
//! | --- | --- | --- |
//! | `EIDRM` | `msgctl`, `semctl`, `shmctl`, `shmat` | the object must go in the microsecond between finding it and taking its lock |
//! | `ENFILE` | `shmget` | takes every open file the machine allows, and fails other programs |
//! | `ENOMEM` | `ftok`, `msgget`, `msgsnd`, `semop` | takes the machine's memory; small allocations wait or kill rather than fail |
//! | `ENOMEM` | `shmat`, too many mappings | the same answer as "no address space", which is provoked |
//! | `ENOSYS` | `msgrcv` | takes a kernel built without `CONFIG_CHECKPOINT_RESTORE` |

mod ipc;
mod msg;
mod sem;
mod shm;

use super::listener::heard;
use super::private;
use super::this_process::{map_at, pid};
use super::user::{private_as_ordinary_user, two_users};
use super::waiting::{interrupted, while_waiting};
use ipc_workbook::call::{Errno, Result};
use ipc_workbook_testing::child::*;
use ipc_workbook_testing::processes::under_limit;
use ipc_workbook_testing::requirement::skip;
use ipc_workbook_testing::user::NOBODY;
use libc::{c_int, c_long};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::SaFlags;

const KEY: c_int = 0x5ca1_ab1e;

/// Whether a namespace's limits can be changed; says so if not. The same file
/// answers here and in the namespace, which inherits the mount.
fn changeable_limits() -> bool {
    // SAFETY: the path ends in a NUL.
    let writable = unsafe { libc::access(c"/proc/sys/kernel/msgmni".as_ptr(), libc::W_OK) } == 0;
    if !writable {
        skip("/proc/sys/kernel cannot be written to");
    }
    writable
}

/// Sets a limit of this namespace, and of no other.
fn set_limit(name: &str, value: &str) {
    std::fs::write(format!("/proc/sys/kernel/{name}"), value).expect(name);
}

/// What /proc/sysvipc shows of an object: a field by its name in the heading.
fn shown(kind: &str, id: c_int, field: &str) -> i64 {
    let table = std::fs::read_to_string(format!("/proc/sysvipc/{kind}")).expect(kind);
    let mut lines = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let heading = lines.next().expect("a heading");
    let row =
        lines.find(|row| row[1] == id.to_string()).unwrap_or_else(|| panic!("no {kind} {id}:\n{table}"));
    let column = heading.iter().position(|&name| name == field).expect(field);
    i64::from_str_radix(row[column], if field == "perms" { 8 } else { 10 }).expect(field)
}

/// The identifiers that /proc/sysvipc lists.
fn listed(kind: &str) -> Vec<c_int> {
    let table = std::fs::read_to_string(format!("/proc/sysvipc/{kind}")).expect(kind);
    let id = |line: &str| line.split_whitespace().nth(1)?.parse().ok();
    table.lines().skip(1).map(|line| id(line).expect("an identifier")).collect()
}

fn now() -> i64 {
    nix::time::clock_gettime(nix::time::ClockId::CLOCK_REALTIME_COARSE).expect("the time").tv_sec()
}

/// Does something in an IPC namespace of its own, but not in a user namespace
/// as in a private namespace: there, some capabilities count for nothing. None, and says so,
/// where this process lacks them itself.
fn with_real_capability<T: Send>(name: &str, number: u32, calls: impl FnOnce() -> T + Send) -> Option<T> {
    // Of the initial user namespace, from the kernel's include/linux/proc_ns.h.
    let initial = nix::fcntl::readlink("/proc/self/ns/user").is_ok_and(|link| link == "user:[4026531837]");
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let set = status.lines().find_map(|line| line.strip_prefix("CapEff:")).expect("capabilities");
    let effective = u64::from_str_radix(set.trim(), 16).expect("hex") & 1 << number != 0;
    // Only this thread moves; what it leaves goes with it.
    let thread = || unshare(CloneFlags::CLONE_NEWIPC).map(|()| calls());
    let got = if initial && effective {
        std::thread::scope(|scope| scope.spawn(thread).join().expect("the calls"))
    } else {
        Err(Errno::EPERM)
    };
    if got.is_err() {
        skip(&format!("no {name} in the initial user namespace, or no IPC namespace to use it in"));
    }
    got.ok()
}

//! The System V modules: each call succeeds once, and fails once with each errno in its table.
//!
//! A success is checked with what the kernel shows (/proc/sysvipc, `IPC_STAT`, /proc/self/maps), so that no
//! wrapper is checked with itself.
//!
//! Errnos in the tables that no test provokes:
//!
//! | errno | call | reason |
//! | --- | --- | --- |
//! | `EIDRM` | `msgctl`, `semctl`, `shmctl`, `shmat` | the removal must fall between finding and locking the object |
//! | `ENFILE` | `shmget` | uses up all open files of the machine, so that other programs fail |
//! | `ENOMEM` | `ftok`, `msgget`, `msgsnd`, `semop` | uses up all memory; small allocations wait, or the kernel kills |
//! | `ENOMEM` | `shmat`, too many mappings | has the errno of "no address space", which is tested |
//! | `ENOSYS` | `msgrcv` | needs a kernel without `CONFIG_CHECKPOINT_RESTORE` |

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

/// Returns whether the limits of a namespace can be changed. Says so if not. The answer here is also that
/// in the namespace, which inherits the mount of /proc/sys.
fn changeable_limits() -> bool {
    // SAFETY: the path ends with a NUL.
    let writable = unsafe { libc::access(c"/proc/sys/kernel/msgmni".as_ptr(), libc::W_OK) } == 0;
    if !writable {
        skip("/proc/sys/kernel cannot be written to");
    }
    writable
}

/// Sets a limit of this IPC namespace.
fn set_limit(name: &str, value: &str) {
    std::fs::write(format!("/proc/sys/kernel/{name}"), value).expect(name);
}

/// Returns a field of an object in /proc/sysvipc, by the name in the heading.
fn shown(kind: &str, id: c_int, field: &str) -> i64 {
    let table = std::fs::read_to_string(format!("/proc/sysvipc/{kind}")).expect(kind);
    let mut lines = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let heading = lines.next().expect("a heading");
    let row =
        lines.find(|row| row[1] == id.to_string()).unwrap_or_else(|| panic!("no {kind} {id}:\n{table}"));
    let column = heading.iter().position(|&name| name == field).expect(field);
    i64::from_str_radix(row[column], if field == "perms" { 8 } else { 10 }).expect(field)
}

/// Returns the identifiers in /proc/sysvipc.
fn listed(kind: &str) -> Vec<c_int> {
    let table = std::fs::read_to_string(format!("/proc/sysvipc/{kind}")).expect(kind);
    let id = |line: &str| line.split_whitespace().nth(1)?.parse().ok();
    table.lines().skip(1).map(|line| id(line).expect("an identifier")).collect()
}

fn now() -> i64 {
    nix::time::clock_gettime(nix::time::ClockId::CLOCK_REALTIME_COARSE).expect("the time").tv_sec()
}

/// Runs `calls` in a new IPC namespace but in the initial user namespace. In a private namespace, which has
/// its own user namespace, some capabilities have no effect. Returns `None`, and says so, if this process
/// does not have the capability.
fn with_real_capability<T: Send>(name: &str, number: u32, calls: impl FnOnce() -> T + Send) -> Option<T> {
    // The number is PROC_USER_INIT_INO in the kernel's include/linux/proc_ns.h.
    let initial = nix::fcntl::readlink("/proc/self/ns/user").is_ok_and(|link| link == "user:[4026531837]");
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let set = status.lines().find_map(|line| line.strip_prefix("CapEff:")).expect("capabilities");
    let effective = u64::from_str_radix(set.trim(), 16).expect("hex") & 1 << number != 0;
    // Only this thread enters the namespace. Its objects go with the namespace.
    let thread = || unshare(CloneFlags::CLONE_NEWIPC).map(|()| calls());
    let got = if initial && effective {
        std::thread::scope(|scope| scope.spawn(thread).join().expect("the calls"))
    } else {
        Err(Errno::EPERM)
    };
    if got.is_err() {
        skip(&format!("needs {name} in the initial user namespace, and a new IPC namespace"));
    }
    got.ok()
}

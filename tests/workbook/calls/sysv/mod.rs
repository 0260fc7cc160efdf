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

use ipc_workbook::call::{Call, Errno, Listener, Object, Result, listen};
use ipc_workbook_testing::prelude::*;
use libc::{c_int, c_long};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use std::cell::RefCell;
use std::sync::mpsc;
use std::time::Duration;

const KEY: c_int = 0x5ca1_ab1e;

const NOBODY: u32 = 65534;

/// Somebody whom the mode bits can refuse: root is refused nothing.
fn ordinary() -> User {
    *User::all().last().expect("at least Me")
}

/// Whether another user can be had; says so if not.
fn second_user() -> bool {
    let root = nix::unistd::geteuid().is_root();
    if !root {
        skip("two users take root");
    }
    root
}

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

fn pid() -> i32 {
    nix::unistd::getpid().as_raw()
}

/// Does something as user 65534, without capabilities. System calls of the bare
/// kernel change the user of one thread alone, unlike those of glibc.
fn as_nobody<T: Send>(calls: impl FnOnce() -> T + Send) -> T {
    let thread = move || {
        // SAFETY: the calls take numbers, but for one list of no groups.
        unsafe {
            assert_eq!(libc::syscall(libc::SYS_setgroups, 0, std::ptr::null::<u32>()), 0);
            assert_eq!(libc::syscall(libc::SYS_setresgid, NOBODY, NOBODY, NOBODY), 0);
            assert_eq!(libc::syscall(libc::SYS_setresuid, NOBODY, NOBODY, NOBODY), 0);
        }
        calls()
    };
    std::thread::scope(|scope| scope.spawn(thread).join().expect("what nobody does"))
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

/// Does something in a child, a copy of this process; returns how it ended.
fn in_child(calls: impl FnOnce() -> Result<()>) -> c_int {
    // SAFETY: the test runs alone in its process, and the child leaves by _exit.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let code = calls().err().map_or(0, |errno| errno as c_int);
        // SAFETY: ends the child at once, without the harness's own end.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    // SAFETY: waits for the child just made.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert!(child > 0 && waited == child);
    status
}

/// Ends the process, and with it the test, if a call waits for ever that
/// should not.
fn not_for_ever() {
    // SAFETY: takes a number.
    unsafe { libc::alarm(20) };
}

/// Makes a call that waits in one of these system calls, and does `meanwhile`
/// as soon as the kernel shows it waiting.
fn while_waiting<T: Send>(
    system_calls: &[c_long],
    call: impl FnOnce() -> T + Send,
    meanwhile: impl FnOnce(libc::pthread_t),
) -> T {
    not_for_ever();
    let (tell, told) = mpsc::channel();
    std::thread::scope(|scope| {
        let waiter = scope.spawn(move || {
            // SAFETY: names this thread.
            tell.send((nix::unistd::gettid(), unsafe { libc::pthread_self() })).expect("somebody listens");
            call()
        });
        let (tid, thread) = told.recv().expect("a thread");
        let inside = || {
            // The file of a thread that has ended is gone.
            let state = std::fs::read_to_string(format!("/proc/self/task/{tid}/syscall")).unwrap_or_default();
            system_calls.iter().any(|number| state.starts_with(&format!("{number} ")))
        };
        while !inside() && !waiter.is_finished() {
            std::thread::sleep(Duration::from_micros(200));
        }
        assert!(!waiter.is_finished(), "the call did not wait");
        meanwhile(thread);
        waiter.join().expect("the call")
    })
}

/// What a waiting call gives when a signal handler with these flags runs.
fn interrupted<T: Send>(system_calls: &[c_long], flags: SaFlags, call: impl FnOnce() -> T + Send) -> T {
    extern "C" fn nothing(_: c_int) {}
    let action = SigAction::new(SigHandler::Handler(nothing), flags, SigSet::empty());
    // SAFETY: the handler does nothing.
    unsafe { sigaction(Signal::SIGUSR1, &action) }.expect("sigaction");
    while_waiting(system_calls, call, |thread| {
        // SAFETY: the thread lives: it is waiting.
        assert_eq!(unsafe { libc::pthread_kill(thread, libc::SIGUSR1) }, 0);
    })
}

/// Writes down all it hears.
struct Scribe(RefCell<Vec<String>>);

impl Listener for Scribe {
    fn called(&self, call: Call) {
        assert!(call.text.starts_with(&format!("{}(", call.name)), "{call:?}");
        self.0.borrow_mut().push(call.to_string());
    }
    fn creating(&self) {
        self.0.borrow_mut().push("creating".into());
    }
    fn created(&self, object: Object<'_>) {
        self.0.borrow_mut().push(format!("created {object:?}"));
    }
    fn settled(&self) {
        self.0.borrow_mut().push("settled".into());
    }
    fn removed(&self, object: Object<'_>) {
        self.0.borrow_mut().push(format!("removed {object:?}"));
    }
}

/// What a listener is told while `calls` are made. At most once a test, whose
/// thread goes on being listened to.
fn heard(calls: impl FnOnce()) -> Vec<String> {
    let scribe: &'static Scribe = Box::leak(Box::new(Scribe(RefCell::default())));
    listen(scribe);
    calls();
    scribe.0.take()
}

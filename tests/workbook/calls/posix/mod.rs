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

use ipc_workbook::call::{Call, Errno, Listener, Object, Result, listen, unreported};
use ipc_workbook::mman::{mmap, munmap, shm_open, shm_unlink};
use ipc_workbook::mqueue::{MqAttr, mq_close, mq_open, mq_receive, mq_send, mq_unlink};
use ipc_workbook::semaphore::{sem_close, sem_open, sem_post, sem_unlink};
use ipc_workbook::unistd::{close, dup};
use ipc_workbook_testing::prelude::*;
use libc::{O_CREAT, O_EXCL, O_RDWR, c_int, c_long};
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use std::cell::RefCell;
use std::ffi::{CStr, CString};
use std::io::Write as _;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

/// As the harness's, but a call that waits for ever fails its test.
fn private<F: FnOnce()>(body: F) {
    private_as(User::Me, Mqueue::Mounted, body);
}

/// As [`private`], as another user, or without /dev/mqueue.
fn private_as<F: FnOnce()>(user: User, mqueue: Mqueue, body: F) {
    let test = std::any::type_name::<F>().split_once("::").expect("a crate").1;
    inside(test.trim_end_matches("::{{closure}}"), user, mqueue, || {
        not_for_ever();
        body();
    });
}

/// Ends the process, and with it its test, if it waits for ever.
fn not_for_ever() {
    // SAFETY: takes a number.
    unsafe { libc::alarm(20) };
}

/// Somebody whom mode bits and limits can refuse. Root is refused nothing.
fn ordinary() -> Option<User> {
    let user = *User::all().last()?;
    if user == User::Me && nix::unistd::geteuid().is_root() {
        skip("root is refused nothing, and there is no uid 65534 to become");
        return None;
    }
    Some(user)
}

/// Whether there are two users here, one of them root.
fn two_users() -> bool {
    let two = User::all().len() == 2;
    if !two {
        skip("two users take root, and a uid 65534");
    }
    two
}

/// `/` and a name of this many bytes.
fn long_name(bytes: usize) -> CString {
    CString::new(format!("/{}", "n".repeat(bytes))).expect("no NUL")
}

fn is_open(fd: RawFd) -> bool {
    std::fs::symlink_metadata(format!("/proc/self/fd/{fd}")).is_ok()
}

/// The flags of the open file description, as the kernel shows them.
fn status_flags(fd: impl AsFd) -> c_int {
    let path = format!("/proc/self/fdinfo/{}", fd.as_fd().as_raw_fd());
    let info = std::fs::read_to_string(path).expect("an open descriptor");
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).expect("a flags line");
    c_int::from_str_radix(flags.trim(), 8).expect("octal")
}

fn closes_on_exec(fd: impl AsFd) -> bool {
    fcntl(fd, FcntlArg::F_GETFD).expect("an open descriptor") == libc::FD_CLOEXEC
}

/// The line of /proc/self/maps that begins at this address.
fn map_at(address: usize) -> Option<String> {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("/proc/self/maps");
    maps.lines().find(|line| line.starts_with(&format!("{address:08x}-"))).map(String::from)
}

/// Runs `calls` with no descriptor left to have.
fn without_descriptors<T>(calls: impl FnOnce() -> T) -> T {
    under_limit(Resource::RLIMIT_NOFILE, 0, calls)
}

/// Makes a call in a child, a copy of this process.
fn in_child<T>(call: impl FnOnce() -> Result<T>) -> Result<()> {
    // SAFETY: the test runs alone in its process; the child makes its call and leaves by _exit.
    let child = unsafe { libc::fork() };
    if child == 0 {
        not_for_ever(); // an alarm is not inherited
        let code = call().err().map_or(0, |errno| errno as c_int);
        // SAFETY: ends the child at once, without the harness's own end.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    // SAFETY: waits for the child just made.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert!(child > 0 && waited == child && libc::WIFEXITED(status), "the child ended by {status:#x}");
    match libc::WEXITSTATUS(status) {
        0 => Ok(()),
        errno => Err(Errno::from_raw(errno)),
    }
}

/// Makes a call in a child that is no longer root, but user 65534.
fn as_nobody<T>(call: impl FnOnce() -> Result<T>) -> Result<()> {
    in_child(|| {
        let nobody = 65534;
        nix::unistd::setresgid(nobody.into(), nobody.into(), nobody.into())?;
        nix::unistd::setresuid(nobody.into(), nobody.into(), nobody.into())?;
        call()
    })
}

static HANDLED: AtomicU32 = AtomicU32::new(0);
static RETURNED: AtomicBool = AtomicBool::new(false);

/// Counts SIGUSR1 from now on.
fn count_signals(flags: SaFlags) {
    extern "C" fn count(_: c_int) {
        HANDLED.fetch_add(1, Ordering::SeqCst);
    }
    let action = SigAction::new(SigHandler::Handler(count), flags, SigSet::empty());
    // SAFETY: the handler adds to an atomic, which is async-signal-safe.
    unsafe { sigaction(Signal::SIGUSR1, &action) }.expect("sigaction");
}

/// A thread that is going to wait in a system call.
#[derive(Clone, Copy)]
struct Waiter {
    tid: libc::pid_t,
    thread: libc::pthread_t,
    syscall: c_long,
}

impl Waiter {
    /// Returns as soon as the kernel shows the thread inside the call.
    fn until_it_waits(self) {
        let path = format!("/proc/self/task/{}/syscall", self.tid);
        let inside = format!("{} ", self.syscall);
        while !std::fs::read_to_string(&path).expect("/proc/PID/task/TID/syscall").starts_with(&inside) {
            assert!(!RETURNED.load(Ordering::SeqCst), "the call returned without waiting");
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    /// Interrupts the call, and returns when the handler has run.
    fn interrupt(self) {
        let before = HANDLED.load(Ordering::SeqCst);
        // SAFETY: the thread lives: it is waiting.
        assert_eq!(unsafe { libc::pthread_kill(self.thread, libc::SIGUSR1) }, 0);
        while HANDLED.load(Ordering::SeqCst) == before {
            std::thread::sleep(Duration::from_micros(200));
        }
    }
}

/// Makes a call that waits in `syscall`, and does `meanwhile` once it does. At
/// most once a test.
fn while_waiting<T>(
    syscall: c_long,
    meanwhile: impl FnOnce(Waiter) + Send,
    call: impl FnOnce() -> Result<T>,
) -> Result<T> {
    // SAFETY: names this thread.
    let thread = unsafe { libc::pthread_self() };
    let waiter = Waiter { tid: nix::unistd::gettid().as_raw(), thread, syscall };
    std::thread::scope(|scope| {
        let other = scope.spawn(move || {
            waiter.until_it_waits();
            meanwhile(waiter);
        });
        let result = call();
        RETURNED.store(true, Ordering::SeqCst);
        other.join().expect("what happened meanwhile");
        result
    })
}

/// What a call gives that a signal handler interrupts. If it goes on waiting,
/// `release` must end that.
fn interrupted<T>(
    syscall: c_long,
    flags: SaFlags,
    release: impl FnOnce() + Send,
    call: impl FnOnce() -> Result<T>,
) -> Result<T> {
    count_signals(flags);
    let restarts = flags.contains(SaFlags::SA_RESTART);
    let meanwhile = |waiter: Waiter| {
        waiter.interrupt();
        if restarts {
            waiter.until_it_waits();
            release();
        }
    };
    while_waiting(syscall, meanwhile, call)
}

/// Writes down all it hears.
struct Scribe(RefCell<Vec<String>>);

impl Scribe {
    fn write(&self, line: String) {
        self.0.borrow_mut().push(line);
    }
}

fn named(object: Object<'_>) -> String {
    match object {
        Object::Queue(name) => format!("queue {}", name.to_string_lossy()),
        Object::Semaphore(name) => format!("semaphore {}", name.to_string_lossy()),
        Object::SharedMemory(name) => format!("shared memory {}", name.to_string_lossy()),
        other => format!("{other:?}"),
    }
}

impl Listener for Scribe {
    fn announced(&self, text: &str) {
        self.write(format!("announced {text}"));
    }
    fn called(&self, call: Call) {
        assert!(call.text.starts_with(&format!("{}(", call.name)), "{call:?}");
        self.write(call.to_string());
    }
    fn creating(&self) {
        self.write("creating".into());
    }
    fn created(&self, object: Object<'_>) {
        self.write(format!("created {}", named(object)));
    }
    fn settled(&self) {
        self.write("settled".into());
    }
    fn removed(&self, object: Object<'_>) {
        self.write(format!("removed {}", named(object)));
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

/// One successful call of each header, and one failing.
fn some_calls() {
    let attr = MqAttr::new(1, 8);
    let mq = mq_open(c"/q", O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&attr)).expect("mq_open");
    mq_open(c"/q", O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&attr)).unwrap_err();
    mq_send(&mq, b"message", 1).expect("mq_send");
    mq_receive(&mq, &mut [0; 8]).expect("mq_receive");
    mq_unlink(c"/q").expect("mq_unlink");
    mq_close(mq).expect("mq_close");
    let sem = sem_open(c"/s", O_CREAT | O_EXCL, 0o600, 0).expect("sem_open");
    sem_open(c"/s", O_CREAT | O_EXCL, 0o600, 0).unwrap_err();
    sem_post(&sem).expect("sem_post");
    sem_unlink(c"/s").expect("sem_unlink");
    sem_close(sem).expect("sem_close");
    let fd = shm_open(c"/m", O_CREAT | O_EXCL | O_RDWR, 0o600).expect("shm_open");
    shm_open(c"/m", O_CREAT | O_EXCL | O_RDWR, 0o600).unwrap_err();
    let memory = mmap(None, 4096, libc::PROT_READ, libc::MAP_SHARED, &fd, 0).expect("mmap");
    munmap(memory).expect("munmap");
    shm_unlink(c"/m").expect("shm_unlink");
    close(dup(&fd).expect("dup")).expect("close");
}

/// What `calls` write to standard output and standard error.
fn written(calls: impl FnOnce()) -> String {
    std::io::stdout().flush().expect("flush");
    let page = memfd_create(c"page", MFdFlags::empty()).expect("memfd_create");
    let (out, err) = (std::io::stdout(), std::io::stderr());
    let (old_out, old_err) = (dup(&out).expect("dup"), dup(&err).expect("dup"));
    nix::unistd::dup2_stdout(&page).expect("dup2");
    nix::unistd::dup2_stderr(&page).expect("dup2");
    calls();
    std::io::stdout().flush().expect("flush");
    nix::unistd::dup2_stdout(old_out).expect("dup2");
    nix::unistd::dup2_stderr(old_err).expect("dup2");
    let mut bytes = [0; 4096];
    let length = nix::sys::uio::pread(&page, &mut bytes, 0).expect("pread");
    String::from_utf8_lossy(&bytes[..length]).into_owned()
}

#[test]
fn without_a_listener_the_calls_write_nothing() {
    private(|| {
        assert_eq!(written(some_calls), "");
        // The page itself must work, or it would be empty whatever was written.
        assert_eq!(written(|| print!("out")), "out");
        assert_eq!(written(|| eprint!("err")), "err");
    });
}

#[test]
fn a_listener_hears_of_every_call_but_not_of_silent_ones() {
    private(|| {
        let mut silent = None;
        let all = heard(|| {
            some_calls();
            silent = Some(unreported(|| mq_unlink(c"/silent")));
            mq_unlink(c"/loud").unwrap_err();
        });
        assert_eq!(silent, Some(Err(Errno::ENOENT)));
        let calls = all.iter().filter(|line| line.contains('(')).collect::<Vec<_>>();
        assert_eq!(calls.len(), 19, "{calls:#?}");
        assert_eq!(calls[18], r#"mq_unlink("/loud") = -1 ENOENT (No such file or directory)"#);
        let created = all.iter().filter(|line| line.starts_with("created")).collect::<Vec<_>>();
        assert_eq!(created, ["created queue /q", "created semaphore /s", "created shared memory /m"]);
        let removed = all.iter().filter(|line| line.starts_with("removed")).collect::<Vec<_>>();
        assert_eq!(removed, ["removed queue /q", "removed semaphore /s", "removed shared memory /m"]);
        let held = |what: &str| all.iter().filter(|line| line.as_str() == what).count();
        assert_eq!((held("creating"), held("settled")), (6, 6), "{all:#?}");
    });
}

//! Calls that wait: what ends the wait, and what a signal handler does to it.

use ipc_workbook_testing::until::{until, until_so};
use libc::{c_int, c_long};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};

/// Makes a call that waits in one of these system calls, and runs `meanwhile` as soon as the kernel shows
/// that it waits. `meanwhile` must end the wait.
pub(super) fn while_waiting<T>(
    system_calls: &[c_long],
    call: impl FnOnce() -> T,
    meanwhile: impl FnOnce() + Send,
) -> T {
    Waiter::here(system_calls).make(call, |_| meanwhile())
}

/// Returns the result of a waiting call that a signal handler with these flags must end.
pub(super) fn interrupted<T>(system_calls: &[c_long], flags: SaFlags, call: impl FnOnce() -> T) -> T {
    count_signals(flags);
    Waiter::here(system_calls).make(call, Waiter::interrupt)
}

/// Returns the result of a waiting call that continues to wait after a signal handler with `SA_RESTART`.
/// `release` must end the wait.
pub(super) fn restarted<T>(
    system_calls: &[c_long],
    call: impl FnOnce() -> T,
    release: impl FnOnce() + Send,
) -> T {
    count_signals(SaFlags::SA_RESTART);
    Waiter::here(system_calls).make(call, |waiter| {
        waiter.interrupt();
        waiter.until_it_waits();
        release();
    })
}

static HANDLED: AtomicU32 = AtomicU32::new(0);

/// Installs a handler that counts SIGUSR1.
pub(super) fn count_signals(flags: SaFlags) {
    extern "C" fn count(_: c_int) {
        HANDLED.fetch_add(1, SeqCst);
    }
    let action = SigAction::new(SigHandler::Handler(count), flags, SigSet::empty());
    // SAFETY: the handler only adds to an atomic, which is async-signal-safe.
    unsafe { sigaction(Signal::SIGUSR1, &action) }.expect("sigaction");
}

/// Waits until a handler has run more than `before` times.
pub(super) fn until_handled(before: u32) {
    until_so("handled signal", || HANDLED.load(SeqCst) > before);
}

/// A thread that will wait in a system call.
struct Waiter<'a> {
    tid: nix::unistd::Pid,
    thread: libc::pthread_t,
    system_calls: &'a [c_long],
    returned: AtomicBool,
}

impl<'a> Waiter<'a> {
    /// Returns a value for this thread.
    fn here(system_calls: &'a [c_long]) -> Self {
        // SAFETY: the call only returns this thread's id.
        let thread = unsafe { libc::pthread_self() };
        Waiter { tid: nix::unistd::gettid(), thread, system_calls, returned: AtomicBool::new(false) }
    }

    /// Makes the call in this thread, and runs `meanwhile` in another thread as soon as the call waits.
    fn make<T>(&self, call: impl FnOnce() -> T, meanwhile: impl FnOnce(&Self) + Send) -> T {
        std::thread::scope(|scope| {
            let other = scope.spawn(|| {
                self.until_it_waits();
                meanwhile(self);
            });
            let result = call();
            self.returned.store(true, SeqCst);
            other.join().expect("the other thread");
            result
        })
    }

    /// Waits until the kernel shows the thread inside one of the calls.
    fn until_it_waits(&self) {
        let path = format!("/proc/self/task/{}/syscall", self.tid);
        until("call that waits", || {
            assert!(!self.returned.load(SeqCst), "the call returned without waiting");
            let shown = std::fs::read_to_string(&path).expect("/proc/PID/task/TID/syscall");
            let number = shown.split_whitespace().next()?.parse().ok()?;
            self.system_calls.contains(&number).then_some(())
        });
    }

    /// Interrupts the call, and waits until the handler has run.
    fn interrupt(&self) {
        let before = HANDLED.load(SeqCst);
        // SAFETY: the thread exists, because it is waiting.
        assert_eq!(unsafe { libc::pthread_kill(self.thread, libc::SIGUSR1) }, 0);
        until_handled(before);
    }
}

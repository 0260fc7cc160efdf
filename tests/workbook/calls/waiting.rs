//! Calls that wait: what lets them go on, and what a signal handler does to them.

use ipc_workbook_testing::until::{until, until_so};
use libc::{c_int, c_long};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};

/// Makes a call that waits in one of these system calls, and does `meanwhile` as soon as the
/// kernel shows it waiting. `meanwhile` must end the wait.
pub(super) fn while_waiting<T>(
    system_calls: &[c_long],
    call: impl FnOnce() -> T,
    meanwhile: impl FnOnce() + Send,
) -> T {
    Waiter::here(system_calls).make(call, |_| meanwhile())
}

/// What a waiting call gives when a signal handler with these flags runs, which must end the wait.
pub(super) fn interrupted<T>(system_calls: &[c_long], flags: SaFlags, call: impl FnOnce() -> T) -> T {
    count_signals(flags);
    Waiter::here(system_calls).make(call, Waiter::interrupt)
}

/// What a waiting call gives that waits again after a signal handler with `SA_RESTART`, until
/// `release` ends that.
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

/// Counts SIGUSR1 from now on.
pub(super) fn count_signals(flags: SaFlags) {
    extern "C" fn count(_: c_int) {
        HANDLED.fetch_add(1, SeqCst);
    }
    let action = SigAction::new(SigHandler::Handler(count), flags, SigSet::empty());
    // SAFETY: the handler adds to an atomic, which is async-signal-safe.
    unsafe { sigaction(Signal::SIGUSR1, &action) }.expect("sigaction");
}

/// Returns when a handler has run once more than `before` times.
pub(super) fn until_handled(before: u32) {
    until_so("signal handled", || HANDLED.load(SeqCst) > before);
}

/// A thread that is going to wait in a system call.
struct Waiter<'a> {
    tid: nix::unistd::Pid,
    thread: libc::pthread_t,
    system_calls: &'a [c_long],
    returned: AtomicBool,
}

impl<'a> Waiter<'a> {
    /// This thread.
    fn here(system_calls: &'a [c_long]) -> Self {
        // SAFETY: names this thread.
        let thread = unsafe { libc::pthread_self() };
        Waiter { tid: nix::unistd::gettid(), thread, system_calls, returned: AtomicBool::new(false) }
    }

    /// Makes the call here, and does `meanwhile` in another thread once the call waits.
    fn make<T>(&self, call: impl FnOnce() -> T, meanwhile: impl FnOnce(&Self) + Send) -> T {
        std::thread::scope(|scope| {
            let other = scope.spawn(|| {
                self.until_it_waits();
                meanwhile(self);
            });
            let result = call();
            self.returned.store(true, SeqCst);
            other.join().expect("what happened meanwhile");
            result
        })
    }

    /// Returns as soon as the kernel shows the thread inside one of the calls.
    fn until_it_waits(&self) {
        let path = format!("/proc/self/task/{}/syscall", self.tid);
        until("call that waits", || {
            assert!(!self.returned.load(SeqCst), "the call returned without waiting");
            let shown = std::fs::read_to_string(&path).expect("/proc/PID/task/TID/syscall");
            let number = shown.split_whitespace().next()?.parse().ok()?;
            self.system_calls.contains(&number).then_some(())
        });
    }

    /// Interrupts the call, and returns when the handler has run.
    fn interrupt(&self) {
        let before = HANDLED.load(SeqCst);
        // SAFETY: the thread lives: it is waiting.
        assert_eq!(unsafe { libc::pthread_kill(self.thread, libc::SIGUSR1) }, 0);
        until_handled(before);
    }
}

//! `<signal.h>`: sending signals, blocking them, and waiting for them. There are no handlers: a lesson
//! that must clean up waits for the signal with [`sigwait`].
//!
//! # Differences from the C API
//!
//! - [`sigprocmask`] blocks one signal; [`sigwait`] waits for one.
//! - [`signal`] can only restore the default action, so it is safe to call.
#![allow(unsafe_code)]

use crate::call::{Result, Wait, may_wait, report};
use nix::sys::signal::{self as nix_signal, SigHandler, SigSet, SigmaskHow, Signal};
use nix::unistd::Pid;

/// `int kill(pid_t pid, int sig);`
///
/// Sends a signal to a process.
///
/// | errno | when |
/// | --- | --- |
/// | `EPERM` | the process belongs to another user |
/// | `ESRCH` | there is no such process |
///
/// Manual page: [kill(2)](https://man7.org/linux/man-pages/man2/kill.2.html).
pub fn kill(pid: i32, sig: Signal) -> Result<()> {
    // A process that kills itself can report nothing afterwards, so this is reported before.
    let reported = pid == nix::unistd::getpid().as_raw() && sig == Signal::SIGKILL;
    if reported {
        report("kill", &Ok(()), || format!("{pid}, {sig}"));
    }
    let result = nix_signal::kill(Pid::from_raw(pid), sig);
    if !reported || result.is_err() {
        report("kill", &result, || format!("{pid}, {sig}"));
    }
    result
}

/// `int sigprocmask(int how, const sigset_t *set, sigset_t *oldset);`
///
/// Blocks the signal (`SIG_BLOCK`): it stays pending until [`sigwait`] accepts it.
///
/// | errno | when |
/// | --- | --- |
/// | none | the call cannot fail with one signal and `SIG_BLOCK` |
///
/// Manual page: [sigprocmask(2)](https://man7.org/linux/man-pages/man2/sigprocmask.2.html).
pub fn sigprocmask(sig: Signal) -> Result<()> {
    let set: SigSet = [sig].into_iter().collect();
    let result = nix_signal::sigprocmask(SigmaskHow::SIG_BLOCK, Some(&set), None);
    report("sigprocmask", &result, || format!("SIG_BLOCK, [{sig}], NULL"));
    result
}

/// `int sigwait(const sigset_t *set, int *sig);`
///
/// Waits until the signal is pending, and accepts it. The signal must be blocked.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | the set contains a signal that does not exist; cannot happen here |
///
/// Manual page: [sigwait(3)](https://man7.org/linux/man-pages/man3/sigwait.3.html).
pub fn sigwait(sig: Signal) -> Result<Signal> {
    const WAIT: &Wait = &Wait { call: "sigwait", until: "the signal arrives" };
    let set: SigSet = [sig].into_iter().collect();
    let result = may_wait(WAIT, || set.wait());
    report("sigwait", &result.map(drop), || format!("[{sig}], [{sig}]"));
    result
}

/// `sighandler_t signal(int signum, sighandler_t handler);`
///
/// Restores the default action of the signal, `SIG_DFL`.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | `SIGKILL` or `SIGSTOP`, whose action cannot be changed |
///
/// Manual page: [signal(2)](https://man7.org/linux/man-pages/man2/signal.2.html).
pub fn signal(signum: Signal) -> Result<()> {
    // SAFETY: no handler is installed.
    let result = unsafe { nix_signal::signal(signum, SigHandler::SigDfl) }.map(drop);
    report("signal", &result, || format!("{signum}, SIG_DFL"));
    result
}

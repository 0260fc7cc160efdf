//! `<signal.h>`: sending signals, blocking them, and waiting for them. The only handler does nothing: a
//! lesson that must clean up waits for the signal with [`sigwait`].
//!
//! # Differences from the C API
//!
//! - [`sigprocmask`] blocks one signal; [`sigwait`] waits for one.
//! - [`sigwaitinfo`] takes the signals as a slice, and returns the `siginfo_t`.
//! - [`SigEvent`] is an enum, so that each kind of notification has only the members that it needs.
//!   A value ([`SigVal`]) is always an integer, `sival_int`.
//! - [`signal`] can only restore the default action, and [`sigaction`] can only install a handler that does
//!   nothing, so both are safe to call.
#![allow(unsafe_code)]

use crate::call::{Result, Returned, Wait, check, flags_text, may_wait, report};
use libc::siginfo_t;
use nix::sys::signal::{self as nix_signal, SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal};
use nix::unistd::Pid;
use std::ffi::c_int;
use std::fmt;
use std::mem::{offset_of, zeroed};
use std::ptr;

/// `union sigval`: the value that comes with a notification. Only its member `sival_int` is used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct SigVal(libc::sigval);

impl SigVal {
    /// Makes the value from its member `sival_int`.
    #[must_use]
    pub fn new(sival_int: c_int) -> Self {
        // All members of a union begin at its first byte.
        let mut bytes = [0; size_of::<usize>()];
        bytes[..size_of::<c_int>()].copy_from_slice(&sival_int.to_ne_bytes());
        SigVal(libc::sigval { sival_ptr: ptr::without_provenance_mut(usize::from_ne_bytes(bytes)) })
    }

    /// Returns the member `sival_int`.
    #[must_use]
    pub fn sival_int(self) -> c_int {
        let mut first = [0; size_of::<c_int>()];
        first.copy_from_slice(&self.0.sival_ptr.addr().to_ne_bytes()[..size_of::<c_int>()]);
        c_int::from_ne_bytes(first)
    }
}

/// `struct sigevent`: how [`mq_notify`](crate::mqueue::mq_notify) notifies a process.
#[derive(Clone, Copy, Debug)]
pub enum SigEvent {
    /// `SIGEV_NONE`: the process is registered, but nothing is sent to it.
    None,
    /// `SIGEV_SIGNAL`: the kernel sends this signal with this value.
    Signal {
        /// The signal number. Linux accepts 0, and then sends nothing.
        sigev_signo: c_int,
        /// Arrives as `si_value`.
        sigev_value: SigVal,
    },
    /// `SIGEV_THREAD`: glibc calls this function in a new thread. Its calls are not reported, because a
    /// listener hears only its own thread. The function has only its value: it shares other data with the
    /// process through statics.
    Thread {
        /// The function that the thread runs. If it panics, the process ends.
        sigev_notify_function: extern "C" fn(SigVal),
        /// The argument of the function.
        sigev_value: SigVal,
    },
    /// Any other `sigev_notify`. The kernel refuses a number that it does not know.
    Other(c_int),
}

impl SigEvent {
    /// Returns the structure as C has it.
    pub(crate) fn to_c(self) -> libc::sigevent {
        // SAFETY: sigevent is integers and pointers, so all zeros are valid.
        let mut event: libc::sigevent = unsafe { zeroed() };
        match self {
            SigEvent::None => event.sigev_notify = libc::SIGEV_NONE,
            SigEvent::Other(sigev_notify) => event.sigev_notify = sigev_notify,
            SigEvent::Signal { sigev_signo, sigev_value } => {
                event.sigev_notify = libc::SIGEV_SIGNAL;
                (event.sigev_signo, event.sigev_value) = (sigev_signo, sigev_value.0);
            }
            SigEvent::Thread { sigev_notify_function, sigev_value } => {
                event.sigev_notify = libc::SIGEV_THREAD;
                event.sigev_value = sigev_value.0;
                // The libc crate has only one member of the union at the end. The function begins at the same
                // byte. After it, a null pointer stands for the default attributes of a thread.
                let union = offset_of!(libc::sigevent, sigev_notify_thread_id);
                // SAFETY: in C the union has room for two pointers, and begins at a multiple of their size.
                let function = unsafe { (&raw mut event).byte_add(union).cast::<extern "C" fn(SigVal)>() };
                // SAFETY: as above.
                unsafe { function.write(sigev_notify_function) };
            }
        }
        event
    }
}

/// Writes the structure as strace does, the kind first.
impl fmt::Display for SigEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SigEvent::None => write!(f, "{{sigev_notify=SIGEV_NONE}}"),
            SigEvent::Other(sigev_notify) => write!(f, "{{sigev_notify={sigev_notify}}}"),
            SigEvent::Signal { sigev_signo, sigev_value } => write!(
                f,
                "{{sigev_notify=SIGEV_SIGNAL, sigev_signo={}, sigev_value={{sival_int={}}}}}",
                signo_text(*sigev_signo),
                sigev_value.sival_int()
            ),
            SigEvent::Thread { sigev_value, .. } => write!(
                f,
                "{{sigev_notify=SIGEV_THREAD, sigev_value={{sival_int={}}}}}",
                sigev_value.sival_int()
            ),
        }
    }
}

/// `siginfo_t`: a signal, and where it came from. It has the members of a signal that a process or a queue
/// has sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SigInfo {
    /// The signal number.
    pub si_signo: c_int,
    /// `SI_USER` if a process called [`kill`], `SI_MESGQ` if a queue notifies this process.
    pub si_code: c_int,
    /// The sending process. With `SI_MESGQ`, the process that sent the message.
    pub si_pid: libc::pid_t,
    /// The real user id of the sending process.
    pub si_uid: libc::uid_t,
    /// The value that the receiver asked for when it registered; 0 with `SI_USER`.
    pub si_value: SigVal,
}

impl SigInfo {
    fn from_c(info: &siginfo_t) -> Self {
        // SAFETY: siginfo_t is plain data without invalid values, and the kernel has set all of it.
        let (si_pid, si_uid, si_value) = unsafe { (info.si_pid(), info.si_uid(), info.si_value()) };
        SigInfo { si_signo: info.si_signo, si_code: info.si_code, si_pid, si_uid, si_value: SigVal(si_value) }
    }
}

/// Returns the name of a signal, or its number if it has none.
pub(crate) fn signo_text(signo: c_int) -> String {
    Signal::try_from(signo).map_or_else(|_| signo.to_string(), |signal| signal.to_string())
}

/// Returns the name of an `si_code`, or its number if no lesson needs it.
pub(crate) fn code_text(code: c_int) -> String {
    match code {
        libc::SI_USER => "SI_USER".into(),
        libc::SI_QUEUE => "SI_QUEUE".into(),
        libc::SI_MESGQ => "SI_MESGQ".into(),
        libc::SI_KERNEL => "SI_KERNEL".into(),
        other => other.to_string(),
    }
}

/// `int kill(pid_t pid, int sig);`
///
/// Sends a signal to a process. With `None`, which is 0 in C, sends nothing and only checks whether it could.
///
/// | errno | when |
/// | --- | --- |
/// | `EPERM` | the process belongs to another user |
/// | `ESRCH` | there is no such process |
///
/// Manual page: [kill(2)](https://man7.org/linux/man-pages/man2/kill.2.html).
pub fn kill(pid: i32, sig: impl Into<Option<Signal>>) -> Result<()> {
    let sig = sig.into();
    // A process that kills itself can report nothing afterwards, so this is reported before.
    let reported = pid == nix::unistd::getpid().as_raw() && sig == Some(Signal::SIGKILL);
    let arguments = || format!("{pid}, {}", sig.map_or("0", Signal::as_str));
    if reported {
        report("kill", &Ok(()), arguments);
    }
    let result = nix_signal::kill(Pid::from_raw(pid), sig);
    if !reported || result.is_err() {
        report("kill", &result, arguments);
    }
    result
}

/// `int sigaction(int signum, const struct sigaction *act, struct sigaction *oldact);`
///
/// Installs a handler that does nothing. It shows what any handler does to a call that waits: with
/// `sa_flags` 0 the call fails with `EINTR`, and with `SA_RESTART` most calls are made again.
///
/// | errno | when |
/// | --- | --- |
/// | `EINVAL` | `SIGKILL` or `SIGSTOP`, whose action cannot be changed |
///
/// Manual page: [sigaction(2)](https://man7.org/linux/man-pages/man2/sigaction.2.html).
pub fn sigaction(signum: Signal, sa_flags: SaFlags) -> Result<()> {
    extern "C" fn does_nothing(_: c_int) {}
    let act = SigAction::new(SigHandler::Handler(does_nothing), sa_flags, SigSet::empty());
    // SAFETY: the handler does nothing, so it may interrupt everything.
    let result = unsafe { nix_signal::sigaction(signum, &act) }.map(drop);
    report("sigaction", &result, || {
        let flags = flags_text(sa_flags.bits(), String::new(), &[(libc::SA_RESTART, "SA_RESTART")]);
        format!("{signum}, {{sa_handler=does_nothing, sa_flags={flags}}}, NULL")
    });
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

/// `int sigwaitinfo(const sigset_t *set, siginfo_t *info);`
///
/// Waits until one of the signals is pending, accepts it, and returns where it came from. The signals
/// must be blocked. Unlike [`sigwait`], the call ends when a handler of another signal has run.
///
/// | errno | when |
/// | --- | --- |
/// | `EINTR` | a handler of another signal ran, even if it was installed with `SA_RESTART` |
///
/// Manual page: [sigwaitinfo(2)](https://man7.org/linux/man-pages/man2/sigwaitinfo.2.html).
pub fn sigwaitinfo(set: &[Signal]) -> Result<SigInfo> {
    const WAIT: &Wait = &Wait { call: "sigwaitinfo", until: "one of the signals arrives" };
    let c_set: SigSet = set.iter().copied().collect();
    // SAFETY: siginfo_t is plain data, so all zeros are valid.
    let mut info: siginfo_t = unsafe { zeroed() };
    // SAFETY: both pointers refer to values that live through the call.
    let mut wait = || unsafe { libc::sigwaitinfo(ptr::from_ref(c_set.as_ref()), &raw mut info) };
    let result = may_wait(WAIT, || check(wait())).map(|_| SigInfo::from_c(&info));
    report("sigwaitinfo", &result, || {
        format!("{}, {}", set_text(set), result.map_or("info".into(), |info| info.to_string()))
    });
    result
}

/// Returns a set of signals as strace shows it: `[SIGUSR1 SIGTERM]`.
pub(crate) fn set_text(set: &[Signal]) -> String {
    let names: Vec<&str> = set.iter().map(|signal| signal.as_str()).collect();
    format!("[{}]", names.join(" "))
}

/// Writes the members as strace does.
impl fmt::Display for SigInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SigInfo { si_signo, si_code, si_pid, si_uid, si_value } = self;
        write!(
            f,
            "{{si_signo={}, si_code={}, si_pid={si_pid}, si_uid={si_uid}, si_value={{sival_int={}}}}}",
            signo_text(*si_signo),
            code_text(*si_code),
            si_value.sival_int()
        )
    }
}

impl Returned for SigInfo {
    fn shown(&self) -> String {
        self.si_signo.to_string()
    }
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

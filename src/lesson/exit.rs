//! The ways out of a lesson. Each ends its processes and removes what it created.
//!
//! A signal handler may call only what is async-signal-safe: not printf, not
//! malloc, not exit. This one makes system calls alone: it ends and reaps the
//! lesson's other processes, removes what the lesson has recorded, writes one line and
//! ends with `_exit`. SIGKILL has no handler; what it leaves, the next run finds.

use super::cleanup;
use super::flags::Flags;
use crate::call::Errno;
use crate::capability::take_all_back;
use crate::cli::{Failure, complain};
use crate::narrate::Format;
use nix::sys::signal::{
    SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, pthread_sigmask, sigaction,
};
use std::ffi::c_int;
use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, Ordering::SeqCst};

const SIGNALS: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];

/// The process that plays the lesson; the others are its children.
static LEADER: AtomicI32 = AtomicI32::new(0);
/// The children, or 0.
static CHILDREN: [AtomicI32; 32] = [const { AtomicI32::new(0) }; 32];
/// The lesson's name, for the handler's one line.
static NAME: AtomicPtr<String> = AtomicPtr::new(std::ptr::null_mut());

fn name() -> &'static str {
    // SAFETY: null, or a String that is never freed.
    unsafe { NAME.load(SeqCst).as_ref() }.map_or("lesson", String::as_str)
}

/// Installs the handlers. A signal that the reader ignores (nohup) stays ignored.
pub(super) fn prepare(program: &'static str) {
    NAME.store(Box::leak(Box::new(program.to_string())), SeqCst);
    LEADER.store(nix::unistd::getpid().as_raw(), SeqCst);
    let action = SigAction::new(SigHandler::Handler(interrupted), SaFlags::empty(), SigSet::all());
    for signal in SIGNALS {
        // SAFETY: the handler makes async-signal-safe calls only.
        unsafe {
            if let Ok(before) = sigaction(signal, &action)
                && matches!(before.handler(), SigHandler::SigIgn)
            {
                let _ = sigaction(signal, &before);
            }
        }
    }
    std::panic::set_hook(Box::new(|info| {
        let place =
            info.location().map_or(String::new(), |place| format!(" at {}:{}", place.file(), place.line()));
        let payload = info.payload();
        let text = payload.downcast_ref::<&str>().copied();
        let what =
            text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
        complain(&format!("{}: a mistake in the workbook{place}: {what}; please report it", name()));
    }));
}

extern "C" fn interrupted(signal: c_int) {
    if nix::unistd::getpid().as_raw() == LEADER.load(SeqCst) {
        end_processes();
        let end: &[u8] = if cleanup::remove_all_quietly() {
            b": interrupted; what it created is removed\n"
        } else {
            b": interrupted; some of what it created could not be removed; the next run will try again\n"
        };
        say_raw(&[b"\n", name().as_bytes(), end]);
    }
    exit(u8::try_from(128 + signal).unwrap_or(u8::MAX));
}

/// `write(2)` to standard error, which allocates nothing.
fn say_raw(parts: &[&[u8]]) {
    for part in parts {
        // SAFETY: the bytes outlive the call.
        unsafe { libc::write(2, part.as_ptr().cast(), part.len()) };
    }
}

/// Ends the lesson here and now. Only the leader cleans up.
pub(super) fn exit(code: u8) -> ! {
    if nix::unistd::getpid().as_raw() == LEADER.load(SeqCst) {
        end_processes();
        cleanup::remove_all_quietly();
    }
    // SAFETY: _exit runs nothing of ours.
    unsafe { libc::_exit(c_int::from(code)) }
}

/// How many milliseconds all processes together have to end when asked.
const GRACE_PERIOD_MILLIS: u32 = 200;

/// Ends and reaps what processes the lesson still has. They are asked first, since
/// one that is just creating something must write it down before it ends.
pub(super) fn end_processes() {
    // A lesson may have laid down root's capabilities, and a process of another
    // user is not to be killed without.
    let _ = take_all_back();
    let running = || CHILDREN.iter().filter(|child| child.load(SeqCst) != 0);
    for child in running() {
        // SAFETY: a plain call on a child that has not been reaped.
        unsafe { libc::kill(child.load(SeqCst), libc::SIGTERM) };
    }
    let mut millis_left = GRACE_PERIOD_MILLIS;
    for child in running() {
        let pid = child.swap(0, SeqCst);
        while !reaped(pid, libc::WNOHANG) {
            if millis_left == 0 {
                // SAFETY: as above.
                unsafe { libc::kill(pid, libc::SIGKILL) };
                reaped(pid, 0);
                break;
            }
            millis_left -= 1;
            let millisecond = libc::timespec { tv_sec: 0, tv_nsec: 1_000_000 };
            // SAFETY: the time outlives the call; what is left of it is not asked for.
            unsafe { libc::nanosleep(&raw const millisecond, std::ptr::null_mut()) };
        }
    }
}

/// Whether the child has ended and is reaped, by this call or before.
fn reaped(pid: i32, flags: c_int) -> bool {
    // SAFETY: the status is not asked for.
    match unsafe { libc::waitpid(pid, std::ptr::null_mut(), flags) } {
        -1 => Errno::last() == Errno::ECHILD,
        ended => ended == pid,
    }
}

/// A child that has to be ended if the lesson ends early.
pub(super) fn remember_child(pid: i32) {
    for child in &CHILDREN {
        if child.compare_exchange(0, pid, SeqCst, SeqCst).is_ok() {
            return;
        }
    }
}

/// The child has been reaped.
pub(super) fn forget_child(pid: i32) {
    for child in &CHILDREN {
        let _ = child.compare_exchange(pid, 0, SeqCst, SeqCst);
    }
}

/// Signals wait from here on.
pub(super) fn hold_signals() {
    let _ = pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&SIGNALS.into_iter().collect()), None);
}

/// Signals that waited come now.
pub(super) fn let_signals_in() {
    let _ = pthread_sigmask(SigmaskHow::SIG_UNBLOCK, Some(&SIGNALS.into_iter().collect()), None);
}

/// Standard output is gone, and with it the reason to go on.
pub(super) fn standard_output_broke(error: &io::Error) -> ! {
    exit(Failure::output_broke(name(), error).exit_code());
}

/// Whether standard output was closed when the program began. Rust opens
/// /dev/null in its place before main, and the lesson would talk to nobody.
static OUTPUT_WAS_CLOSED: AtomicBool = AtomicBool::new(false);

extern "C" fn look_at_standard_output() {
    // SAFETY: fcntl reads a descriptor's flags, or fails.
    let flags = unsafe { libc::fcntl(1, libc::F_GETFD) };
    OUTPUT_WAS_CLOSED.store(flags == -1 && Errno::last() == Errno::EBADF, SeqCst);
}

// SAFETY: the loader calls each function of .init_array once, before main; this
// one makes a system call and stores a flag.
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = look_at_standard_output;

/// The streams are there that the flags need.
pub(super) fn check_standard_streams(flags: &Flags) -> Result<(), Failure> {
    if OUTPUT_WAS_CLOSED.load(SeqCst) {
        return Err(Failure::Machine(
            "standard output is closed; leave it open, or send it to a file".into(),
        ));
    }
    if flags.predict && flags.format == Format::Json {
        return Err(Failure::Usage(
            "--predict talks to people, and --format json to programs; take one of them".into(),
        ));
    }
    if flags.predict && !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        return Err(Failure::Machine(
            "--predict asks questions and needs a terminal; run it in one, or without --predict".into(),
        ));
    }
    Ok(())
}

//! The ways out of a lesson. Each ends its processes and removes what it created.
//!
//! A signal handler may call only what is async-signal-safe: not printf, not
//! malloc, not exit. This one makes system calls alone: it ends and reaps the
//! lesson's other processes, removes what the lesson has recorded, writes one line and
//! ends with `_exit`. SIGKILL has no handler; what it leaves, the next run finds.

use super::{children, cleanup, signals};
use crate::cli::{Failure, complain};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use std::ffi::c_int;
use std::io::{self, Write};
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering::SeqCst};

/// The process that plays the lesson; the others are its children.
static LEADER: AtomicI32 = AtomicI32::new(0);
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
    let action_of = |handler| SigAction::new(SigHandler::Handler(handler), SaFlags::empty(), SigSet::all());
    // SAFETY: the handler makes async-signal-safe calls only.
    let _ = unsafe { sigaction(Signal::SIGBUS, &action_of(no_page)) };
    let action = action_of(interrupted);
    for signal in signals::ENDING {
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
        children::end_all();
        let end: &[u8] = if cleanup::remove_all_quietly() {
            b": interrupted; what it created is removed\n"
        } else {
            b": interrupted; some of what it created could not be removed; the next run will try again\n"
        };
        write_raw(&[b"\n", name().as_bytes(), end]);
    }
    exit(u8::try_from(128 + signal).unwrap_or(u8::MAX));
}

/// SIGBUS: this process has touched a page of a mapping that the kernel cannot give it. ftruncate
/// makes an object longer without asking whether there is room for its pages.
extern "C" fn no_page(_: c_int) {
    let full = shm_size_if_full();
    let mut line = [0; 384];
    let mut rest = &mut line[..];
    let what = "SIGBUS: it touched a page of shared memory";
    let _ = match full {
        Some(kib) => writeln!(
            rest,
            ": {what}, and /dev/shm, {kib} KiB large, is full; remove what is no longer needed (df /dev/shm), \
             or make it larger: mount -o remount,size=64M /dev/shm"
        ),
        None => writeln!(rest, ": {what} that the object does not have; has ftruncate made it long enough?"),
    };
    let unused = rest.len();
    write_raw(&[name().as_bytes(), &line[..line.len() - unused]]);
    exit(if full.is_some() { 3 } else { 1 });
}

/// The size of /dev/shm in KiB, if it has no room left. It makes a system call and nothing else.
fn shm_size_if_full() -> Option<u64> {
    let mut room = std::mem::MaybeUninit::<libc::statfs>::uninit();
    // SAFETY: the path ends in a NUL, and where the call succeeds it has filled `room`.
    let room = unsafe {
        if libc::statfs(c"/dev/shm".as_ptr(), room.as_mut_ptr()) != 0 {
            return None;
        }
        room.assume_init()
    };
    let block = u64::try_from(room.f_bsize).unwrap_or(0);
    (room.f_bavail == 0).then_some(room.f_blocks * block / 1024)
}

/// `write(2)` to standard error, which allocates nothing.
fn write_raw(parts: &[&[u8]]) {
    for part in parts {
        // SAFETY: the bytes outlive the call.
        unsafe { libc::write(2, part.as_ptr().cast(), part.len()) };
    }
}

/// Ends the lesson here and now. Only the leader cleans up.
pub(super) fn exit(code: u8) -> ! {
    if nix::unistd::getpid().as_raw() == LEADER.load(SeqCst) {
        children::end_all();
        cleanup::remove_all_quietly();
    }
    // SAFETY: _exit runs nothing of ours.
    unsafe { libc::_exit(c_int::from(code)) }
}

/// Standard output is gone, and with it the reason to go on.
pub(super) fn standard_output_broke(error: &io::Error) -> ! {
    exit(Failure::output_broke(name(), error).exit_code());
}

//! The ways in which a lesson ends. Each ends its processes and removes the objects that it created.
//!
//! A signal handler may call async-signal-safe functions only: not printf, not
//! malloc, not exit. This one makes system calls only. It ends and reaps the
//! lesson's other processes, removes the recorded objects, writes one line and
//! calls `_exit`. SIGKILL cannot be handled; the next run finds what it leaves behind.

use super::{children, cleanup, signals, waits};
use crate::cli::{Failure, complain};
use crate::number::wide;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use std::ffi::c_int;
use std::io;
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering::SeqCst};

/// The process that runs the lesson; the lesson's other processes are its children.
static LEADER: AtomicI32 = AtomicI32::new(0);
/// The lesson's name, for the line that the handler writes.
static NAME: AtomicPtr<String> = AtomicPtr::new(std::ptr::null_mut());

fn name() -> &'static str {
    // SAFETY: null, or a String that is never freed.
    unsafe { NAME.load(SeqCst).as_ref() }.map_or("lesson", String::as_str)
}

/// Installs the handlers. A signal that was ignored at the start (nohup) stays ignored.
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
        let mut line = Line::new();
        line.add(b"\n").add(name().as_bytes()).add(b": interrupted");
        where_it_was(&mut line);
        children::end_all();
        let end: &[u8] = if cleanup::remove_all_quietly() {
            b"; all objects that it created are removed\n"
        } else {
            b"; some objects that it created could not be removed; the next run will try again\n"
        };
        line.add(end).write_to_standard_error();
    }
    exit(u8::try_from(128 + signal).unwrap_or(u8::MAX));
}

/// Handles SIGBUS: this process has accessed a page of a mapping that the kernel cannot provide. ftruncate
/// makes an object longer without reserving memory for its pages.
extern "C" fn no_page(_: c_int) {
    let mut line = Line::new();
    line.add(name().as_bytes()).add(b": SIGBUS: the lesson accessed a page of shared memory");
    let code = if let Some(kib) = shm_size_if_full() {
        line.add(b", and /dev/shm, ")
            .number(kib)
            .add(b" KiB large, is full; remove files that are no longer needed ");
        line.add(b"(ls /dev/shm), or make it larger: mount -o remount,size=64M /dev/shm\n");
        3
    } else {
        line.add(b" behind the object's end; make the object long enough with ftruncate\n");
        1
    };
    line.write_to_standard_error();
    exit(code);
}

/// Returns the size of /dev/shm in KiB if it is full. Safe in a signal handler: it only makes a system call.
fn shm_size_if_full() -> Option<u64> {
    let mut room = std::mem::MaybeUninit::<libc::statfs>::uninit();
    // SAFETY: the path ends in a NUL, and a call that succeeds has filled `room`.
    let room = unsafe {
        if libc::statfs(c"/dev/shm".as_ptr(), room.as_mut_ptr()) != 0 {
            return None;
        }
        room.assume_init()
    };
    let block = u64::try_from(room.f_bsize).unwrap_or(0);
    (room.f_bavail == 0).then_some(wide(room.f_blocks) * block / 1024)
}

/// Adds ` in step 3, in mq_receive`, or ` in step 3, while B was in msgrcv`.
fn where_it_was(line: &mut Line) {
    let step = waits::step();
    if step > 0 {
        line.add(b" in step ").number(step.into());
    }
    let Some(seen) = waits::seen() else { return };
    let another = seen.pid != LEADER.load(SeqCst);
    match (another, seen.whom) {
        (true, Some(whom)) => line.add(b", while ").label(&seen.label).add(b" waited for ").label(&whom),
        (false, Some(whom)) => line.add(b", while it waited for ").label(&whom),
        (true, None) => line.add(b", while ").label(&seen.label).add(b" was in ").add(seen.call()),
        (false, None) => line.add(b", in ").add(seen.call()),
    };
}

/// A line that is built and written without allocating memory.
struct Line {
    bytes: [u8; 384],
    length: usize,
}

impl Line {
    fn new() -> Self {
        Line { bytes: [0; 384], length: 0 }
    }

    /// Appends as many bytes of `part` as fit.
    fn add(&mut self, part: &[u8]) -> &mut Self {
        for (to, from) in self.bytes[self.length..].iter_mut().zip(part) {
            *to = *from;
            self.length += 1;
        }
        self
    }

    /// Appends a name without the zeros at its end.
    fn label(&mut self, label: &waits::Label) -> &mut Self {
        self.add(label.split(|byte| *byte == 0).next().unwrap_or_default())
    }

    fn number(&mut self, n: u64) -> &mut Self {
        if n >= 10 {
            self.number(n / 10);
        }
        self.add(&[b'0' + (n % 10) as u8])
    }

    fn write_to_standard_error(&self) {
        // SAFETY: the first `length` bytes of the array are initialised.
        unsafe { libc::write(2, self.bytes.as_ptr().cast(), self.length) };
    }
}

/// Ends the lesson immediately. Only the leader cleans up.
pub(super) fn exit(code: u8) -> ! {
    if nix::unistd::getpid().as_raw() == LEADER.load(SeqCst) {
        children::end_all();
        cleanup::remove_all_quietly();
    }
    // SAFETY: _exit ends the process and runs no code of this program.
    unsafe { libc::_exit(c_int::from(code)) }
}

/// Ends the lesson because standard output cannot be written.
pub(super) fn standard_output_broke(error: &io::Error) -> ! {
    exit(Failure::output_broke(name(), error).exit_code());
}

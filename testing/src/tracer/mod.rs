//! Runs a command under ptrace(2). Each of its processes stops at the beginning and at the end of each
//! system call, and [`Answers`] decides what happens to the call.
//!
//! strace can make a call fail, and can return a result without making the call. It cannot change the
//! result of a call that was made, nor make a call twice.

mod ptrace;
mod registers;
mod system_call;
mod watchdog;

pub use system_call::SystemCall;
pub use watchdog::Patience;

use nix::errno::Errno;
use ptrace::Stop;
use std::collections::HashMap;
use std::ffi::c_long;
use std::os::unix::process::CommandExt;
use std::process::Command;
use watchdog::Watchdog;

/// What to do with a call that is about to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// Make it.
    Make,
    /// Do not make it.
    Skip,
    /// Make another call in its place.
    MakeInstead(c_long, [u64; 6]),
}

/// What to do with a call that has returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Give the program the kernel's result.
    Keep,
    /// Give the program this result. A failure is a negative errno, as in the kernel.
    Answer(i64),
    /// Make the call once more, and give the program the result of the first time.
    Repeat,
}

/// Decides what happens to each call.
pub trait Answers {
    /// Is asked when a call is about to be made.
    fn before(&mut self, call: &SystemCall) -> Before;
    /// Is asked when a call has returned. The second time of a repeated call is not reported.
    fn after(&mut self, call: &SystemCall, result: i64) -> After;
}

/// How a traced command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It exited, or was ended by a signal of its own.
    Itself,
    /// It took too long or made no progress, and was killed.
    Killed,
}

/// Runs the command and all its descendants to their end. The calling thread must have no other children.
pub fn trace(command: &mut Command, patience: Patience, answers: &mut dyn Answers) -> std::io::Result<End> {
    // SAFETY: the closure makes one system call.
    unsafe { command.pre_exec(|| Ok(ptrace::trace_me()?)) };
    let child = command.spawn()?;
    let leader = i32::try_from(child.id()).expect("a pid");
    ptrace::seize_after_exec(leader)?;
    let watchdog = Watchdog::start(patience, leader);
    let mut tracer = Tracer { order: Vec::new(), open: HashMap::new(), answers };
    while let Some((pid, status)) = next_status() {
        watchdog.something_moved();
        if libc::WIFSTOPPED(status) {
            if !tracer.order.contains(&pid) {
                watchdog.watch(pid);
            }
            // An error means that the process was killed meanwhile. Its end is reported next.
            let _ = match tracer.stopped(pid, status) {
                Next::GoOn(signal) => ptrace::go_on(pid, signal),
                Next::StayStopped => ptrace::stay_stopped(pid),
            };
        } else {
            tracer.open.remove(&pid);
            watchdog.forget(pid);
            if pid == leader {
                watchdog.kill_the_rest();
            }
        }
    }
    Ok(if watchdog.has_bitten() { End::Killed } else { End::Itself })
}

/// Waits for the next status of a traced process. Returns `None` after the last process has ended.
fn next_status() -> Option<(i32, i32)> {
    loop {
        let mut status = 0;
        // SAFETY: the status outlives the call.
        let pid = Errno::result(unsafe { libc::waitpid(-1, &raw mut status, libc::__WALL) });
        match pid {
            Ok(pid) => return Some((pid, status)),
            Err(Errno::EINTR) => {}
            Err(_) => return None,
        }
    }
}

/// What a process that has stopped does next.
enum Next {
    /// It continues, and gets this signal, or none if it is 0.
    GoOn(i32),
    /// A signal such as SIGSTOP has stopped it, so it continues after SIGCONT.
    StayStopped,
}

/// A call that has begun and not yet returned.
struct Open {
    call: SystemCall,
    before: Before,
    /// The result of the first time, while the call is made for the second time.
    first: Option<i64>,
}

struct Tracer<'a> {
    /// The pids, in the order in which the processes appeared.
    order: Vec<i32>,
    open: HashMap<i32, Open>,
    answers: &'a mut dyn Answers,
}

impl Tracer<'_> {
    /// Handles a process that has stopped for the tracer.
    fn stopped(&mut self, pid: i32, status: i32) -> Next {
        const AT_A_CALL: i32 = libc::SIGTRAP | 0x80; // PTRACE_O_TRACESYSGOOD
        if !self.order.contains(&pid) {
            self.order.push(pid);
        }
        let event = status >> 16;
        match libc::WSTOPSIG(status) {
            AT_A_CALL => {
                // An error means that the process was killed meanwhile.
                let _ = self.at_a_call(pid);
                Next::GoOn(0)
            }
            // An event of ptrace: a fork, an exec, the first stop of a new process, or the end of a stop.
            libc::SIGTRAP if event != 0 => Next::GoOn(0),
            _ if event == libc::PTRACE_EVENT_STOP => Next::StayStopped,
            signal => Next::GoOn(signal),
        }
    }

    fn at_a_call(&mut self, pid: i32) -> nix::Result<()> {
        match ptrace::stop(pid)? {
            Stop::Entry { number, args } => self.begins(pid, number, args),
            Stop::Exit { result } => self.returns(pid, result),
            Stop::Elsewhere => Ok(()),
        }
    }

    fn begins(&mut self, pid: i32, number: c_long, args: [u64; 6]) -> nix::Result<()> {
        if self.open.get(&pid).is_some_and(|open| open.first.is_some()) {
            return Ok(()); // this is the second time
        }
        let process = self.order.iter().position(|known| *known == pid).unwrap_or(0);
        let call = SystemCall { pid, process, number, args };
        let before = self.answers.before(&call);
        self.open.insert(pid, Open { call, before, first: None });
        match before {
            Before::Make => Ok(()),
            Before::Skip => registers::set_call(pid, -1, args),
            Before::MakeInstead(number, args) => registers::set_call(pid, number, args),
        }
    }

    fn returns(&mut self, pid: i32, result: i64) -> nix::Result<()> {
        let Some(mut open) = self.open.remove(&pid) else { return Ok(()) };
        let SystemCall { number, args, .. } = open.call;
        if let Some(first) = open.first {
            return registers::set_result(pid, args, first);
        }
        match self.answers.after(&open.call, result) {
            After::Answer(result) => registers::set_result(pid, args, result),
            After::Repeat => {
                registers::go_back(pid, number, args)?;
                open.first = Some(result);
                self.open.insert(pid, open);
                Ok(())
            }
            // The argument registers still hold those of the other call.
            After::Keep if open.before != Before::Make => registers::set_result(pid, args, result),
            After::Keep => Ok(()),
        }
    }
}

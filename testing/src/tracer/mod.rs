//! A command under ptrace(2): it stops at the beginning and at the end of each system call of
//! each of its processes, and [`Answers`] decides what becomes of the call.
//!
//! strace can make a call fail, and can answer for the kernel. It cannot change the answer of a
//! call that was made, nor make one twice.

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

/// What becomes of a call that is about to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// It is made.
    Make,
    /// It is not made.
    Skip,
    /// Another one is made.
    MakeInstead(c_long, [u64; 6]),
}

/// What becomes of a call that has returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// The program gets what the kernel gave.
    Keep,
    /// The program gets this result; a failure is the errno with a minus.
    Answer(i64),
    /// It is made once more. The program gets the result that the first one had.
    Repeat,
}

/// Whoever decides what becomes of the calls.
pub trait Answers {
    /// A call is about to be made.
    fn before(&mut self, call: &SystemCall) -> Before;
    /// A call has returned. One that is made again is not announced again.
    fn after(&mut self, call: &SystemCall, result: i64) -> After;
}

/// How a traced command came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself.
    Itself,
    /// It took too long, or nothing moved any more, and it was killed.
    Killed,
}

/// Runs the command and all processes that it makes to their end. This thread must have no other children.
pub fn trace(command: &mut Command, patience: Patience, answers: &mut dyn Answers) -> std::io::Result<End> {
    // SAFETY: one system call.
    unsafe { command.pre_exec(|| Ok(ptrace::trace_me()?)) };
    let child = command.spawn()?;
    let leader = i32::try_from(child.id()).expect("a pid");
    let watchdog = Watchdog::start(patience, leader);
    let mut tracer = Tracer { leader, order: Vec::new(), open: HashMap::new(), answers };
    while let Some((pid, status)) = next_status() {
        watchdog.something_moved();
        if libc::WIFSTOPPED(status) {
            if !tracer.order.contains(&pid) {
                watchdog.watch(pid);
            }
            // A process that was killed meanwhile cannot go on; its end comes next.
            let signal = tracer.stopped(pid, status);
            let _ = ptrace::go_on(pid, signal);
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

/// The next news of any traced process; none when all are gone.
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

/// A call between its beginning and its end.
struct Open {
    call: SystemCall,
    before: Before,
    /// The result of the first time, if this is the second.
    first: Option<i64>,
}

struct Tracer<'a> {
    leader: i32,
    /// The processes, in the order in which they came.
    order: Vec<i32>,
    open: HashMap<i32, Open>,
    answers: &'a mut dyn Answers,
}

impl Tracer<'_> {
    /// What to do with a process that has stopped; the signal that it is to get.
    fn stopped(&mut self, pid: i32, status: i32) -> i32 {
        const AT_A_CALL: i32 = libc::SIGTRAP | 0x80; // PTRACE_O_TRACESYSGOOD
        let is_new = !self.order.contains(&pid);
        if is_new {
            self.order.push(pid);
        }
        match libc::WSTOPSIG(status) {
            AT_A_CALL => {
                // An error means that it was killed meanwhile.
                let _ = self.at_a_call(pid);
                0
            }
            // Of the leader it is exec's, of another process the tracer's own.
            libc::SIGTRAP if is_new && pid == self.leader => {
                let _ = ptrace::follow(pid);
                0
            }
            libc::SIGSTOP if is_new => 0,
            // A fork or an exec.
            libc::SIGTRAP if status >> 16 != 0 => 0,
            signal => signal,
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
            return Ok(()); // the second time
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
            // The registers of the arguments are those of another call.
            After::Keep if open.before != Before::Make => registers::set_result(pid, args, result),
            After::Keep => Ok(()),
        }
    }
}

//! The watcher: a process that looks a few times a second whether the lesson waits, and reports
//! a wait that does not end.
//!
//! It must be a separate process, since inside the lesson it would change what the lesson shows. A lesson
//! forks and changes namespaces, so it must have one thread. A timer's signal would interrupt the
//! call: after a handler, msgrcv and semop fail with EINTR, even with SA_RESTART.
//! The watcher is forked before the lesson opens anything, so it holds no object. It does not count as a
//! process of the lesson, and ends when the lesson ends in any way.

use super::speak::Lesson;
use super::waits::{self, Label};
use super::{children, signals};
use crate::narrate::Event;
use crate::observe::{may_go_on, overlook};
use nix::sys::prctl;
use nix::sys::signal::{SigHandler, Signal, signal};
use nix::unistd::{ForkResult, Pid, fork, getpid, getppid};
use std::time::Duration;

/// How long the watcher sleeps between two looks.
const LOOK: Duration = Duration::from_millis(250);
/// A wait is reported when its weight reaches this number. A look at which no process of the lesson runs
/// adds 10, so six such looks, a little more than a second, are enough. A look at which some process
/// runs adds 1: that process may still end the wait, and a busy machine may delay it.
const ENOUGH: u32 = 60;

/// Starts the watcher. If that fails, the lesson runs without one.
pub(super) fn start(lesson: &Lesson) {
    let leader = getpid();
    signals::hold();
    // SAFETY: a lesson has one thread, so the child may do all that the parent may.
    match unsafe { fork() } {
        Ok(ForkResult::Parent { child }) => {
            children::remember(child.as_raw());
            overlook(child.as_raw());
        }
        Ok(ForkResult::Child) => watch(lesson, leader),
        Err(_) => {}
    }
    signals::let_in();
}

fn watch(lesson: &Lesson, leader: Pid) -> ! {
    let _ = prctl::set_pdeathsig(Signal::SIGKILL);
    let _ = prctl::set_name(c"lesson-watcher");
    // SAFETY: no handler is installed. Ctrl-C reaches the watcher too, but the lesson must end it, after
    // the watcher's last line.
    let interrupt = unsafe {
        let _ = signal(Signal::SIGTERM, SigHandler::SigDfl);
        let _ = signal(Signal::SIGHUP, SigHandler::SigIgn);
        signal(Signal::SIGINT, SigHandler::SigIgn)
    };
    // A lesson that runs in the background of a script ignores SIGINT, so Ctrl-C would not end it.
    let end = match interrupt {
        Ok(SigHandler::SigIgn) => format!("kill {leader}"),
        _ => "Ctrl-C (SIGINT)".into(),
    };
    signals::let_in();
    let mut last = None;
    let mut weight = 0;
    // The parent-death signal ends the watcher with the lesson, unless the lesson was killed before prctl.
    while getppid() == leader {
        std::thread::sleep(LOOK);
        let seen = waits::seen();
        if seen != last {
            (last, weight) = (seen, 0);
        }
        let Some(wait) = seen.filter(|_| weight < ENOUGH) else { continue };
        weight += if waits::pids().any(may_go_on) { 1 } else { 10 };
        if weight >= ENOUGH {
            let until = match wait.whom {
                Some(whom) => format!("process {} {}", text(&whom), wait.wait().until),
                None => wait.wait().until.into(),
            };
            let call = wait.wait().call;
            lesson.narrator.report(&Event::Waiting {
                process: text(&wait.label),
                pid: wait.pid,
                call: (!call.is_empty()).then_some(call),
                until: &until,
                end: &end,
            });
        }
    }
    // SAFETY: _exit ends the process and runs no code of this program.
    unsafe { libc::_exit(0) }
}

fn text(label: &Label) -> &str {
    std::str::from_utf8(label).unwrap_or("?").trim_end_matches('\0')
}

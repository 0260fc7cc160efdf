//! The watcher: a process that looks a few times a second whether the lesson waits, and says so
//! when a wait does not end.
//!
//! It is a process of its own because nothing in the lesson could do this unnoticed. A lesson
//! forks and changes namespaces, so it has one thread. And a timer's signal would interrupt the
//! very call: msgrcv and semop fail with EINTR after a handler, whether or not with SA_RESTART.
//! The watcher is forked before the lesson opens anything, so it holds nothing. It does not count as a process of the
//! lesson, and ends with it, however that ends.

use super::speak::Lesson;
use super::waits::{self, Label};
use super::{children, signals};
use crate::narrate::Event;
use crate::observe::{may_go_on, overlook};
use nix::sys::prctl;
use nix::sys::signal::{SigHandler, Signal, signal};
use nix::unistd::{ForkResult, Pid, fork, getpid, getppid};
use std::time::Duration;

/// How long it sleeps between two looks.
const LOOK: Duration = Duration::from_millis(250);
/// A wait is announced when this much has been seen of it. A look at which no process of the lesson
/// goes on counts for 10: six of them take a little more than a second. While some process
/// goes on, it may still come and end the wait, and a busy machine delays it.
const ENOUGH: u32 = 60;

/// Starts it. A lesson that cannot have a watcher does without.
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
    // SAFETY: no handler is installed. Ctrl-C reaches the watcher too; the lesson ends it after its last line.
    let interrupt = unsafe {
        let _ = signal(Signal::SIGTERM, SigHandler::SigDfl);
        let _ = signal(Signal::SIGHUP, SigHandler::SigIgn);
        signal(Signal::SIGINT, SigHandler::SigIgn)
    };
    // With nohup, or in the background of a script, the lesson ignores it.
    let end = match interrupt {
        Ok(SigHandler::SigIgn) => format!("kill {leader}"),
        _ => "Ctrl-C (SIGINT)".into(),
    };
    signals::let_in();
    let mut last = None;
    let mut weight = 0;
    // A killed lesson takes it along; one that was killed before the first line of this function does not.
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
    // SAFETY: _exit runs nothing of ours.
    unsafe { libc::_exit(0) }
}

fn text(label: &Label) -> &str {
    std::str::from_utf8(label).unwrap_or("?").trim_end_matches('\0')
}

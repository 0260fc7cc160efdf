//! The lesson's other processes. They take turns: one runs while the others
//! wait, so that the story has an order.

use super::baton::{Baton, Received, Report};
use super::refusal::{forget, refused, remember_anothers};
use super::speak::{Lesson, Outcome};
use super::turn::Turn;
use super::{children, signals, tally, waits};
use crate::call::{Call, Errno, Listener, Result as CallResult, Wait};
use crate::cli::Failure;
use crate::narrate::outcome;
use crate::observe::{Unseen, is_exiting, wait_until_blocked_in};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// The lesson waits while another process has its turn, or until it ends.
const TURN: &Wait = &Wait { call: "", until: "finishes its turn" };
const END: &Wait = &Wait { call: "", until: "ends" };

/// Another process of the lesson, as the lesson sees it.
#[derive(Debug)]
pub struct Process {
    pid: Pid,
    label: String,
    baton: Baton,
    /// Whether it runs already, and is not waited for.
    started: bool,
    /// What it reported at the end of its last turn.
    report: Report,
}

impl Lesson {
    /// Forks a process called `label` that runs `body`, and waits for its first
    /// [`Process::turn`]. What the lesson has open, it has too: `fork(2)`.
    pub fn process(&self, label: &str, body: impl FnOnce(&mut Turn) -> Outcome) -> Result<Process, Failure> {
        let (mine, theirs) = Baton::pair()?;
        signals::hold();
        let parent = nix::unistd::getpid();
        // SAFETY: a lesson has one thread, so the child may do all that the parent may.
        let forked = unsafe { fork() };
        let child = match forked {
            Ok(ForkResult::Parent { child }) => {
                children::remember(child.as_raw());
                self.narrator.introduce(label, child.as_raw());
                Ok(child)
            }
            Ok(ForkResult::Child) => {
                drop(mine);
                self.run_child(parent, label, Turn(theirs), body);
            }
            Err(errno) => Err(errno),
        };
        signals::let_in();
        self.called(Call { name: "fork", text: "fork()".into(), result: child.map(|pid| pid.to_string()) });
        let pid = child?;
        Ok(Process { pid, label: label.into(), baton: mine, started: false, report: Report::default() })
    }

    /// As [`Lesson::process`], and lets it run until its first [`Turn::finish`].
    pub fn started(&self, label: &str, body: impl FnOnce(&mut Turn) -> Outcome) -> Result<Process, Failure> {
        let mut process = self.process(label, body)?;
        process.turn()?;
        Ok(process)
    }

    /// As [`Lesson::process`], and lets it run to its end.
    pub fn in_process(&self, label: &str, body: impl FnOnce(&mut Turn) -> Outcome) -> Outcome {
        self.process(label, body)?.finish()
    }

    /// The life of a forked process.
    fn run_child(
        &self,
        parent: Pid,
        label: &str,
        mut turn: Turn,
        body: impl FnOnce(&mut Turn) -> Outcome,
    ) -> ! {
        // Whatever kills the lesson, SIGKILL included, ends this process too.
        let _ = nix::sys::prctl::set_pdeathsig(Signal::SIGKILL);
        if nix::unistd::getppid() != parent {
            // It was killed before it could be asked to take this process along.
            // SAFETY: _exit runs nothing of ours.
            unsafe { libc::_exit(1) }
        }
        signals::let_in();
        forget();
        self.narrator.become_process(label, nix::unistd::getpid().as_raw());
        waits::become_process(label);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            turn.0.wait_for_go()?;
            body(&mut turn)
        }));
        let code = match outcome {
            Ok(Ok(())) => 0,
            Ok(Err(failure)) if tally::is_first_failure() => failure.report(self.source.name()),
            Ok(Err(failure)) => failure.exit_code(),
            Err(_) => 1,
        };
        turn.0.end(code == 0);
        // The parent's guards and handles are not this process's to drop.
        // SAFETY: _exit runs nothing of ours.
        unsafe { libc::_exit(i32::from(code)) }
    }
}

impl Process {
    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid.as_raw()
    }

    /// Lets it run until its [`Turn::finish`], its end, or an exec.
    pub fn turn(&mut self) -> Result<(), Failure> {
        self.baton.go()?;
        self.wait_for_turn()
    }

    /// Lets it run until it has finished so many turns.
    pub fn turns(&mut self, turns: u16) -> Result<(), Failure> {
        (0..turns).try_for_each(|_| self.turn())
    }

    /// Lets it run until its next [`Turn::report`]: `success`, or the errno's name.
    pub fn outcome(&mut self) -> Result<Result<String, Unseen>, Failure> {
        self.turn()?;
        Ok(outcome(&self.reported_call()))
    }

    /// Lets it run until its next [`Turn::report_number`].
    pub(super) fn number(&mut self) -> Result<i32, Failure> {
        self.turn()?;
        Ok(self.report.number)
    }

    /// Lets it run until its next [`Turn::answer`], which is returned.
    pub fn answer(&mut self) -> Result<Result<String, Unseen>, Failure> {
        self.turn()?;
        let words = std::mem::take(&mut self.report.words);
        Ok(if self.report.number == 0 { Ok(words) } else { Err(Unseen(words)) })
    }

    /// Lets it run, and does not wait: for processes that are to run at the same
    /// time. [`Process::finish`] waits for its end.
    pub fn start(&mut self) -> Result<(), Failure> {
        self.started = true;
        self.baton.go()
    }

    /// Waits for what it reports by [`Turn::report`], in a turn that [`Process::start`]
    /// has begun, while whoever it waits for goes on.
    pub fn reported(&mut self) -> Result<CallResult<()>, Failure> {
        self.wait_for_turn()?;
        self.started = false; // it waits for its next turn
        Ok(self.reported_call())
    }

    /// Lets it run until it waits in `call`, which it makes by [`Turn::blocking_call`].
    pub fn until_blocked_in(&mut self, lesson: &Lesson, call: &str) -> Result<Blocked<'_>, Failure> {
        self.start()?;
        let seen = self.wait_until_blocked_in(lesson, call);
        Ok(Blocked { process: self, seen })
    }

    /// Waits until it waits in the call, and shows what /proc shows.
    pub fn wait_until_blocked_in(&self, lesson: &Lesson, call: &str) -> Result<(), Unseen> {
        let seen = wait_until_blocked_in(self.pid(), call);
        if seen.is_err() {
            std::thread::sleep(Duration::from_millis(20)); // it should wait by then, unseen
        }
        lesson.show(&format!("process {}", self.label), "syscall", seen).map(drop)
    }

    /// Waits until a call in [`Turn::blocking_call`] has come back, lets it report that call,
    /// and waits for what it reports next by [`Turn::report`].
    pub fn resume(&mut self) -> Result<CallResult<()>, Failure> {
        self.wait_for_turn()?;
        self.baton.go()?;
        self.reported()
    }

    /// The call that it reported last by [`Turn::report`].
    fn reported_call(&self) -> CallResult<()> {
        if self.report.number == 0 { Ok(()) } else { Err(Errno::from_raw(self.report.number)) }
    }

    fn wait_for_turn(&mut self) -> Result<(), Failure> {
        let has_reported_why = match waits::waiting_for(self.pid(), TURN, || self.baton.receive())? {
            Received::Report(report) => {
                // So that a claim that fails can name the call, whoever made it.
                if !report.last_failure.is_empty() {
                    remember_anothers(&format!("{} {}", self.label, report.last_failure));
                }
                self.report = report;
                return Ok(());
            }
            Received::EndsEarly => true,
            Received::Closed => false,
        };
        // The baton is closed by exec, and by death, which may still be under way.
        let dying = has_reported_why || is_exiting(self.pid());
        match self.wait(if dying { None } else { Some(WaitPidFlag::WNOHANG) })? {
            WaitStatus::StillAlive => Ok(()),
            status => {
                children::forget(self.pid());
                Err(self.died(status, has_reported_why))
            }
        }
    }

    /// Lets it run to its end.
    pub fn finish(mut self) -> Result<(), Failure> {
        let (status, has_reported_why) = self.run_out()?;
        if status == WaitStatus::Exited(self.pid, 0) {
            Ok(())
        } else {
            Err(self.died(status, has_reported_why))
        }
    }

    /// Lets it run to its end, and reaps it: how it ended, and whether it has reported why.
    fn run_out(&mut self) -> Result<(WaitStatus, bool), Failure> {
        if !self.started {
            self.baton.go()?;
        }
        let has_reported_why = waits::waiting_for(self.pid(), END, || self.baton.receive_rest())?;
        let status = self.wait(None)?;
        children::forget(self.pid());
        Ok((status, has_reported_why))
    }

    /// Kills it with SIGKILL, against which no process can do anything, and reaps it.
    pub fn kill(self, lesson: &Lesson) -> Result<(), Failure> {
        let result = kill(self.pid, Signal::SIGKILL);
        lesson.called(Call {
            name: "kill",
            text: format!("kill({}, SIGKILL)", self.pid),
            result: result.map(|()| "0".into()),
        });
        result?;
        self.wait(None)?;
        children::forget(self.pid());
        Ok(())
    }

    /// Lets it run to an end that may come by a signal or from another program,
    /// and returns what the kernel says of it: `exited 0`, `SIGKILL`.
    pub fn end(mut self, lesson: &Lesson) -> Result<String, Failure> {
        let (status, has_reported_why) = self.run_out()?;
        if has_reported_why {
            return Err(self.died(status, true));
        }
        let (shown, end) = match status {
            WaitStatus::Exited(_, code) => (format!("exited {code}"), format!("exited {code}")),
            WaitStatus::Signaled(_, signal, _) => (format!("killed by {signal}"), signal.to_string()),
            other => (format!("{other:?}"), format!("{other:?}")),
        };
        let text = format!("waitpid({}, [{shown}], 0)", self.pid);
        lesson.called(Call { name: "waitpid", text, result: Ok(self.pid.to_string()) });
        Ok(end)
    }

    fn wait(&self, flags: Option<WaitPidFlag>) -> Result<WaitStatus, Failure> {
        let waited = waits::waiting_for(self.pid(), END, || waitpid(self.pid, flags));
        waited.map_err(|errno| refused(&format!("waitpid({})", self.pid), "waitpid", errno))
    }

    fn died(&self, status: WaitStatus, has_reported_why: bool) -> Failure {
        match status {
            // Its code is the lesson's; not so that of a program it has become.
            // One that cannot speak any more reports nothing here either.
            WaitStatus::Exited(_, code) if has_reported_why || code == 3 || code == 128 + 13 => {
                Failure::Reported(u8::try_from(code).unwrap_or(1))
            }
            status => Failure::Machine(format!(
                "process {} ended before its time: {status:?}; run it again",
                self.label
            )),
        }
    }
}

/// A process that waits in a call, until somebody wakes it.
#[derive(Debug)]
#[must_use = "the process waits until it is resumed"]
pub struct Blocked<'a> {
    process: &'a mut Process,
    seen: Result<(), Unseen>,
}

impl Blocked<'_> {
    /// Waits until the call has come back, lets the process report it, and returns what it
    /// reports next by [`Turn::report`]: `success`, or the errno's name. Not seen, if the
    /// process was not seen to wait.
    pub fn resume(self) -> Result<Result<String, Unseen>, Failure> {
        let returned = self.process.resume()?;
        Ok(self.seen.and_then(|()| outcome(&returned)))
    }
}

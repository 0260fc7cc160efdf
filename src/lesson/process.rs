//! The lesson's other processes. They take turns: one runs while the others
//! wait, so that the calls have a fixed order.

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

/// The waits of the lesson itself: for another process's turn, or for its end.
const TURN: &Wait = &Wait { call: "", until: "finishes its turn" };
const END: &Wait = &Wait { call: "", until: "ends" };

/// Another process of the lesson, as the lesson sees it.
#[derive(Debug)]
pub struct Process {
    pid: Pid,
    label: String,
    baton: Baton,
    /// Whether it is running already because of [`Process::start`].
    started: bool,
    /// What it reported at the end of its last turn.
    report: Report,
}

impl Lesson {
    /// Forks a process called `label`. The process waits for its first [`Process::turn`], and then runs
    /// `body`. It has the same descriptors and mappings as the lesson, as after any fork(2).
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

    /// Forks a process like [`Lesson::process`], and lets it run until its first [`Turn::finish`].
    pub fn started(&self, label: &str, body: impl FnOnce(&mut Turn) -> Outcome) -> Result<Process, Failure> {
        let mut process = self.process(label, body)?;
        process.turn()?;
        Ok(process)
    }

    /// Forks a process like [`Lesson::process`], and lets it run to its end.
    pub fn in_process(&self, label: &str, body: impl FnOnce(&mut Turn) -> Outcome) -> Outcome {
        self.process(label, body)?.finish()
    }

    /// Runs in the forked process, from its beginning to its end.
    fn run_child(
        &self,
        parent: Pid,
        label: &str,
        mut turn: Turn,
        body: impl FnOnce(&mut Turn) -> Outcome,
    ) -> ! {
        // If the lesson is killed, even by SIGKILL, the kernel kills this process too.
        let _ = nix::sys::prctl::set_pdeathsig(Signal::SIGKILL);
        if nix::unistd::getppid() != parent {
            // The lesson was killed before the prctl call, so no signal will come.
            // SAFETY: _exit ends the process and runs no code of this program.
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
        // The guards and handles belong to the parent, so this process must not drop them.
        // SAFETY: _exit ends the process and runs no code of this program.
        unsafe { libc::_exit(i32::from(code)) }
    }
}

impl Process {
    /// Returns its process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid.as_raw()
    }

    /// Lets it run until its next [`Turn::finish`], its end, or an exec.
    pub fn turn(&mut self) -> Result<(), Failure> {
        self.baton.go()?;
        self.wait_for_turn()
    }

    /// Lets it run for so many turns.
    pub fn turns(&mut self, turns: u16) -> Result<(), Failure> {
        (0..turns).try_for_each(|_| self.turn())
    }

    /// Lets it run until its next [`Turn::report`], and returns `success` or the errno's name.
    pub fn outcome(&mut self) -> Result<Result<String, Unseen>, Failure> {
        self.turn()?;
        Ok(outcome(&self.reported_call()))
    }

    /// Lets it run until its next [`Turn::report_number`], and returns the number.
    pub(super) fn number(&mut self) -> Result<i32, Failure> {
        self.turn()?;
        Ok(self.report.number)
    }

    /// Lets it run until its next [`Turn::answer`], and returns the answer.
    pub fn answer(&mut self) -> Result<Result<String, Unseen>, Failure> {
        self.turn()?;
        Ok(self.reported_words())
    }

    /// Lets it run without waiting for it, so that several processes can run at the same time.
    /// [`Process::finish`] waits for its end.
    pub fn start(&mut self) -> Result<(), Failure> {
        self.started = true;
        self.baton.go()
    }

    /// Waits for its [`Turn::report`] in a turn that [`Process::start`] has begun, and returns the outcome.
    /// Other processes may run meanwhile.
    pub fn reported(&mut self) -> Result<CallResult<()>, Failure> {
        self.wait_for_turn()?;
        self.started = false; // now it waits for its next turn
        Ok(self.reported_call())
    }

    /// Lets it run until it waits in `call`. It must make that call with [`Turn::blocking_call`].
    pub fn until_blocked_in(&mut self, lesson: &Lesson, call: &str) -> Result<Blocked<'_>, Failure> {
        self.start()?;
        let seen = self.wait_until_blocked_in(lesson, call);
        Ok(Blocked { process: self, seen })
    }

    /// Returns when the process waits in `call`, and shows the number of the system call from /proc.
    pub fn wait_until_blocked_in(&self, lesson: &Lesson, call: &str) -> Result<(), Unseen> {
        let seen = wait_until_blocked_in(self.pid(), call);
        if seen.is_err() {
            std::thread::sleep(Duration::from_millis(20)); // by then it should wait, though nobody can see it
        }
        lesson.show(&format!("process {}", self.label), "syscall", seen).map(drop)
    }

    /// Waits until a call in [`Turn::blocking_call`] has returned, lets the process report that call,
    /// waits for its next [`Turn::report`], and returns the outcome.
    pub fn resume(&mut self) -> Result<CallResult<()>, Failure> {
        self.wait_for_turn()?;
        self.baton.go()?;
        self.reported()
    }

    /// Returns the outcome that its last [`Turn::report`] reported.
    fn reported_call(&self) -> CallResult<()> {
        if self.report.number == 0 { Ok(()) } else { Err(Errno::from_raw(self.report.number)) }
    }

    /// Returns what its last [`Turn::answer`] reported.
    fn reported_words(&mut self) -> Result<String, Unseen> {
        let words = std::mem::take(&mut self.report.words);
        if self.report.number == 0 { Ok(words) } else { Err(Unseen(words)) }
    }

    fn wait_for_turn(&mut self) -> Result<(), Failure> {
        let has_reported_why = match waits::waiting_for(self.pid(), TURN, || self.baton.receive())? {
            Received::Report(report) => {
                // A claim that fails can then name the call, whichever process made it.
                if !report.last_failure.is_empty() {
                    remember_anothers(&format!("{} {}", self.label, report.last_failure));
                }
                self.report = report;
                return Ok(());
            }
            Received::EndsEarly => true,
            Received::Closed => false,
        };
        // Both exec and exit close the baton. An exiting process may not be a zombie yet.
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
        self.run_to_end()
    }

    fn run_to_end(&mut self) -> Result<(), Failure> {
        let (status, has_reported_why) = self.run_out()?;
        if status == WaitStatus::Exited(self.pid, 0) {
            Ok(())
        } else {
            Err(self.died(status, has_reported_why))
        }
    }

    /// Lets it run to its end, and reaps it. Returns how it ended, and whether it has reported why.
    fn run_out(&mut self) -> Result<(WaitStatus, bool), Failure> {
        if !self.started {
            self.baton.go()?;
        }
        let has_reported_why = waits::waiting_for(self.pid(), END, || self.baton.receive_rest())?;
        let status = self.wait(None)?;
        children::forget(self.pid());
        Ok((status, has_reported_why))
    }

    /// Kills it with SIGKILL, which no process can catch or ignore, and reaps it.
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

    /// Lets it run to its end, and returns how it ended: `exited 0`, `SIGKILL`. A signal may end it, or it
    /// may execute another program first.
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
            // If it reported why, its exit code is the lesson's; another program's exit code is not.
            // A process that cannot write its output ends with 3 or 141, with no message on the baton.
            WaitStatus::Exited(_, code) if has_reported_why || code == 3 || code == 128 + 13 => {
                Failure::Reported(u8::try_from(code).unwrap_or(1))
            }
            status => Failure::Machine(format!(
                "process {} ended too early ({status:?}); run the lesson again",
                self.label
            )),
        }
    }
}

/// A process that waits in a call until another process wakes it.
#[derive(Debug)]
#[must_use = "the process waits until it is resumed"]
pub struct Blocked<'a> {
    process: &'a mut Process,
    seen: Result<(), Unseen>,
}

impl Blocked<'_> {
    /// Returns the process id of the process that waits.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.process.pid()
    }

    /// Waits until the call has returned, lets the process report it, and returns its next
    /// [`Turn::report`]: `success` or the errno's name. If /proc did not show the process waiting, the
    /// result is not seen.
    pub fn resume(self) -> Result<Result<String, Unseen>, Failure> {
        let returned = self.process.resume()?;
        Ok(self.seen.and_then(|()| outcome(&returned)))
    }

    /// Does the same as [`Blocked::resume`] for a call that a signal of the lesson interrupts. Elsewhere EINTR
    /// makes an outcome unseen, because a signal came first. Here it is the answer.
    pub fn interrupted(self) -> Result<Result<String, Unseen>, Failure> {
        let returned = self.process.resume()?;
        let outcome = if returned == Err(Errno::EINTR) { Ok("EINTR".into()) } else { outcome(&returned) };
        Ok(self.seen.and(outcome))
    }

    /// Does the same as [`Blocked::resume`] for a process that ends with [`Turn::receive`] or
    /// [`Turn::send`]: returns what it answers, and lets it run to its end.
    pub fn answer(self) -> Result<Result<String, Unseen>, Failure> {
        self.process.resume()?.ok(); // the outcome of this turn is in the words of the answer
        let answer = self.process.reported_words();
        self.process.run_to_end()?;
        Ok(self.seen.and(answer))
    }
}

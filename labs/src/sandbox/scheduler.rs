//! Programs under a schedule that the grader controls.
//!
//! Each program under the [`Scheduler`] stops before every call that another process might notice
//! (the list is the filter's), and goes on when it is told. One step lets one process make
//! one call, and run until all of them have stopped again, wait in the kernel, or are gone.
//! So which of two calls comes first is decided here and not by the machine's load: by a
//! [`Schedule`], whose seed gives the same order again.
//!
//! Time does not pass: a sleep returns at once, and is just another moment at which somebody
//! else may go on. Who sleeps in place of synchronising is found out in no time.

use super::{End, Fault, Pending, Running, Sandbox, Schedule, pending};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};
use nix::sys::signal::Signal;
use std::fs;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// What becomes of a pending call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// It is made.
    Go,
    /// It is not made, and fails with this errno.
    Fail(Errno),
    /// It is not made, and the process is killed.
    Kill,
    /// A signal comes just before it, after all that the program may have looked at: a handler
    /// runs, and then the program comes to the same call again, which is not interrupted.
    Signal(Signal),
}

/// Programs under a schedule.
#[derive(Debug)]
pub(crate) struct Scheduler<'a> {
    sandbox: &'a Sandbox,
    programs: Vec<Running>,
    pending: Vec<Pending>,
}

impl<'a> Scheduler<'a> {
    pub(crate) fn new(sandbox: &'a Sandbox) -> Self {
        Scheduler { sandbox, programs: Vec::new(), pending: Vec::new() }
    }

    /// Starts the program under test; it stops before its first call that matters.
    pub(crate) fn start(&mut self, args: &[&str]) -> Result<usize, Fault> {
        self.add(self.sandbox.program(args).scheduled().start()?)
    }

    /// As [`Scheduler::start`], with this on its standard input, and then its end.
    pub(crate) fn start_with_input(&mut self, args: &[&str], input: &str) -> Result<usize, Fault> {
        let mut running = self.sandbox.program(args).with_input().scheduled().start()?;
        running.write(input);
        running.close_input();
        self.add(running)
    }

    /// Takes in a program that was started to be scheduled.
    pub(crate) fn add(&mut self, running: Running) -> Result<usize, Fault> {
        self.programs.push(running);
        self.settle(Instant::now() + self.sandbox.timeout(Duration::from_secs(10)))?;
        Ok(self.programs.len() - 1)
    }

    /// The sandbox whose programs it schedules.
    pub(crate) fn sandbox(&self) -> &'a Sandbox {
        self.sandbox
    }

    /// The program, by its number in the order of starts.
    pub(crate) fn program(&mut self, n: usize) -> &mut Running {
        &mut self.programs[n]
    }

    /// The calls that wait to be made, in an order that the load of the machine does not change.
    pub(crate) fn pending(&self) -> &[Pending] {
        &self.pending
    }

    /// How each has ended.
    pub(crate) fn ends(&mut self) -> Vec<End> {
        self.programs
            .iter_mut()
            .map(|program| {
                program.ended();
                program.end()
            })
            .collect()
    }

    /// Lets `schedule` decide until all have ended, or nobody can go on, or `within` is over.
    /// What is left then counts as timed out.
    pub(crate) fn play(&mut self, schedule: &mut Schedule, within: Duration) -> Result<Vec<End>, Fault> {
        self.play_with(within, |pending| (schedule.pick(pending.len()), Choice::Go))
    }

    /// As [`Scheduler::play`]; `watch` looks each time that nothing moves.
    pub(crate) fn play_watching(
        &mut self,
        schedule: &mut Schedule,
        within: Duration,
        mut watch: impl FnMut(&Sandbox) -> Result<(), Fault>,
    ) -> Result<Vec<End>, Fault> {
        let sandbox = self.sandbox;
        let mut fault = None;
        let ends = self.play_with(within, |pending| {
            fault = fault.take().or_else(|| watch(sandbox).err());
            (schedule.pick(pending.len()), Choice::Go)
        })?;
        fault.map_or(Ok(ends), Err)
    }

    /// As [`Scheduler::play`], with every decision made by `decide`: which of the pending calls, and
    /// what becomes of it.
    pub(crate) fn play_with(
        &mut self,
        within: Duration,
        mut decide: impl FnMut(&[Pending]) -> (usize, Choice),
    ) -> Result<Vec<End>, Fault> {
        let until = Instant::now() + within;
        while !self.all_ended() {
            if Instant::now() >= until {
                break;
            }
            if self.pending.is_empty() {
                // All that are left wait in the kernel: for a time, or for ever.
                if !self.wait_for_news(until)? {
                    break;
                }
                continue;
            }
            let (which, choice) = decide(&self.pending);
            self.step(which, choice, until)?;
        }
        self.finish()
    }

    /// Lets `decide` tell call after call until nobody has one to make: all wait in the kernel, or
    /// are gone. False if that is not so after `at_most` calls, which is how one looks who looks
    /// again and again. Nobody is killed, so the grader may go on with those who wait.
    pub(crate) fn until_all_wait(
        &mut self,
        at_most: usize,
        until: Instant,
        mut decide: impl FnMut(&[Pending]) -> (usize, Choice),
    ) -> Result<bool, Fault> {
        self.settle(until)?;
        for _ in 0..at_most {
            if self.pending.is_empty() || Instant::now() >= until {
                break;
            }
            let (which, choice) = decide(&self.pending);
            self.step(which, choice, until)?;
        }
        Ok(self.pending.is_empty())
    }

    /// Tells one pending call, and waits until nothing moves.
    pub(crate) fn step(&mut self, which: usize, choice: Choice, until: Instant) -> Result<(), Fault> {
        let pending = self.pending.remove(which);
        match choice {
            Choice::Go => self.answer(&pending, 0),
            Choice::Fail(errno) => self.answer(&pending, errno as i32),
            Choice::Kill => {
                let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pending.pid), Signal::SIGKILL);
            }
            Choice::Signal(signal) => self.signal(&pending, signal),
        }
        self.settle(until)
    }

    /// Sends a signal to whoever is about to make this call. A thread that takes it is put back to
    /// the instruction of the call; a thread that blocks or ignores it makes the call.
    #[allow(unsafe_code)]
    fn signal(&self, pending: &Pending, signal: Signal) {
        const ERESTARTNOINTR: i32 = 513; // <linux/errno.h>, which no program ever sees
        let status = fs::read_to_string(format!("/proc/{}/status", pending.pid)).unwrap_or_default();
        let field = |name| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let is_in = |set| {
            let set = field(set).and_then(|set| u64::from_str_radix(set, 16).ok()).unwrap_or(0);
            set >> (signal as i32 - 1) & 1 == 1
        };
        let Some(group) = field("Tgid:").and_then(|pid| pid.parse::<i32>().ok()) else { return };
        if is_in("SigBlk:") || is_in("SigIgn:") {
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(group), signal);
            self.answer(pending, 0);
        } else {
            // To this thread: another one's signal would not send this one back.
            // SAFETY: the call takes numbers.
            unsafe { libc::syscall(libc::SYS_tgkill, group, pending.pid, signal as i32) };
            self.answer(pending, ERESTARTNOINTR);
        }
    }

    fn all_ended(&mut self) -> bool {
        self.pending.is_empty() && self.programs.iter_mut().all(|program| program.ended().is_some())
    }

    /// Kills what is left, with a look at where it was.
    fn finish(&mut self) -> Result<Vec<End>, Fault> {
        self.pending.clear();
        for program in &mut self.programs {
            program.wait(self.sandbox, Duration::ZERO)?;
        }
        Ok(self.ends())
    }

    /// Waits until each process of the sandbox has stopped before a call, sleeps in the kernel, or is dead:
    /// after each step, and after a call of the grader's own that may have woken somebody.
    pub(crate) fn settle(&mut self, until: Instant) -> Result<(), Fault> {
        loop {
            self.receive_calls()?;
            // A process that has stopped before a call also sleeps, before its call is heard. And one
            // look is not enough: who was woken behind it by somebody who has ended since, runs.
            if self.nothing_moves()?
                && !self.receive_calls()?
                && self.nothing_moves()?
                && !self.receive_calls()?
            {
                self.pending.retain(|pending| fs::metadata(format!("/proc/{}", pending.pid)).is_ok());
                return Ok(());
            }
            if Instant::now() >= until {
                self.sandbox.count_timeout();
                return Ok(());
            }
            self.wait_a_moment(Duration::from_micros(500))?;
        }
    }

    /// Whether no process of the sandbox runs. Those that have stopped before a call sleep, too.
    fn nothing_moves(&mut self) -> Result<bool, Fault> {
        for program in &mut self.programs {
            program.ended();
            // Who waits for room in a pipe does not wait for another program.
            program.read();
        }
        let moves = |pid: i32| {
            let tasks =
                fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().filter_map(Result::ok);
            tasks.into_iter().any(|task| {
                let stat = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
                let state = stat.rsplit(')').next().and_then(|rest| rest.trim_start().chars().next());
                // A signal has come while it waits to be told: that puts its sleep into state D.
                let waits = |pending: &Pending| task.file_name().to_str() == Some(&pending.pid.to_string());
                let interrupted_wait = state == Some('D') && self.pending.iter().any(waits);
                !interrupted_wait && !matches!(state, None | Some('S' | 'T' | 't' | 'Z' | 'X'))
            })
        };
        Ok(!self.sandbox.pids()?.into_iter().any(moves))
    }

    /// Takes in all calls that have been announced; whether there were any. (Those that are
    /// let through at once count: whoever has made one runs again.)
    fn receive_calls(&mut self) -> Result<bool, Fault> {
        let mut any = false;
        for program in 0..self.programs.len() {
            let Some(listener) = &self.programs[program].listener else { continue };
            if pending::has_hung_up(listener)? {
                // It would be ready at every poll.
                self.programs[program].listener = None;
                continue;
            }
            while let Some(pending) = pending::next(listener, program)? {
                any = true;
                if pending.is_of_interest() {
                    self.pending.push(pending);
                } else {
                    pending.answer(listener, 0);
                }
            }
        }
        // In the order of programs; of one program, in the order heard.
        self.pending.sort_by_key(|pending| pending.program);
        Ok(any)
    }

    /// Lets the call be made, or fails it with this errno. Whoever is no more needs no answer.
    fn answer(&self, pending: &Pending, errno: i32) {
        if let Some(listener) = &self.programs[pending.program].listener {
            pending.answer(listener, errno);
        }
    }

    /// Waits until a call is announced, at most until then; false if nothing came.
    pub(crate) fn wait_for_news(&mut self, until: Instant) -> Result<bool, Fault> {
        while Instant::now() < until {
            self.wait_a_moment(
                until.saturating_duration_since(Instant::now()).min(Duration::from_millis(20)),
            )?;
            self.settle(until)?;
            if !self.pending.is_empty() || self.all_ended() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn wait_a_moment(&mut self, moment: Duration) -> Result<(), Fault> {
        let listeners = self.programs.iter().filter_map(|program| program.listener.as_ref());
        let mut fds: Vec<PollFd> =
            listeners.map(|listener| PollFd::new(listener.as_fd(), PollFlags::POLLIN)).collect();
        let moment = nix::sys::time::TimeSpec::from_duration(moment);
        match nix::poll::ppoll(&mut fds, Some(moment), None) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(errno) => Err(Fault::call("ppoll", errno)),
        }
    }
}

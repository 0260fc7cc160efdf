//! Programs under a schedule that the grader controls.
//!
//! Each program under the [`Scheduler`] stops before every call that another process might notice
//! (the list is the filter's), and goes on when the scheduler lets it. One step lets one process make
//! one call, and run until all of them have stopped again, wait in the kernel, or are gone.
//! So which of two calls comes first is decided here and not by the machine's load: by a
//! [`Schedule`], whose seed gives the same order again.
//!
//! Time does not pass: a sleep returns at once, and is just another moment at which another
//! program may go on. A program that sleeps in place of synchronising is found out in no time.
//!
//! The words for graders are in `play.rs`.

mod choice;
mod pending;
mod play;
mod schedule;

pub(crate) use choice::{Choice, Moment, Now};
pub(crate) use pending::Pending;
pub(crate) use schedule::{Random, Schedule};

use crate::sandbox::{Ends, Fault, Launch, Running, Sandbox};
use ipc_workbook::observe::text_of;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};
use nix::sys::signal::Signal;
use std::fs;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// Programs under a schedule.
#[derive(Debug)]
pub(crate) struct Scheduler<'a> {
    sandbox: &'a Sandbox,
    schedule: Schedule,
    programs: Vec<Running>,
    pending: Vec<Pending>,
    /// How long a part of the trial may take, and when this one is over.
    limit: Duration,
    until: Instant,
    /// A program that makes more calls than this, and does not come to wait, runs in a circle.
    most_calls: usize,
}

impl<'a> Scheduler<'a> {
    pub(crate) fn new(sandbox: &'a Sandbox, limit: Duration, schedule: Schedule) -> Self {
        let until = Instant::now() + limit;
        let (programs, pending) = (Vec::new(), Vec::new());
        Scheduler { sandbox, schedule, programs, pending, limit, until, most_calls: 600 }
    }

    /// Another bound for the calls that programs make before all of them wait.
    pub(crate) fn with_at_most(&mut self, calls: usize) -> &mut Self {
        self.most_calls = calls;
        self
    }

    /// Starts the program under test; it stops before its first call that matters. Returns its number.
    pub(crate) fn start(&mut self, args: &[&str]) -> Result<usize, Fault> {
        self.add(self.sandbox.program(args))
    }

    /// As [`Scheduler::start`], with this on its standard input, and then its end.
    pub(crate) fn start_with_input(&mut self, args: &[&str], input: &str) -> Result<usize, Fault> {
        self.add(self.sandbox.program(args).input(input))
    }

    /// As [`Scheduler::start`], for a program that needs more than arguments.
    pub(crate) fn add(&mut self, launch: Launch) -> Result<usize, Fault> {
        const START_TIMEOUT: Duration = Duration::from_secs(10);
        self.programs.push(launch.scheduled().start()?);
        self.settle_until(Instant::now() + self.sandbox.timeout(START_TIMEOUT))?;
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

    /// One of `n`, as the schedule's seed has it.
    pub(crate) fn pick(&mut self, n: usize) -> usize {
        self.schedule.pick(n)
    }

    /// Numbers from the schedule's seed, for what a grader decides while the programs go on.
    pub(crate) fn random(&self) -> Random {
        self.schedule.numbers()
    }

    /// Another order for what follows.
    pub(crate) fn set_schedule(&mut self, schedule: Schedule) {
        self.schedule = schedule;
    }

    /// Carries out what was chosen for one pending call, and waits until nothing moves.
    fn step(&mut self, which: usize, choice: Choice) -> Result<(), Fault> {
        let pending = self.pending.remove(which);
        match choice {
            Choice::Go => self.answer(&pending, 0),
            Choice::Fail(errno) => self.answer(&pending, errno as i32),
            Choice::Kill => {
                let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pending.pid), Signal::SIGKILL);
            }
            Choice::Signal(signal) => self.signal(&pending, signal),
        }
        self.settle()
    }

    /// Sends a signal to whoever is about to make this call. A thread that takes it is put back to
    /// the instruction of the call; a thread that blocks or ignores it makes the call.
    #[allow(unsafe_code)]
    fn signal(&self, pending: &Pending, signal: Signal) {
        const ERESTARTNOINTR: i32 = 513; // <linux/errno.h>, which no program ever sees
        let status = text_of(format!("/proc/{}/status", pending.pid)).unwrap_or_default();
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

    /// Ends what has not ended: it is looked at, to say where it waited, and killed.
    fn finish(&mut self) -> Result<Ends, Fault> {
        self.pending.clear();
        let mut ends = Vec::new();
        for program in &mut self.programs {
            ends.push(self.sandbox.wait(program, Duration::ZERO)?);
        }
        Ok(Ends(ends))
    }

    /// Waits until each process of the sandbox has stopped before a call, sleeps in the kernel, or is
    /// dead: after each step, and after a call of the grader's own that may have woken one of them.
    pub(crate) fn settle(&mut self) -> Result<(), Fault> {
        self.settle_until(self.until)
    }

    fn settle_until(&mut self, until: Instant) -> Result<(), Fault> {
        loop {
            self.receive_calls()?;
            // A process that has stopped before a call also sleeps, before its call is announced. And
            // one look is not enough: a process that was woken behind it, by one that has ended since, runs.
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
            // A program that waits for room in a pipe does not wait for another program.
            program.read();
        }
        let moves = |pid: i32| {
            let tasks =
                fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().filter_map(Result::ok);
            tasks.into_iter().any(|task| {
                let stat = text_of(task.path().join("stat")).unwrap_or_default();
                let state = stat.rsplit(')').next().and_then(|rest| rest.trim_start().chars().next());
                // A signal has come while it waits for the answer: that puts its sleep into state D.
                let waits = |pending: &Pending| task.file_name().to_str() == Some(&pending.pid.to_string());
                let interrupted_wait = state == Some('D') && self.pending.iter().any(waits);
                !interrupted_wait && !matches!(state, None | Some('S' | 'T' | 't' | 'Z' | 'X'))
            })
        };
        Ok(!self.sandbox.pids()?.into_iter().any(moves))
    }

    /// Takes in all calls that have been announced; whether there were any. (Those that are
    /// let through at once count: the process that has made one runs again.)
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
        // In the order of programs; of one program, in the order announced.
        self.pending.sort_by_key(|pending| pending.program);
        Ok(any)
    }

    /// Lets the call be made, or fails it with this errno. A process that is gone needs no answer.
    fn answer(&self, pending: &Pending, errno: i32) {
        if let Some(listener) = &self.programs[pending.program].listener {
            pending.answer(listener, errno);
        }
    }

    /// Waits until a call is announced, or a program ends; false if time is over first.
    fn wait_for_news(&mut self) -> Result<bool, Fault> {
        while Instant::now() < self.until {
            self.wait_a_moment(
                self.until.saturating_duration_since(Instant::now()).min(Duration::from_millis(20)),
            )?;
            self.settle()?;
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

//! Runs programs under a schedule that the grader controls.
//!
//! Each thread under the [`Scheduler`] stops before every call that another process might notice: every call
//! but those that the table of calls knows to be harmless. It continues when the scheduler lets it. In one
//! step, one thread makes one call and runs until all threads have stopped again, wait in the kernel, or have
//! ended. A [`Schedule`], and not the machine's load, therefore decides which of two calls comes first. The
//! same seed gives the same order again.
//!
//! Time does not pass by itself. A pause ends whenever the schedule says so, and is just another moment at
//! which another program may run. A program that sleeps instead of synchronising is therefore found out
//! quickly. A thread that only sleeps, such as a monitor thread, is left to the sandbox's clock.
//!
//! The functions for graders are in `play.rs`.

mod choice;
mod pending;
mod play;
mod schedule;
mod trace;

pub(crate) use choice::{Choice, Moment, Now};
pub(crate) use pending::Pending;
pub(crate) use schedule::{Random, Schedule};

use crate::sandbox::{
    Clock, Deadline, Does, Ends, Fault, Launch, Notice, Pass, Patience, Running, Sandbox, has_hung_up,
    is_sleep,
};
use ipc_workbook::observe::text_of;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};
use nix::sys::signal::Signal;
use nix::unistd::Pid;
use pending::{is_noticed, reach};
use std::collections::BTreeSet;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// Programs under a schedule.
#[derive(Debug)]
pub(crate) struct Scheduler<'a> {
    sandbox: &'a Sandbox,
    schedule: Schedule,
    programs: Vec<Running>,
    pending: Vec<Pending>,
    /// The threads that have paused and have made no noticeable call since.
    paused: BTreeSet<i32>,
    /// How many times all threads have come to rest.
    rests: usize,
    /// The time limit of a part of the trial, and the deadline of the current part.
    limit: Duration,
    until: Option<Deadline>,
    /// The most calls that programs may make without all coming to wait; beyond that one is in an endless
    /// loop.
    most_calls: usize,
}

impl<'a> Scheduler<'a> {
    pub(crate) fn new(sandbox: &'a Sandbox, limit: Duration, schedule: Schedule) -> Self {
        let (programs, pending, paused) = (Vec::new(), Vec::new(), BTreeSet::new());
        Scheduler {
            sandbox,
            schedule,
            programs,
            pending,
            paused,
            rests: 0,
            limit,
            until: None,
            most_calls: 600,
        }
    }

    /// Sets the most calls that programs may make before all of them wait.
    pub(crate) fn with_at_most(&mut self, calls: usize) -> &mut Self {
        self.most_calls = calls;
        self
    }

    /// Starts the program under test, which stops before its first noticeable call. Returns its number.
    pub(crate) fn start(&mut self, args: &[&str]) -> Result<usize, Fault> {
        self.add(self.sandbox.program(args))
    }

    /// Like [`Scheduler::start`], with this standard input, followed by end of file.
    pub(crate) fn start_with_input(&mut self, args: &[&str], input: &str) -> Result<usize, Fault> {
        self.add(self.sandbox.program(args).input(input))
    }

    /// Like [`Scheduler::start`], for a program that needs more than arguments.
    pub(crate) fn add(&mut self, launch: Launch) -> Result<usize, Fault> {
        const START_TIMEOUT: Duration = Duration::from_secs(10);
        self.programs.push(launch.scheduled().start()?);
        let deadline = self.sandbox.deadline(self.sandbox.timeout(START_TIMEOUT))?;
        self.settle_until(&deadline)?;
        let program = self.programs.len() - 1;
        self.record_start(program)?;
        Ok(program)
    }

    /// Returns the sandbox whose programs it schedules.
    pub(crate) fn sandbox(&self) -> &'a Sandbox {
        self.sandbox
    }

    /// Returns a program by its number, in the order in which they started.
    pub(crate) fn program(&mut self, n: usize) -> &mut Running {
        &mut self.programs[n]
    }

    /// Returns a number below `n`, chosen by the schedule's seed.
    pub(crate) fn pick(&mut self, n: usize) -> usize {
        self.schedule.pick(n)
    }

    /// Returns random numbers from the schedule's seed, for choices that a grader makes while the programs
    /// run.
    pub(crate) fn random(&self) -> Random {
        self.schedule.numbers()
    }

    /// Sets the schedule for what follows.
    pub(crate) fn set_schedule(&mut self, schedule: Schedule) {
        self.schedule = schedule;
    }

    /// Carries out the choice for one pending call, and waits until nothing runs.
    fn step(&mut self, which: usize, choice: Choice) -> Result<(), Fault> {
        self.record_peer()?;
        let pending = self.pending.remove(which);
        let step = self.about_to(&pending, choice);
        match choice {
            Choice::Go => self.go_on(&pending)?,
            Choice::Fail(errno) => pending.notice().return_instead(-(errno as i32)),
            Choice::Kill => {
                self.programs[pending.program].is_killed_before(&pending.name);
                let _ = nix::sys::signal::kill(Pid::from_raw(pending.pid), Signal::SIGKILL);
                // The first process may be waiting for the process that makes the calls.
                self.programs[pending.program].kill(Signal::SIGKILL);
            }
            Choice::Signal(signal) => self.send(signal, &pending, When::Before),
            Choice::SignalAfter(signal) => self.send(signal, &pending, When::After),
        }
        self.settle()?;
        self.record(step)
    }

    /// Lets a call be made. A pause ends at once: while its thread pauses, any time may pass elsewhere, so
    /// the schedule may end it at any moment.
    fn go_on(&mut self, pending: &Pending) -> Result<(), Fault> {
        /// A wait for an event with a shorter limit counts as a pause and is interrupted.
        const PROMISE: Duration = Duration::from_secs(1);
        let (clock, notice) = (self.sandbox.clock(), pending.notice());
        let Some(end) = pending.end_of_pause() else {
            self.paused.remove(&pending.tid);
            clock.let_wait(notice);
            return Ok(());
        };
        self.paused.insert(pending.tid);
        if is_sleep(notice) {
            clock.jump_to(end, &self.sandbox.pids()?);
            notice.return_instead(0);
            return Ok(());
        }
        clock.let_wait(notice);
        if pending.sleeps_for().is_some_and(|length| length <= PROMISE) {
            self.settle()?;
            clock.end_of_one(pending.tid, &self.sandbox.pids()?);
        }
        Ok(())
    }

    /// Sends a signal to the process that was started, as `kill` does. If a child of that process is about to
    /// make the call, the child makes it.
    fn send(&self, signal: Signal, pending: &Pending, when: When) {
        let (clock, started) = (self.sandbox.clock(), &self.programs[pending.program]);
        if pending.pid == started.pid() {
            send(signal, pending, when, clock);
        } else {
            started.kill(signal);
            clock.let_wait(pending.notice());
        }
    }

    fn all_ended(&mut self) -> bool {
        self.pending.is_empty() && self.programs.iter_mut().all(|program| program.ended().is_some())
    }

    /// Kills the programs that have not ended, and records where they waited.
    fn finish(&mut self) -> Result<Ends, Fault> {
        self.pending.clear();
        if self.is_over()? && self.programs.iter_mut().any(|program| program.ended().is_none()) {
            self.sandbox.count_timeout();
        }
        let mut ends = Vec::new();
        for program in &mut self.programs {
            ends.push(self.sandbox.give_up(program)?);
        }
        Ok(Ends(ends))
    }

    /// Waits until each thread of the sandbox has stopped before a call, sleeps in the kernel, or has ended.
    /// Used after each step, and after a call of the grader that may have woken a thread.
    pub(crate) fn settle(&mut self) -> Result<(), Fault> {
        let deadline = self.deadline()?;
        self.settle_until(&deadline)
    }

    /// Returns the deadline of this part of the trial. The part begins when this is called for the first
    /// time.
    fn deadline(&mut self) -> Result<Deadline, Fault> {
        let deadline = match self.until {
            Some(deadline) => deadline,
            None => self.sandbox.deadline(self.limit)?,
        };
        self.until = Some(deadline);
        Ok(deadline)
    }

    fn is_over(&mut self) -> Result<bool, Fault> {
        let deadline = self.deadline()?;
        self.sandbox.is_over(&deadline)
    }

    fn settle_until(&mut self, deadline: &Deadline) -> Result<(), Fault> {
        const MOMENT: Duration = Duration::from_micros(200);
        loop {
            while self.receive_calls()? {}
            for program in &mut self.programs {
                // A program that waits for room in its output pipe waits for nobody but this process.
                program.read();
            }
            let held: Vec<i32> = self.pending.iter().map(|pending| pending.tid).collect();
            // A thread that has stopped before a call sleeps a moment before the call is announced.
            if self.sandbox.nothing_moves(&held)? && !self.receive_calls()? {
                self.pending.retain(|pending| pending.notice().is_valid());
                // Only now: earlier, how fast a program ended would decide whether its end is seen.
                for program in &mut self.programs {
                    program.ended();
                }
                self.rests += 1;
                return Ok(());
            }
            if self.sandbox.is_over(deadline)? {
                self.sandbox.count_timeout();
                return Ok(());
            }
            self.wait_a_moment(MOMENT)?;
        }
    }

    /// Lets the clock jump until a wanted call is pending, or until it is clear that the programs only sleep.
    /// Nothing may be running.
    fn pass_time(&mut self, is_wanted: impl Fn(&Pending) -> bool) -> Result<(), Fault> {
        let mut patience = Patience::new(self.sandbox);
        while !self.pending.iter().any(&is_wanted)
            && !self.is_over()?
            && patience.jump(self.sandbox, Pass::Time)?
        {
            self.settle()?;
        }
        Ok(())
    }

    /// Receives all announced calls. Returns whether there were any. Calls that are let through at once count
    /// as well, because their threads run again.
    fn receive_calls(&mut self) -> Result<bool, Fault> {
        let mut any = self.sandbox.clock().receive()?;
        for program in 0..self.programs.len() {
            let Some(listener) = self.programs[program].listener.clone() else { continue };
            if has_hung_up(&listener)? {
                // poll would return at once for it every time.
                self.programs[program].listener = None;
                continue;
            }
            while let Some(notice) = Notice::next(&listener)? {
                any = true;
                self.take_in(program, notice);
            }
        }
        // Ordered by program, then by the step after which the call came, and then by thread. How fast each
        // thread ran makes no difference.
        self.pending.sort_by_key(Pending::order);
        Ok(any)
    }

    /// Makes an announced call pending if another program may notice it. A pause becomes pending if it is the
    /// thread's first, or its first after a noticeable call. A thread that only continues to sleep is left to
    /// the clock.
    fn take_in(&mut self, program: usize, notice: Notice) {
        let clock = self.sandbox.clock();
        let reach = reach(&notice, self.sandbox.meeting());
        match notice.does() {
            Does::Begin | Does::Timer => clock.admit(notice),
            Does::Sleep(_) if self.paused.contains(&notice.tid) || notice.wait().is_none() => {
                clock.admit(notice);
            }
            _ if is_noticed(&notice, reach) => {
                self.pending.push(Pending::new(program, self.rests, notice, reach, clock));
            }
            _ => {
                self.sandbox.recorder().passes(&trace::letter(program), &notice.name());
                notice.go_on();
            }
        }
    }

    /// Waits until a call is pending or all programs have ended. Returns false if nothing runs and nobody
    /// waits for time.
    fn wait_for_news(&mut self) -> Result<bool, Fault> {
        /// If nothing runs for this long, nothing more will happen.
        const STILL: Duration = Duration::from_millis(300);
        let mut still_since = Instant::now();
        while !self.is_over()? && still_since.elapsed() < STILL {
            if self.sandbox.pass(Pass::Whatever)? {
                still_since = Instant::now();
            } else {
                self.wait_a_moment(Duration::from_millis(20))?;
            }
            self.settle()?;
            if !self.pending.is_empty() || self.all_ended() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn wait_a_moment(&mut self, moment: Duration) -> Result<(), Fault> {
        let mut listeners = self.sandbox.clock().listeners();
        listeners.extend(self.programs.iter().filter_map(|program| program.listener.clone()));
        let mut fds: Vec<PollFd> =
            listeners.iter().map(|listener| PollFd::new(listener.as_fd(), PollFlags::POLLIN)).collect();
        let moment = nix::sys::time::TimeSpec::from_duration(moment);
        match nix::poll::ppoll(&mut fds, Some(moment), None) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(errno) => Err(Fault::call("ppoll", errno)),
        }
    }
}

/// When a signal reaches a thread that is about to make a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// Just before the call: the thread is set back to the call's instruction.
    Before,
    /// During the call: a handler runs after it has returned, and before its result is stored.
    After,
}

/// Sends a signal to the thread that is about to make this call. If the thread blocks or ignores the signal,
/// sends it to the process, and lets the call be made.
#[allow(unsafe_code)]
fn send(signal: Signal, pending: &Pending, when: When, clock: &Clock) {
    const ERESTARTNOINTR: i32 = 513; // <linux/errno.h>; the kernel never returns it to a program
    let status = text_of(format!("/proc/{}/status", pending.tid)).unwrap_or_default();
    let is_in = |name| {
        let set = status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let set = set.and_then(|set| u64::from_str_radix(set, 16).ok()).unwrap_or(0);
        set >> (signal as i32 - 1) & 1 == 1
    };
    if is_in("SigBlk:") || is_in("SigIgn:") {
        let _ = nix::sys::signal::kill(Pid::from_raw(pending.pid), signal);
        return clock.let_wait(pending.notice());
    }
    // To this thread: a signal handled by another thread would not set this one back.
    // SAFETY: the call takes numbers.
    unsafe { libc::syscall(libc::SYS_tgkill, pending.pid, pending.tid, signal as i32) };
    match when {
        When::Before => pending.notice().return_instead(-ERESTARTNOINTR),
        When::After => clock.let_wait(pending.notice()),
    }
}

//! Programs under a schedule that the grader controls.
//!
//! Each thread under the [`Scheduler`] stops before every call that another process might notice (all but
//! what the table of calls knows to be harmless), and goes on when the scheduler lets it. One step lets one thread make
//! one call, and run until all of them have stopped again, wait in the kernel, or are gone.
//! So which of two calls comes first is decided here and not by the machine's load: by a
//! [`Schedule`], whose seed gives the same order again.
//!
//! Time does not pass by itself: a pause is over whenever the schedule says so, and is just another moment
//! at which another program may go on. A program that sleeps in place of synchronising is found out in no
//! time. What only sleeps, such as a thread that looks after others, is left to the sandbox's clock.
//!
//! The words for graders are in `play.rs`.

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
use pending::is_noticed;
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
    /// The threads that have paused, and made no call since that others notice.
    paused: BTreeSet<i32>,
    /// Counts the times at which nothing moved.
    rests: usize,
    /// How long a part of the trial may take, and when this one is over.
    limit: Duration,
    until: Option<Deadline>,
    /// A program that makes more calls than this, and does not come to wait, runs in a circle.
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
        let deadline = self.sandbox.deadline(self.sandbox.timeout(START_TIMEOUT))?;
        self.settle_until(&deadline)?;
        let program = self.programs.len() - 1;
        self.record_start(program)?;
        Ok(program)
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
        self.record_peer()?;
        let pending = self.pending.remove(which);
        let step = self.about_to(&pending, choice);
        match choice {
            Choice::Go => self.go_on(&pending)?,
            Choice::Fail(errno) => pending.notice().return_instead(-(errno as i32)),
            Choice::Kill => {
                self.programs[pending.program].is_killed_before(&pending.name);
                let _ = nix::sys::signal::kill(Pid::from_raw(pending.pid), Signal::SIGKILL);
                // Its first process may wait for the one that makes the calls.
                self.programs[pending.program].kill(Signal::SIGKILL);
            }
            Choice::Signal(signal) => self.send(signal, &pending, When::Before),
            Choice::SignalAfter(signal) => self.send(signal, &pending, When::After),
        }
        self.settle()?;
        self.record(step)
    }

    /// Lets a call be made. A pause is over at once: while its thread waits any time may pass elsewhere, so
    /// the schedule may end it at any moment.
    fn go_on(&mut self, pending: &Pending) -> Result<(), Fault> {
        /// A wait for an event gets so much time before it is broken off: shorter limits are pauses.
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

    /// Sends a signal to the process that was started, as `kill` does. Where a child of it is about to make
    /// the call, the child makes it.
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

    /// Ends what has not ended: it is looked at, to say where it waited, and killed.
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

    /// Waits until each thread of the sandbox has stopped before a call, sleeps in the kernel, or is
    /// dead: after each step, and after a call of the grader's own that may have woken one of them.
    pub(crate) fn settle(&mut self) -> Result<(), Fault> {
        let deadline = self.deadline()?;
        self.settle_until(&deadline)
    }

    /// When this part of the trial is over. It begins when that is asked for the first time.
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
                program.ended();
                // A program that waits for room in a pipe does not wait for another program.
                program.read();
            }
            let held: Vec<i32> = self.pending.iter().map(|pending| pending.tid).collect();
            // A thread that has stopped before a call also sleeps, before its call is announced.
            if self.sandbox.nothing_moves(&held)? && !self.receive_calls()? {
                self.pending.retain(|pending| pending.notice().is_valid());
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

    /// When nothing moves, and no call is pending that this asks for: lets the clock jump, until one is, or
    /// until it is plain that nobody does more than sleep.
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

    /// Takes in all calls that have been announced; whether there were any. (Those that are
    /// let through at once count: the thread that has made one runs again.)
    fn receive_calls(&mut self) -> Result<bool, Fault> {
        let mut any = self.sandbox.clock().receive()?;
        for program in 0..self.programs.len() {
            let Some(listener) = self.programs[program].listener.clone() else { continue };
            if has_hung_up(&listener)? {
                // It would be ready at every poll.
                self.programs[program].listener = None;
                continue;
            }
            while let Some(notice) = Notice::next(&listener)? {
                any = true;
                self.take_in(program, notice);
            }
        }
        // In the order of programs; of one program, in the order of the steps after which they came; and
        // after one step in the order of threads, however fast each has run.
        self.pending.sort_by_key(Pending::order);
        Ok(any)
    }

    /// A call that another program may notice is pending from now on; so is a pause, the first of a thread or
    /// its first after such a call. A thread that only goes on to sleep is left to the clock.
    fn take_in(&mut self, program: usize, notice: Notice) {
        let clock = self.sandbox.clock();
        match notice.does() {
            Does::Begin | Does::Timer => clock.admit(notice),
            Does::Sleep(_) if self.paused.contains(&notice.tid) || notice.wait().is_none() => {
                clock.admit(notice);
            }
            _ if is_noticed(&notice, self.sandbox.meeting()) => {
                self.pending.push(Pending::new(program, self.rests, notice, clock));
            }
            _ => {
                self.sandbox.recorder().passes(&trace::letter(program), &notice.name());
                notice.go_on();
            }
        }
    }

    /// Waits until a call is pending, or a program ends; false if nothing moves, and nobody waits for time.
    fn wait_for_news(&mut self) -> Result<bool, Fault> {
        /// All stand still for so long: nothing more comes.
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

/// When a signal comes to a thread that is about to make a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// Just before it: the thread is put back to the instruction of the call.
    Before,
    /// While the call is made: a handler runs when it has returned, and before its result is stored.
    After,
}

/// Sends a signal to the thread that is about to make this call. If it blocks or ignores the signal, that
/// comes to the process, and the call is made.
#[allow(unsafe_code)]
fn send(signal: Signal, pending: &Pending, when: When, clock: &Clock) {
    const ERESTARTNOINTR: i32 = 513; // <linux/errno.h>, which no program ever sees
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
    // To this thread: another one's signal would not send this one back.
    // SAFETY: the call takes numbers.
    unsafe { libc::syscall(libc::SYS_tgkill, pending.pid, pending.tid, signal as i32) };
    match when {
        When::Before => pending.notice().return_instead(-ERESTARTNOINTR),
        When::After => clock.let_wait(pending.notice()),
    }
}

//! Waiting for programs: to their end, or until all are at rest. Meanwhile the sandbox's clock jumps, so
//! that nobody waits for time.

use super::Sandbox;
use super::clock::Pass;
use super::end::End;
use super::fault::Fault;
use super::process::{Process, is_at_rest, is_in_fork, states};
use super::running::Running;
use std::time::{Duration, Instant};

/// Whether processes move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Motion {
    /// One of them runs.
    Moves,
    /// None did, and the clock has jumped: now one of them may.
    Jumped,
    /// None does, and none waits for time.
    Still,
}

/// How much time may pass while nothing is done until that is called rest: a program with a thread that
/// only sleeps, again and again, is at rest.
#[derive(Debug)]
pub(crate) struct Patience {
    until: Duration,
    jumps: u32,
}

impl Patience {
    const TIME: Duration = Duration::from_secs(10);
    const JUMPS: u32 = 150;

    pub(crate) fn new(sandbox: &Sandbox) -> Self {
        Patience { until: sandbox.clock().now() + Patience::TIME, jumps: 0 }
    }

    /// Lets the clock jump once, unless that was done often enough, or nobody waits for time. No process may
    /// be moving.
    pub(crate) fn jump(&mut self, sandbox: &Sandbox, what: Pass) -> Result<bool, Fault> {
        if self.jumps >= Patience::JUMPS || sandbox.clock().now() >= self.until {
            return Ok(false);
        }
        self.jumps += 1;
        Ok(sandbox.clock().pass(what, self.until, &sandbox.pids()?))
    }
}

/// How long a look at what programs do waits for news of them.
const MOMENT: Duration = Duration::from_micros(500);

impl Sandbox {
    /// Waits for a program's end. What has not ended in this time is looked at, and killed; so is what waits
    /// for nothing that could come.
    pub(crate) fn wait(&self, program: &mut Running, within: Duration) -> Result<End, Fault> {
        /// All stand still for so long, and nobody waits for time: nothing more comes.
        const STILL: Duration = Duration::from_millis(300);
        let deadline = self.deadline(within)?;
        let mut still_since = None;
        while program.ended().is_none() {
            let is_still = still_since.is_some_and(|since: Instant| since.elapsed() >= STILL);
            if is_still || self.is_over(&deadline)? {
                let waiting = self.processes()?;
                self.count_timeout();
                self.budget.note(&waiting);
                program.give_up(waiting);
                break;
            }
            match self.let_time_pass(program, Pass::Whatever)? {
                Motion::Still => {
                    still_since.get_or_insert_with(Instant::now);
                }
                _ => still_since = None,
            }
        }
        program.read();
        Ok(program.end())
    }

    /// If nothing moves, the clock jumps; otherwise, or if nobody waits for time, this waits a moment for
    /// news of a program.
    pub(crate) fn let_time_pass(&self, program: &mut Running, what: Pass) -> Result<Motion, Fault> {
        program.read();
        self.clock.receive()?;
        let moves = !self.nothing_moves(&[])?;
        if !moves && self.pass(what)? {
            return Ok(Motion::Jumped);
        }
        program.listen(&self.clock.listeners(), MOMENT)?;
        Ok(if moves { Motion::Moves } else { Motion::Still })
    }

    /// Lets the clock jump, however far. No process may be moving. False if nobody waits for time.
    pub(crate) fn pass(&self, what: Pass) -> Result<bool, Fault> {
        Ok(self.clock.pass(what, Duration::MAX, &self.pids()?))
    }

    /// Whether no thread of the sandbox runs, twice in a row: one that was woken behind the first look, by
    /// one that has ended since, runs at the second. These threads are held before a call.
    pub(crate) fn nothing_moves(&self, before_a_call: &[i32]) -> Result<bool, Fault> {
        Ok(self.nobody_runs(before_a_call)? && !self.clock.receive()? && self.nobody_runs(before_a_call)?)
    }

    fn nobody_runs(&self, before_a_call: &[i32]) -> Result<bool, Fault> {
        let sleeping = self.clock.held();
        // A signal that has come while a thread is held puts it into state D; so does vfork, until the child
        // has executed its program.
        let stands_still =
            |tid: &i32| before_a_call.contains(tid) || sleeping.contains(tid) || is_in_fork(*tid);
        let runs = |pid: i32| {
            states(pid).any(|(tid, state)| !(is_at_rest(state) || state == 'D' && stands_still(&tid)))
        };
        Ok(!self.pids()?.into_iter().any(runs))
    }

    /// Waits until a program has read all that was written to its standard input, and it, or a process
    /// that it has started, waits for more while the others sleep; false if that did not come about
    /// within that time, or it has ended.
    pub(crate) fn waits_for_input(&self, program: &mut Running, within: Duration) -> Result<bool, Fault> {
        const WAITING: [&str; 7] =
            ["poll", "ppoll", "select", "pselect6", "epoll_wait", "epoll_pwait", "epoll_pwait2"];
        let deadline = self.deadline(within)?;
        let pipe = program.input_pipe().unwrap_or_default();
        while program.ended().is_none() && !self.is_over(&deadline)? {
            // What they sleep in is looked at after the pipe was seen empty: a line that was taken
            // out is dealt with before the next one is waited for.
            let has_read = program.has_read_its_input();
            let still = self.nothing_moves(&[])?;
            let processes = self.processes()?;
            let waits = |process: &Process| process.reads(&pipe) || process.sleeps_in(&WAITING);
            if has_read && still && processes.iter().any(waits) {
                return Ok(true);
            }
            self.let_time_pass(program, Pass::Time)?;
        }
        Ok(false)
    }

    /// Waits until no process of the sandbox comes to run any more, and returns them as they sleep
    /// then; `None` if they were not all at rest within that time. A process that does nothing but sleep,
    /// again and again, is at rest.
    pub(crate) fn at_rest(&self, within: Duration) -> Result<Option<Vec<Process>>, Fault> {
        const LOOKS: u32 = 5;
        const BETWEEN: Duration = Duration::from_millis(5);
        let deadline = self.deadline(within)?;
        let mut patience = Patience::new(self);
        let (mut same, mut last) = (0, self.processes()?);
        loop {
            if self.is_over(&deadline)? {
                return Ok(None);
            }
            self.clock.receive()?;
            if self.nothing_moves(&[])? && patience.jump(self, Pass::Time)? {
                same = 0;
                std::thread::sleep(MOMENT);
                continue;
            }
            std::thread::sleep(BETWEEN);
            let now = self.processes()?;
            let quiet = now.iter().all(|process| matches!(process.state, 'S' | 'Z'));
            same = if quiet && now == last { same + 1 } else { 0 };
            last = now;
            if same >= LOOKS {
                return Ok(Some(last));
            }
        }
    }
}

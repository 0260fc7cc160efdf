//! Waits for programs: until they end, or until all are at rest. The sandbox's clock jumps meanwhile, so that
//! nobody really waits for time.

use super::Sandbox;
use super::clock::Pass;
use super::end::End;
use super::fault::Fault;
use super::process::{Process, is_at_rest, is_in_vfork, states};
use super::running::Running;
use std::time::{Duration, Instant};

/// Whether any process is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Motion {
    /// A process is running.
    Moves,
    /// No process was running, so the clock jumped; one may run now.
    Jumped,
    /// No process is running, and none waits for time.
    Still,
}

/// How far the clock may jump until programs count as being at rest. A program with a thread that only
/// sleeps, again and again, is at rest.
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

    /// Lets the clock jump once. Returns false if it has jumped often enough, or if nobody waits for time. No
    /// process may be running.
    pub(crate) fn jump(&mut self, sandbox: &Sandbox, what: Pass) -> Result<bool, Fault> {
        if self.jumps >= Patience::JUMPS || sandbox.clock().now() >= self.until {
            return Ok(false);
        }
        self.jumps += 1;
        Ok(sandbox.clock().pass(what, self.until, &sandbox.pids()?))
    }
}

/// How long to wait for news of the programs between two looks at them.
const MOMENT: Duration = Duration::from_micros(500);

impl Sandbox {
    /// Waits until a program ends. Kills a program that has not ended in time, or that waits for something
    /// that can never come.
    pub(crate) fn wait(&self, program: &mut Running, within: Duration) -> Result<End, Fault> {
        /// If nothing runs for this long, and nobody waits for time, nothing more will happen.
        const STILL: Duration = Duration::from_millis(300);
        /// On a busy machine this process may be the one that does not run. So it must have looked this often.
        const LOOKS: u32 = 50;
        let deadline = self.deadline(within)?;
        let (mut still_since, mut looks) = (Instant::now(), 0);
        while program.ended().is_none() {
            let is_still = looks >= LOOKS && still_since.elapsed() >= STILL;
            if is_still || self.is_over(&deadline)? {
                self.count_timeout();
                return self.give_up(program);
            }
            if self.let_time_pass(program, Pass::Whatever)? == Motion::Still {
                looks += 1;
            } else {
                (still_since, looks) = (Instant::now(), 0);
            }
        }
        program.read();
        Ok(program.end())
    }

    /// Kills a program that has not ended, and records where it waited. Its time need not be over: a program
    /// that polls has shown enough after some hundred calls. This does not count as a timeout, so the later
    /// parts of a trial have as much time as before.
    pub(crate) fn give_up(&self, program: &mut Running) -> Result<End, Fault> {
        if program.ended().is_none() {
            let waiting = self.processes()?;
            self.given_up.set(self.given_up() + 1);
            self.budget.note(&waiting);
            program.give_up(waiting);
        }
        program.read();
        Ok(program.end())
    }

    /// Lets the clock jump if nothing is running and somebody waits for time; otherwise waits a moment for
    /// news of a program.
    pub(crate) fn let_time_pass(&self, program: &mut Running, what: Pass) -> Result<Motion, Fault> {
        // A program that has just printed is running, so there is no need to look.
        if program.read() {
            return Ok(Motion::Moves);
        }
        self.clock.receive()?;
        let moves = !self.nothing_moves(&[])?;
        if !moves && self.pass(what)? {
            return Ok(Motion::Jumped);
        }
        program.listen(&self.clock.listeners(), MOMENT)?;
        Ok(if moves { Motion::Moves } else { Motion::Still })
    }

    /// Lets the clock jump, however far. Returns false if nobody waits for time. No process may be running.
    pub(crate) fn pass(&self, what: Pass) -> Result<bool, Fault> {
        Ok(self.clock.pass(what, Duration::MAX, &self.pids()?))
    }

    /// Lets this much time pass, and fires the timers whose time has come. A wait that is over ends when the
    /// clock is looked at next. No process may be running.
    pub(crate) fn let_pass(&self, time: Duration) -> Result<(), Fault> {
        self.clock.jump_to(self.clock.now() + time, &self.pids()?);
        self.clock.fire_due();
        Ok(())
    }

    /// Whether no thread of the sandbox is running, in two looks. A thread that was woken after the first
    /// look passed it, by a thread that has ended since, is running at the second look. `before_a_call` are
    /// the threads that are held before a call.
    pub(crate) fn nothing_moves(&self, before_a_call: &[i32]) -> Result<bool, Fault> {
        Ok(self.nobody_runs(before_a_call)? && !self.clock.receive()? && self.nobody_runs(before_a_call)?)
    }

    fn nobody_runs(&self, before_a_call: &[i32]) -> Result<bool, Fault> {
        let sleeping = self.clock.held();
        // A held thread that has received a signal is in state D. A thread in vfork is in state D too,
        // until its child has executed its program.
        let stands_still =
            |tid: &i32| before_a_call.contains(tid) || sleeping.contains(tid) || is_in_vfork(*tid);
        let runs = |pid: i32| {
            states(pid).any(|(tid, state)| !(is_at_rest(state) || state == 'D' && stands_still(&tid)))
        };
        Ok(!self.pids()?.into_iter().any(runs))
    }

    /// Waits until a program has read all of its standard input, and it, or a process that it started, waits
    /// for more while the others sleep. Returns false if that does not happen in time, or if the program has
    /// ended.
    pub(crate) fn waits_for_input(&self, program: &mut Running, within: Duration) -> Result<bool, Fault> {
        const WAITING: [&str; 7] =
            ["poll", "ppoll", "select", "pselect6", "epoll_wait", "epoll_pwait", "epoll_pwait2"];
        let deadline = self.deadline(within)?;
        let pipe = program.input_pipe().unwrap_or_default();
        while program.ended().is_none() && !self.is_over(&deadline)? {
            // Check first that the pipe is empty, and then what the processes sleep in: the program must have
            // handled the line that it read before it waits for the next one.
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

    /// Waits until no process of the sandbox runs any more, and returns them as they sleep then. Returns
    /// `None` if they were not all at rest in time. A process that only sleeps, again and again, is at rest.
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

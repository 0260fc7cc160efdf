//! A submission on trial: the functions that a lab's grader calls.
//!
//! A grader reads like its rubric. It runs the program, looks at what the kernel shows, and judges each line
//! by what it has seen:
//!
//! ```text
//! pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
//!     let program = trial.run(&["/lab"])?;
//!     let objects = trial.objects()?;
//!     trial.judge("the-queue-is-there", objects.queue().is_some(), objects.or("no queue"));
//!     Ok(())
//! }
//! ```

mod each_call;
mod judge;
mod schedules;
mod see;

use crate::finding::{Finding, found};
use crate::graded::Line;
use crate::sandbox::{End, Fault, Motion, Objects, Pass, Process, Running, Sandbox, describe};
use crate::scheduler::{Schedule, Scheduler};
use ipc_workbook_tools::workbook::labs::Lab;
use judge::Judged;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// A submission on trial.
#[derive(Debug)]
pub(crate) struct Trial<'a> {
    lab: &'a Lab,
    /// The sandbox that the submission runs in.
    pub(crate) sandbox: Sandbox,
    judged: Judged,
    /// The seed of the only schedule to try, if the user named one.
    seed: Option<u64>,
    /// Called with the progress.
    listener: fn(&Doing),
}

/// The progress of a trial.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Doing {
    /// How many lines of the rubric are judged, and how many there are.
    pub(crate) judged: usize,
    pub(crate) of: usize,
    /// The line that is being checked.
    pub(crate) line: String,
    /// The part of this line, such as `schedule 17 of 100`.
    pub(crate) part: String,
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Doing { line, part, .. } = self;
        if part.is_empty() { f.write_str(line) } else { write!(f, "{part}, {line}") }
    }
}

/// A lab's grader.
pub(crate) type Grader = fn(&mut Trial) -> Result<(), Fault>;

impl<'a> Trial<'a> {
    pub(crate) fn new(lab: &'a Lab, mut sandbox: Sandbox, seed: Option<u64>, listener: fn(&Doing)) -> Self {
        sandbox.begin_check(Duration::from_secs(lab.about.budget));
        Trial { lab, sandbox, judged: Judged::new(&lab.about.rubric), seed, listener }
    }

    /// Loses all lines, because the submission made further grading impossible.
    pub(crate) fn lose_all(&mut self, why: &str) {
        self.judged.lose_all(why);
    }

    /// Whether a line was lost, or could not be judged.
    pub(crate) fn has_lost(&self) -> bool {
        !self.judged.is_full()
    }

    /// Returns the judged lines. A line that there was no time for says so.
    pub(crate) fn finish(self) -> Vec<Line> {
        self.judged.finish(&self.sandbox.recorder().calls(), self.sandbox.out_of_time())
    }

    /// Reports the progress: the line that is being checked or the next one, and the part of it.
    fn tell(&self, part: Option<(&str, String)>) {
        let (line, part) = part.unwrap_or((self.judged.next().unwrap_or_default(), String::new()));
        let (judged, of) = (self.judged.done(), self.lab.about.rubric.len());
        (self.listener)(&Doing { judged, of, line: line.into(), part });
    }
}

/// Functions that run the program.
impl Trial<'_> {
    /// Starts again with an empty sandbox: no processes, objects or files.
    pub(crate) fn renew(&mut self) -> Result<(), Fault> {
        self.sandbox.renew()
    }

    /// Returns the time limit of one run of the program.
    pub(crate) fn limit(&self) -> Duration {
        self.sandbox.timeout(Duration::from_secs(self.lab.about.seconds))
    }

    /// Runs the program until it ends.
    pub(crate) fn run(&self, args: &[&str]) -> Result<Running, Fault> {
        self.sandbox.run(self.sandbox.program(args), self.limit())
    }

    /// Runs the program until it ends, with this standard input.
    pub(crate) fn run_with_input(&self, args: &[&str], input: &str) -> Result<Running, Fault> {
        self.sandbox.run(self.sandbox.program(args).input(input), self.limit())
    }

    /// Runs the program until it ends, beside objects of others. It must leave them unchanged, and exit with
    /// this code.
    pub(crate) fn run_beside_others(&self, args: &[&str], input: &str, code: i32) -> Result<Finding, Fault> {
        let before = self.objects()?;
        let program = self.run_with_input(args, input)?;
        let stays = self.objects()?.still_have(&before);
        let what =
            if stays { "the other objects are unchanged" } else { "other objects are gone or changed" };
        Ok(found(stays && program.exited(code), format!("{}; {what}", program.end())))
    }

    /// Starts the program.
    pub(crate) fn start(&self, args: &[&str]) -> Result<Running, Fault> {
        self.sandbox.program(args).start()
    }

    /// Starts the program, and keeps its standard input open.
    pub(crate) fn start_with_input(&self, args: &[&str]) -> Result<Running, Fault> {
        self.sandbox.program(args).with_input().start()
    }

    /// Waits until the program ends. Kills it if it does not end in time.
    pub(crate) fn wait(&self, program: &mut Running) -> Result<End, Fault> {
        self.sandbox.wait(program, self.limit())
    }

    /// Kills the program now, if it has not ended.
    pub(crate) fn end_now(&self, program: &mut Running) -> Result<End, Fault> {
        self.sandbox.give_up(program)
    }

    /// Starts the program under a scheduler. It stops before its first noticeable call.
    pub(crate) fn start_scheduled(&self, args: &[&str]) -> Result<Scheduler<'_>, Fault> {
        let mut scheduler = self.scheduler();
        scheduler.start(args)?;
        Ok(scheduler)
    }

    /// Like [`Trial::start_scheduled`], with this standard input.
    pub(crate) fn start_scheduled_with_input(
        &self,
        args: &[&str],
        input: &str,
    ) -> Result<Scheduler<'_>, Fault> {
        let mut scheduler = self.scheduler();
        scheduler.start_with_input(args, input)?;
        Ok(scheduler)
    }

    /// Returns a scheduler without programs. The program that starts first will run first.
    pub(crate) fn scheduler(&self) -> Scheduler<'_> {
        Scheduler::new(&self.sandbox, self.limit(), Schedule::of_start())
    }
}

/// Functions that look at what the kernel shows.
impl Trial<'_> {
    /// Returns the IPC objects that exist now.
    pub(crate) fn objects(&self) -> Result<Objects, Fault> {
        self.sandbox.objects()
    }

    /// Returns the processes that exist now.
    pub(crate) fn processes(&self) -> Result<Vec<Process>, Fault> {
        self.sandbox.processes()
    }

    /// Waits until all processes are at rest, and returns them. If they do not come to rest in time, returns
    /// them as they are then.
    pub(crate) fn processes_at_rest(&self) -> Result<Vec<Process>, Fault> {
        self.sandbox.at_rest(self.limit())?.map_or_else(|| self.processes(), Ok)
    }

    /// Waits until the program, or a process that it started, sleeps in one of these calls. The inner error
    /// describes where they are instead.
    pub(crate) fn waits_in(
        &self,
        program: &mut Running,
        calls: &[&str],
    ) -> Result<Result<Process, String>, Fault> {
        let rest = self.sandbox.at_rest(self.limit())?;
        if let Some(end) = program.ended() {
            return Ok(Err(format!("it did not wait: {end}")));
        }
        let Some(processes) = rest else { return Ok(Err("it polls in a loop".into())) };
        let waiting = processes.iter().find(|process| process.sleeps_in(calls));
        Ok(waiting.cloned().ok_or_else(|| describe(&processes)))
    }

    /// Waits until `is_so` is true. Returns false if it is not true when the program has ended or time is
    /// over. It is checked when nothing runs, and now and then if something always runs.
    pub(crate) fn comes_to(
        &self,
        program: &mut Running,
        mut is_so: impl FnMut() -> Result<bool, Fault>,
    ) -> Result<bool, Fault> {
        const NOW_AND_THEN: u32 = 1000;
        let deadline = self.sandbox.deadline(self.limit())?;
        let mut looks = 0;
        while program.ended().is_none() && !self.sandbox.is_over(&deadline)? {
            looks += 1;
            let motion = self.sandbox.let_time_pass(program, Pass::Time)?;
            if (motion == Motion::Still || looks % NOW_AND_THEN == 0) && is_so()? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Waits until the program has read all its input and waits for more. Returns false if that does not
    /// happen, or if it has ended.
    pub(crate) fn waits_for_input(&self, program: &mut Running) -> Result<bool, Fault> {
        self.sandbox.waits_for_input(program, self.limit())
    }
}

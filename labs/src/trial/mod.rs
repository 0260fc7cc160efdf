//! A submission on trial: what a lab's grader works with.
//!
//! A grader reads like its rubric. It runs the program, looks at what the kernel shows, and judges
//! each line from what it has seen:
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
    /// Where it runs, and where the grader looks.
    pub(crate) sandbox: Sandbox,
    judged: Judged,
    /// The one seed to be tried, where one was named.
    seed: Option<u64>,
    /// Who wants to know how far it is.
    listener: fn(&Doing),
}

/// How far a trial is.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Doing {
    /// So many lines of the rubric are judged, of so many.
    pub(crate) judged: usize,
    pub(crate) of: usize,
    /// The line that is tried.
    pub(crate) line: String,
    /// The part of it: `schedule 17 of 100`.
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

    /// The submission has made it impossible to go on.
    pub(crate) fn lose_all(&mut self, why: &str) {
        self.judged.lose_all(why);
    }

    /// Whether a line was lost, or could not be judged.
    pub(crate) fn has_lost(&self) -> bool {
        !self.judged.is_full()
    }

    /// The lines as judged. Where there was no time for one, it says so.
    pub(crate) fn finish(self) -> Vec<Line> {
        self.judged.finish(&self.sandbox.recorder().calls(), self.sandbox.out_of_time())
    }

    /// Tells how far it is: which line is tried, or the next one, and which part of it.
    fn tell(&self, part: Option<(&str, String)>) {
        let (line, part) = part.unwrap_or((self.judged.next().unwrap_or_default(), String::new()));
        let (judged, of) = (self.judged.done(), self.lab.about.rubric.len());
        (self.listener)(&Doing { judged, of, line: line.into(), part });
    }
}

/// Running the program.
impl Trial<'_> {
    /// Starts again from nothing: without processes, objects and files.
    pub(crate) fn renew(&mut self) -> Result<(), Fault> {
        self.sandbox.renew()
    }

    /// How long one run of the program may take.
    pub(crate) fn limit(&self) -> Duration {
        self.sandbox.timeout(Duration::from_secs(self.lab.about.seconds))
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Result<Running, Fault> {
        self.sandbox.run(self.sandbox.program(args), self.limit())
    }

    /// Runs the program to its end, with this on its standard input.
    pub(crate) fn run_with_input(&self, args: &[&str], input: &str) -> Result<Running, Fault> {
        self.sandbox.run(self.sandbox.program(args).input(input), self.limit())
    }

    /// Runs the program to its end, beside objects of others. It has to leave them as they are, and to
    /// end with this exit code.
    pub(crate) fn run_beside_others(&self, args: &[&str], input: &str, code: i32) -> Result<Finding, Fault> {
        let before = self.objects()?;
        let program = self.run_with_input(args, input)?;
        let stays = self.objects()?.still_have(&before);
        let what = if stays { "what was there is as it was" } else { "what was there is gone, or another" };
        Ok(found(stays && program.exited(code), format!("{}, and {what}", program.end())))
    }

    /// Starts the program.
    pub(crate) fn start(&self, args: &[&str]) -> Result<Running, Fault> {
        self.sandbox.program(args).start()
    }

    /// Starts the program, and keeps its standard input open.
    pub(crate) fn start_with_input(&self, args: &[&str]) -> Result<Running, Fault> {
        self.sandbox.program(args).with_input().start()
    }

    /// Waits for the program's end. One that does not end in time is killed.
    pub(crate) fn wait(&self, program: &mut Running) -> Result<End, Fault> {
        self.sandbox.wait(program, self.limit())
    }

    /// Ends the program now, if it has not ended.
    pub(crate) fn end_now(&self, program: &mut Running) -> Result<End, Fault> {
        self.sandbox.give_up(program)
    }

    /// Starts the program under a scheduler; it stops before its first call.
    pub(crate) fn start_scheduled(&self, args: &[&str]) -> Result<Scheduler<'_>, Fault> {
        let mut scheduler = self.scheduler();
        scheduler.start(args)?;
        Ok(scheduler)
    }

    /// As [`Trial::start_scheduled`], with this on the program's standard input.
    pub(crate) fn start_scheduled_with_input(
        &self,
        args: &[&str],
        input: &str,
    ) -> Result<Scheduler<'_>, Fault> {
        let mut scheduler = self.scheduler();
        scheduler.start_with_input(args, input)?;
        Ok(scheduler)
    }

    /// A scheduler without a program, under which the one that was started first goes on first.
    pub(crate) fn scheduler(&self) -> Scheduler<'_> {
        Scheduler::new(&self.sandbox, self.limit(), Schedule::of_start())
    }
}

/// What the kernel shows.
impl Trial<'_> {
    /// The IPC objects that there are now.
    pub(crate) fn objects(&self) -> Result<Objects, Fault> {
        self.sandbox.objects()
    }

    /// The processes that there are now.
    pub(crate) fn processes(&self) -> Result<Vec<Process>, Fault> {
        self.sandbox.processes()
    }

    /// The processes once nobody moves any more; if they do not come to rest in time, as they are then.
    pub(crate) fn processes_at_rest(&self) -> Result<Vec<Process>, Fault> {
        self.sandbox.at_rest(self.limit())?.map_or_else(|| self.processes(), Ok)
    }

    /// Waits until the program, or a process that it has started, sleeps in one of these calls.
    /// Otherwise says where they are.
    pub(crate) fn waits_in(
        &self,
        program: &mut Running,
        calls: &[&str],
    ) -> Result<Result<Process, String>, Fault> {
        let rest = self.sandbox.at_rest(self.limit())?;
        if let Some(end) = program.ended() {
            return Ok(Err(format!("it did not wait: {end}")));
        }
        let Some(processes) = rest else { return Ok(Err("it looks again and again".into())) };
        let waiting = processes.iter().find(|process| process.sleeps_in(calls));
        Ok(waiting.cloned().ok_or_else(|| describe(&processes)))
    }

    /// Waits until this is so; false if it is not when the program has ended, or time is over. It is looked
    /// at when nothing moves; and now and then, if that is never so.
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

    /// Waits until the program has read all its input, and waits for more. False if it does not come
    /// to that, or has ended.
    pub(crate) fn waits_for_input(&self, program: &mut Running) -> Result<bool, Fault> {
        self.sandbox.waits_for_input(program, self.limit())
    }
}

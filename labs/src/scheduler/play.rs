//! The functions with which a grader controls scheduled programs.
//!
//! A grader says what it wants, and the scheduler brings it about:
//!
//! ```text
//! scheduler.start(&["/lab"])?;
//! scheduler.start(&["/lab"])?;
//! scheduler.advance_to(0, "mq_open")?;        // the first program is just before its mq_open
//! scheduler.advance_until_it_waits(1)?;       // the second program waits or has ended
//! scheduler.kill(0)?;
//! let ends = scheduler.play()?;               // all others run until they end
//! ```

use super::{Choice, Moment, Now, Pending, Scheduler};
use crate::finding::{Finding, Flaw, either, found};
use crate::sandbox::{Ends, Fault, Pass, describe};
use std::time::Duration;

impl Scheduler<'_> {
    /// Returns the call that a program is about to make; `None` if it waits in the kernel or has ended.
    pub(crate) fn next_call(&self, program: usize) -> Option<&Pending> {
        self.pending.iter().find(|pending| pending.program == program)
    }

    /// Lets one program make `calls` calls while the others stay where they are. Returns the call that it is
    /// about to make then; `None` if it came to wait, or ended, before that.
    pub(crate) fn advance(&mut self, program: usize, calls: usize) -> Result<Option<String>, Fault> {
        for _ in 0..calls {
            self.bring_to_a_call(program)?;
            self.go(program)?;
        }
        self.bring_to_a_call(program)?;
        Ok(self.next_call(program).map(|pending| pending.name.clone()))
    }

    /// Lets one program run to just before its next call with this name; false if it never gets there.
    pub(crate) fn advance_to(&mut self, program: usize, call: &str) -> Result<bool, Fault> {
        self.advance_until(program, |next| Ok(next.is(call)))
    }

    /// Lets one program run until `is_so` is true before one of its calls; false if it waits or ends first.
    pub(crate) fn advance_until(
        &mut self,
        program: usize,
        mut is_so: impl FnMut(&Pending) -> Result<bool, Fault>,
    ) -> Result<bool, Fault> {
        for _ in 0..self.most_calls {
            self.bring_to_a_call(program)?;
            let Some(next) = self.next_call(program) else { break };
            if is_so(next)? {
                return Ok(true);
            }
            self.go(program)?;
        }
        Ok(false)
    }

    /// Lets one program run until it waits in the kernel or has ended.
    pub(crate) fn advance_until_it_waits(&mut self, program: usize) -> Result<(), Fault> {
        self.advance_until(program, |_| Ok(false)).map(drop)
    }

    /// Lets time pass until a program is about to make a call, or only waits.
    fn bring_to_a_call(&mut self, program: usize) -> Result<(), Fault> {
        self.pass_time(|pending| pending.program == program)
    }

    /// Lets one program make its next call, if it is about to make one.
    pub(crate) fn go(&mut self, program: usize) -> Result<(), Fault> {
        self.choose(program, Choice::Go)
    }

    /// Like [`Scheduler::go`], with another choice for that call: it fails, or the program is killed.
    pub(crate) fn choose(&mut self, program: usize, choice: Choice) -> Result<(), Fault> {
        match self.pending.iter().position(|pending| pending.program == program) {
            Some(at) => self.step(at, choice),
            None => Ok(()),
        }
    }

    /// Kills a program just before its next call.
    pub(crate) fn kill(&mut self, program: usize) -> Result<(), Fault> {
        self.choose(program, Choice::Kill)
    }

    /// Lets all programs run, in the order of the schedule, until each waits in the kernel or has ended.
    /// Returns false if that has not happened after very many calls, which means that a program polls. No
    /// program is killed, so the grader may make a call itself and let them continue.
    pub(crate) fn until_all_wait(&mut self) -> Result<bool, Fault> {
        self.until_all_wait_with(|_| Ok(()))
    }

    /// Like [`Scheduler::until_all_wait`]; before each call the grader looks, or makes a choice.
    pub(crate) fn until_all_wait_with<C: Into<Choice>>(
        &mut self,
        mut choose: impl FnMut(Moment) -> Result<C, Fault>,
    ) -> Result<bool, Fault> {
        self.settle()?;
        for _ in 0..self.most_calls {
            self.pass_time(|_| true)?;
            if self.pending.is_empty() || self.is_over()? {
                break;
            }
            self.next(&mut choose)?;
        }
        Ok(self.pending.is_empty())
    }

    /// Lets all programs run until each waits. It is a flaw if none of them then sleeps in one of these
    /// calls.
    pub(crate) fn until_all_wait_in(&mut self, calls: &[&str]) -> Result<Finding, Fault> {
        if !self.until_all_wait()? {
            return Ok(Err(format!("not at rest after {} calls", self.most_calls)));
        }
        let processes = self.sandbox.processes()?;
        let sleeps = processes.iter().any(|process| process.sleeps_in(calls));
        Ok(found(sleeps, describe(&processes)))
    }

    /// Lets all programs run, in the order of the schedule, until all have ended or their time is over. Kills
    /// those that have not ended by then.
    pub(crate) fn play(&mut self) -> Result<Ends, Fault> {
        self.play_with(|_| Ok(()))
    }

    /// Like [`Scheduler::play`]; before each call the grader looks, or makes a choice.
    pub(crate) fn play_with<C: Into<Choice>>(
        &mut self,
        choose: impl FnMut(Moment) -> Result<C, Fault>,
    ) -> Result<Ends, Fault> {
        self.play_for(self.limit, choose)
    }

    /// Like [`Scheduler::play`], with a limit of one second: a program that waits with its own time limit may
    /// use all of it.
    pub(crate) fn play_briefly(&mut self) -> Result<Ends, Fault> {
        self.play_for(Duration::from_secs(1), |_| Ok(()))
    }

    /// Like [`Scheduler::play_with`], for a grader that only looks. It is a flaw if no object ever has a
    /// name, or if a call other than these is about to be made while an object has a name.
    pub(crate) fn play_named_only_before(
        &mut self,
        calls: &[&str],
        mut look: impl FnMut(Moment),
    ) -> Result<(Ends, Finding), Fault> {
        let (mut has_name, mut late) = (false, Flaw::default());
        let ends = self.play_with(|moment| {
            if !moment.sandbox.objects()?.is_empty() {
                has_name = true;
                // A pause is no flaw, because time may pass before any call.
                let others = moment.pending.iter().filter(|call| call.sleeps_for().is_none());
                for call in others.filter(|call| !calls.contains(&call.name.as_str())) {
                    late.seen_if(true, || format!("the name still exists before {call}"));
                }
            }
            look(moment);
            Ok(())
        })?;
        let next = calls.first().unwrap_or(&"nothing");
        let finding = late.or(format!("{next} is the next call"));
        Ok((ends, finding.and_then(|seen| either(has_name, seen, "no object had a name at any moment"))))
    }

    fn play_for<C: Into<Choice>>(
        &mut self,
        limit: Duration,
        mut choose: impl FnMut(Moment) -> Result<C, Fault>,
    ) -> Result<Ends, Fault> {
        self.until = Some(self.sandbox.deadline(limit)?);
        while !self.all_ended() && !self.is_over()? {
            if !self.pending.is_empty() {
                self.next(&mut choose)?;
            } else if !self.wait_for_news()? {
                // All remaining programs wait in the kernel, for a time or forever.
                break;
            }
        }
        self.finish()
    }

    /// Like [`Scheduler::play`], with the grader as the programs' peer. It looks, or makes a choice, before
    /// each call, and acts itself whenever all programs wait in the kernel. With `Choice::Kill` it gives up
    /// the programs that wait.
    pub(crate) fn play_as_peer(
        &mut self,
        mut act: impl FnMut(Now) -> Result<Choice, Fault>,
    ) -> Result<Ends, Fault> {
        const MOMENT: Duration = Duration::from_millis(20);
        /// The grader stops after it has acted this many times without any effect.
        const IN_VAIN: u32 = 25;
        self.until = Some(self.sandbox.deadline(self.limit)?);
        let (mut calls, mut in_vain) = (0, 0);
        while !self.all_ended() && calls < self.most_calls && !self.is_over()? {
            self.pass_time(|_| true)?;
            if !self.pending.is_empty() {
                self.next(&mut |moment| act(Now::Before(moment)))?;
                (calls, in_vain) = (calls + 1, 0);
                continue;
            }
            if self.all_ended() || in_vain == IN_VAIN || act(Now::AllWait)? == Choice::Kill {
                break;
            }
            in_vain += 1;
            self.settle()?;
            // No program acts, so the thing that they wait for, with a time limit, will not happen.
            if self.pending.is_empty() && !self.sandbox.pass(Pass::Whatever)? {
                self.wait_a_moment(MOMENT)?;
            }
            self.settle()?;
        }
        self.finish()
    }

    /// Returns how all programs ended. Kills those that have not ended.
    pub(crate) fn ends_now(&mut self) -> Result<Ends, Fault> {
        self.finish()
    }

    fn next<C: Into<Choice>>(
        &mut self,
        choose: &mut impl FnMut(Moment) -> Result<C, Fault>,
    ) -> Result<(), Fault> {
        let at = self.schedule.next(&self.pending);
        let moment = Moment { call: &self.pending[at], pending: &self.pending, sandbox: self.sandbox };
        let choice = choose(moment)?.into();
        self.step(at, choice)
    }
}

//! Tries something at each call of a program in turn, usually to kill the program there.

use super::Trial;
use crate::finding::{Finding, found};
use crate::sandbox::{End, Fault, Launch};

/// What is known after one of two programs was killed.
#[derive(Debug)]
pub(crate) struct Killed<T, B> {
    /// What the grader had prepared for both programs.
    pub(crate) made: T,
    /// What the grader saw just before the kill.
    pub(crate) before: B,
    /// The call that the killed program did not make.
    pub(crate) call: String,
    /// How the other program ended.
    pub(crate) other: End,
    /// Describes the call, and whether the other program was already running.
    pub(crate) when: String,
}

impl Trial<'_> {
    /// Tries something at the first call of one run, at the second call of another run, and so on, until a
    /// run has no such call. `one` does it in a fresh sandbox, and returns its finding, or `None` if there
    /// was no such call. The first flaw ends it.
    ///
    /// ```text
    /// let finding = trial.at_each_call(|trial, n| {
    ///     let Some(call) = trial.kill_before_call(n, trial.sandbox.program(&["/lab"]))? else { return Ok(None) };
    ///     let next = trial.run(&["/lab"])?;
    ///     Ok(Some(found(next.exited(0), format!("killed before {call}; the next run: {}", next.end()))))
    /// })?;
    /// ```
    pub(crate) fn at_each_call(
        &mut self,
        mut one: impl FnMut(&mut Self, usize) -> Result<Option<Finding>, Fault>,
    ) -> Result<Finding, Fault> {
        // No correct program makes this many noticeable calls.
        const MOST_CALLS: usize = 100;
        for n in 0..MOST_CALLS {
            if let Some(why) = self.sandbox.out_of_time() {
                return Ok(Err(format!("after {n} calls: {why}")));
            }
            self.tell(Some((self.judged.next().unwrap_or_default(), format!("call {}", n + 1))));
            self.renew()?;
            let finding = match one(self, n) {
                Ok(finding) => finding,
                Err(fault) => return self.sandbox.submissions_doing(fault).map(Err),
            };
            match finding {
                Some(Ok(_)) => {}
                Some(flaw) => return Ok(flaw),
                None => return Ok(found(n > 0, format!("each of {n} calls"))),
            }
        }
        Ok(Err(format!("after {MOST_CALLS} calls it has not ended and does not wait")))
    }

    /// Runs a program up to its call number `n`, counted from 0, and kills it just before that call. Returns
    /// the call's name; `None` if the program waited or ended before that.
    pub(crate) fn kill_before_call(&self, n: usize, launch: Launch) -> Result<Option<String>, Fault> {
        let mut scheduler = self.scheduler();
        scheduler.add(launch)?;
        let call = scheduler.advance(0, n)?;
        if call.is_some() {
            scheduler.kill(0)?;
            scheduler.ends_now()?;
        }
        Ok(call)
    }

    /// Kills one of two programs before each of its calls in turn. It does this twice: before the other
    /// program has started, and when the other one has run as far as it can. `prepare` makes what both will
    /// find, `look` looks just before the kill, and `judge` decides once the other program has ended; it may
    /// also judge other lines.
    pub(crate) fn kill_one_of_two<T, B>(
        &mut self,
        args: &[&str],
        mut prepare: impl FnMut() -> Result<T, Fault>,
        mut look: impl FnMut(&T) -> B,
        mut judge: impl FnMut(&mut Self, Killed<T, B>) -> Finding,
    ) -> Result<Finding, Fault> {
        self.at_each_call(|trial, n| {
            for other_is_there in [false, true] {
                trial.renew()?;
                let made = prepare()?;
                let mut scheduler = trial.scheduler();
                let victim = scheduler.start(args)?;
                let Some(call) = scheduler.advance(victim, n)? else { return Ok(None) };
                let before = look(&made);
                if other_is_there {
                    let other = scheduler.start(args)?;
                    scheduler.advance_until_it_waits(other)?;
                }
                scheduler.kill(victim)?;
                if !other_is_there {
                    scheduler.start(args)?;
                }
                let other = scheduler.play_briefly()?.of(1);
                drop(scheduler);
                let there = if other_is_there {
                    "while the other one was running"
                } else {
                    "and then another one started"
                };
                let when = format!("killed before call {} ({call}), {there}", n + 1);
                if let Err(flaw) = judge(trial, Killed { made, before, call, other, when }) {
                    return Ok(Some(Err(flaw)));
                }
            }
            Ok(Some(Ok(String::new())))
        })
    }
}

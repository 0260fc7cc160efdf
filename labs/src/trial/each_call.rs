//! Trying one thing at each call of a program in turn: above all, killing it there.

use super::Trial;
use crate::finding::{Finding, found};
use crate::sandbox::{End, Fault, Launch};

/// What is known when one of two programs was killed.
#[derive(Debug)]
pub(crate) struct Killed<T, B> {
    /// What the grader had made before both.
    pub(crate) made: T,
    /// What was seen just before.
    pub(crate) before: B,
    /// The call that was not made any more.
    pub(crate) call: String,
    /// How the other program ended.
    pub(crate) other: End,
    /// The call, and whether the other program was there already, in words.
    pub(crate) when: String,
}

impl Trial<'_> {
    /// Does a thing to the first call of a run, to the second call of another run, and so on, until a
    /// run has no such call. `one` does it in a fresh sandbox, and returns what it has
    /// found, or none if there was no such call. The first flaw ends it.
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
        // No correct program makes so many calls that others notice.
        const MOST_CALLS: usize = 100;
        for n in 0..MOST_CALLS {
            if let Some(why) = self.sandbox.out_of_time() {
                return Ok(Err(format!("after {n} calls {why}")));
            }
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
        Ok(Err(format!("after {MOST_CALLS} calls it is not at its end, and does not wait")))
    }

    /// Runs a program up to its call number `n`, counted from 0, and kills it just before that.
    /// Returns the call's name; none if the program came to wait or to end before.
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

    /// Kills one of two programs before each of its calls in turn: once before the other one has come,
    /// and once when the other one is there already and has come as far as it comes. `prepare` makes what
    /// both will find, `look` looks just before the kill, and `judge` says what is to be thought of it
    /// once the other one has ended.
    pub(crate) fn kill_one_of_two<T, B>(
        &mut self,
        args: &[&str],
        mut prepare: impl FnMut() -> Result<T, Fault>,
        mut look: impl FnMut(&T) -> B,
        mut judge: impl FnMut(Killed<T, B>) -> Finding,
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
                let there = if other_is_there { "the other one was there" } else { "another one came then" };
                let when = format!("killed before call {} ({call}), {there}", n + 1);
                if let Err(flaw) = judge(Killed { made, before, call, other, when }) {
                    return Ok(Some(Err(flaw)));
                }
            }
            Ok(Some(Ok(String::new())))
        })
    }
}

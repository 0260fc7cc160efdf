//! A turn of another process of the lesson, as that process sees it.

use super::baton::{Baton, Report};
use super::refusal::last_failure;
use super::speak::{Lesson, Outcome};
use crate::call::{Listener, Result as CallResult};
use crate::cli::Failure;
use crate::observe::Unseen;

/// A process's turn, as it sees it itself.
#[derive(Debug)]
pub struct Turn(pub(super) Baton);

impl Turn {
    /// Finishes this turn, and waits for the next.
    pub fn finish(&mut self) -> Outcome {
        self.report(&Ok(()))
    }

    /// Makes a call in which it waits for another process. It comes back at the same
    /// moment as the call that wakes it, and the two could be reported in either order;
    /// so this one is reported in the turn after, which
    /// [`Blocked::resume`](super::Blocked::resume) begins.
    pub fn blocking_call<T>(
        &mut self,
        lesson: &Lesson,
        call: impl FnOnce() -> CallResult<T>,
    ) -> Result<CallResult<T>, Failure> {
        let (result, calls) = lesson.deferred(call);
        self.finish()?;
        for call in calls {
            lesson.called(call);
        }
        Ok(result)
    }

    /// Finishes this turn with the outcome of a call, for
    /// [`Process::outcome`](super::Process::outcome) or
    /// [`OptionalProcess::turn`](super::OptionalProcess::turn), and waits for the next.
    pub fn report<T>(&mut self, outcome: &CallResult<T>) -> Outcome {
        self.report_number(outcome.as_ref().err().map_or(0, |errno| *errno as i32))
    }

    /// As [`Turn::report`], and returns what the call returned. One that has failed ends the process.
    pub fn report_or_end<T>(&mut self, outcome: CallResult<T>) -> Outcome<T> {
        self.report(&outcome)?;
        Ok(outcome?)
    }

    /// Finishes this turn with a number, for
    /// [`OptionalProcess::number`](super::OptionalProcess::number), and waits for the next.
    pub fn report_number(&mut self, number: i32) -> Outcome {
        self.report_all(number, "")
    }

    /// Finishes this turn with what it has seen, or why not, for
    /// [`Process::answer`](super::Process::answer), and waits for the next.
    pub fn answer(&mut self, seen: &Result<String, Unseen>) -> Outcome {
        match seen {
            Ok(text) => self.report_all(0, text),
            Err(Unseen(why)) => self.report_all(-1, why),
        }
    }

    fn report_all(&mut self, number: i32, words: &str) -> Outcome {
        self.0.finish_turn(&Report { number, words: words.into(), last_failure: last_failure() })?;
        self.0.wait_for_go()
    }
}

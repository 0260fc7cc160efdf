//! The turns of another process of the lesson, as that process sees them.

use super::baton::{Baton, Report};
use super::refusal::last_failure;
use super::speak::{Lesson, Outcome};
use crate::call::{Listener, Result as CallResult};
use crate::cli::Failure;
use crate::mqueue::{Mqd, mq_receive, mq_send};
use crate::observe::Unseen;

/// What a process of the lesson uses to end its turns and to report results.
#[derive(Debug)]
pub struct Turn(pub(super) Baton);

impl Turn {
    /// Finishes this turn, and waits for the next.
    pub fn finish(&mut self) -> Outcome {
        self.report(&Ok(()))
    }

    /// Makes a call in which this process waits for another process. The call returns at the same
    /// moment as the call that wakes it, so the two could be reported in either order.
    /// This call is therefore reported in the next turn, which
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

    /// Does the same as [`Turn::report`], and returns the call's result. A failed call ends the process.
    pub fn report_or_end<T>(&mut self, outcome: CallResult<T>) -> Outcome<T> {
        self.report(&outcome)?;
        Ok(outcome?)
    }

    /// Finishes this turn with a number, for
    /// [`OptionalProcess::number`](super::OptionalProcess::number), and waits for the next.
    pub fn report_number(&mut self, number: i32) -> Outcome {
        self.report_all(number, "")
    }

    /// Finishes this turn with what the process saw, or why it saw nothing, for
    /// [`Process::answer`](super::Process::answer), and waits for the next.
    pub fn answer(&mut self, seen: &Result<String, Unseen>) -> Outcome {
        match seen {
            Ok(text) => self.report_all(0, text),
            Err(Unseen(why)) => self.report_all(-1, why),
        }
    }

    /// Waits for a message, and answers with its text, or with the name of the errno.
    pub fn receive(&mut self, lesson: &Lesson, mq: &Mqd) -> Outcome {
        let mut buffer = [0; 64];
        let received = self.blocking_call(lesson, || mq_receive(mq, &mut buffer))?;
        self.answer(&Ok(match received {
            Ok((length, _)) => String::from_utf8_lossy(&buffer[..length]).into_owned(),
            Err(errno) => format!("{errno:?}"),
        }))
    }

    /// Waits until there is room for a message, and answers with `success`, or with the name of the errno.
    pub fn send(&mut self, lesson: &Lesson, mq: &Mqd, message: &[u8], priority: u32) -> Outcome {
        let sent = self.blocking_call(lesson, || mq_send(mq, message, priority))?;
        self.answer(&Ok(sent.map_or_else(|errno| format!("{errno:?}"), |()| "success".into())))
    }

    fn report_all(&mut self, number: i32, words: &str) -> Outcome {
        self.0.finish_turn(&Report { number, words: words.into(), last_failure: last_failure() })?;
        self.0.wait_for_go()
    }
}

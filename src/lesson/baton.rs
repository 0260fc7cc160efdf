//! The baton that the lesson and one of its processes hand each other: a socket pair
//! and the messages on it. A process without the baton waits.

use super::refusal::failed;
use super::speak::Outcome;
use crate::cli::Failure;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;

/// To a process: go on.
const GO: u8 = b'g';
/// From a process: its turn is finished; a number follows, then words, a NUL, and the text of its last failed call.
const TURN_FINISHED: u8 = b'o';
/// From a process: all is done.
const DONE: u8 = b'd';
/// From a process: it ends early, and has reported why. It is no byte of a text, so that it is recognised at the
/// end of what came together with it.
const ENDS_EARLY: u8 = 0xfe;
/// The longest message of a process.
const MESSAGE: usize = 512;

/// One end of the baton.
#[derive(Debug)]
pub(super) struct Baton(UnixStream);

/// What a process reports at the end of a turn.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// An errno or another number.
    pub(super) number: i32,
    /// What it has seen, or why not.
    pub(super) words: String,
    /// The last call of it that failed, as text; empty if none has.
    pub(super) last_failure: String,
}

/// What the lesson gets when a process has had its turn.
pub(super) enum Received {
    /// The turn is finished.
    Report(Report),
    /// The process ends early, and has reported why.
    EndsEarly,
    /// Nothing: the process is gone, or has become another program.
    Closed,
}

impl Baton {
    /// The lesson's end, and the process's.
    pub(super) fn pair() -> Result<(Self, Self), Failure> {
        let (mine, theirs) = UnixStream::pair().map_err(failed("socketpair"))?;
        Ok((Baton(mine), Baton(theirs)))
    }

    /// Lets the process go on.
    pub(super) fn go(&mut self) -> Outcome {
        match self.0.write_all(&[GO]) {
            // A process that is gone already says why when it is waited for.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            done => done.map_err(failed("send")),
        }
    }

    /// Waits for the end of the process's turn.
    pub(super) fn receive(&mut self) -> Result<Received, Failure> {
        let mut message = [0; MESSAGE];
        // One write of so few bytes comes in one piece.
        let n = self.0.read(&mut message).map_err(failed("recv"))?;
        if n == 0 {
            return Ok(Received::Closed);
        }
        if ends_early(&message[..n]) {
            return Ok(Received::EndsEarly);
        }
        let number = i32::from_le_bytes([message[1], message[2], message[3], message[4]]);
        let text = String::from_utf8_lossy(message.get(5..n).unwrap_or_default());
        let (words, last_failure) = text.split_once('\0').unwrap_or((&text, ""));
        Ok(Received::Report(Report { number, words: words.into(), last_failure: last_failure.into() }))
    }

    /// Waits until the process is gone, whatever it still sends on its way. Whether it
    /// has reported why it ends.
    pub(super) fn receive_rest(&mut self) -> Result<bool, Failure> {
        let mut messages = Vec::new();
        self.0.read_to_end(&mut messages).map_err(failed("recv"))?;
        Ok(ends_early(&messages))
    }

    /// In the process: waits for its turn.
    pub(super) fn wait_for_go(&mut self) -> Outcome {
        let mut go = [0];
        match self.0.read(&mut go).map_err(failed("recv"))? {
            0 => Err(Failure::Reported(1)), // the lesson is gone
            _ => Ok(()),
        }
    }

    /// In the process: its turn is finished.
    pub(super) fn finish_turn(&mut self, report: &Report) -> Outcome {
        let mut message = vec![TURN_FINISHED];
        message.extend(report.number.to_le_bytes());
        let text = report.words.bytes().chain([0]).chain(report.last_failure.bytes());
        message.extend(text.take(MESSAGE - message.len()));
        self.0.write_all(&message).map_err(failed("send"))
    }

    /// In the process: it ends, and whether all is done.
    pub(super) fn end(&mut self, all_is_done: bool) {
        let _ = self.0.write_all(&[if all_is_done { DONE } else { ENDS_EARLY }]);
    }
}

/// Whether it has reported why it ends, maybe after what its turn was about.
fn ends_early(messages: &[u8]) -> bool {
    messages.last() == Some(&ENDS_EARLY)
}

//! The baton that the lesson and one of its processes pass to each other: a socket pair
//! and the messages on it. A process without the baton waits.

use super::refusal::failed;
use super::speak::Outcome;
use crate::cli::Failure;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;

/// Sent to a process: start your turn.
const GO: u8 = b'g';
/// Sent by a process: its turn is finished. A number follows, then words, a NUL, and the text of its last
/// failed call.
const TURN_FINISHED: u8 = b'o';
/// Sent by a process: it has done everything.
const DONE: u8 = b'd';
/// Sent by a process: it ends early, and has reported why. No UTF-8 text contains this byte, so it can be
/// recognised when it arrives directly behind a report.
const ENDS_EARLY: u8 = 0xfe;
/// The size of the longest message that a process sends, in bytes.
const MESSAGE: usize = 512;

/// One end of the baton.
#[derive(Debug)]
pub(super) struct Baton(UnixStream);

/// What a process reports at the end of a turn.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// An errno or another number.
    pub(super) number: i32,
    /// What it saw, or why it saw nothing.
    pub(super) words: String,
    /// Its last failed call, as text; empty if no call has failed.
    pub(super) last_failure: String,
}

/// What the lesson receives after a process's turn.
pub(super) enum Received {
    /// The turn is finished.
    Report(Report),
    /// The process ends early, and has reported why.
    EndsEarly,
    /// The end of the stream: the process has ended, or has executed another program.
    Closed,
}

impl Baton {
    /// Makes a socket pair. The first end is the lesson's, the second the process's.
    pub(super) fn pair() -> Result<(Self, Self), Failure> {
        let (mine, theirs) = UnixStream::pair().map_err(failed("socketpair"))?;
        Ok((Baton(mine), Baton(theirs)))
    }

    /// Lets the process start its turn.
    pub(super) fn go(&mut self) -> Outcome {
        match self.0.write_all(&[GO]) {
            // The process has ended already. waitpid will tell why.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            done => done.map_err(failed("send")),
        }
    }

    /// Waits for the end of the process's turn.
    pub(super) fn receive(&mut self) -> Result<Received, Failure> {
        let mut message = [0; MESSAGE];
        // A write of so few bytes arrives in one piece.
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

    /// Reads until the process has closed its end, and discards what it still sends. Returns whether the
    /// process has reported why it ends.
    pub(super) fn receive_rest(&mut self) -> Result<bool, Failure> {
        let mut messages = Vec::new();
        self.0.read_to_end(&mut messages).map_err(failed("recv"))?;
        Ok(ends_early(&messages))
    }

    /// Waits for this process's turn. Called in the process.
    pub(super) fn wait_for_go(&mut self) -> Outcome {
        let mut go = [0];
        loop {
            let read = self.0.read(&mut go);
            match read.as_ref().map_err(std::io::Error::kind) {
                Err(ErrorKind::Interrupted) => {} // a handler that does nothing has run
                // The lesson has ended. It may have left a report unread.
                Ok(0) | Err(ErrorKind::ConnectionReset) => return Err(Failure::Reported(1)),
                _ => return read.map(drop).map_err(failed("recv")),
            }
        }
    }

    /// Tells the lesson that this process's turn is finished. Called in the process.
    pub(super) fn finish_turn(&mut self, report: &Report) -> Outcome {
        let mut message = vec![TURN_FINISHED];
        message.extend(report.number.to_le_bytes());
        let text = report.words.bytes().chain([0]).chain(report.last_failure.bytes());
        message.extend(text.take(MESSAGE - message.len()));
        self.0.write_all(&message).map_err(failed("send"))
    }

    /// Tells the lesson that this process ends, and whether it has done everything. Called in the process.
    pub(super) fn end(&mut self, all_is_done: bool) {
        let _ = self.0.write_all(&[if all_is_done { DONE } else { ENDS_EARLY }]);
    }
}

/// Returns whether the process has reported why it ends. A report of its turn may stand before that.
fn ends_early(messages: &[u8]) -> bool {
    messages.last() == Some(&ENDS_EARLY)
}

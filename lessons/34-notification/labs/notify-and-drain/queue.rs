//! The queue that the program drains, and what was sent to it.

use crate::finding::{Finding, found};
use crate::peer::take_messages;
use crate::sandbox::{End, Fault};
use ipc_workbook::mqueue::{MqAttr, Mqd, mq_getattr, mq_open, mq_send};
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR, c_long};
use nix::errno::Errno;
use nix::sys::uio::pread;

/// The queue `/lab`, and the messages that were sent to it, without empty ones.
pub(super) struct Queue {
    pub(super) mq: Mqd,
    msgsize: usize,
    sent: Vec<String>,
}

/// The registered process, as the status line of the queue shows it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Registered {
    /// `SIGEV_SIGNAL`, `SIGEV_NONE` or `SIGEV_THREAD`.
    pub(super) notify: i32,
    /// The process; 0 if none is registered.
    pub(super) pid: i32,
}

impl Queue {
    pub(super) fn create(msgsize: c_long) -> Result<Self, Errno> {
        let attr = MqAttr::new(10, msgsize);
        let mq = mq_open(c"/lab", O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&attr))?;
        Ok(Queue { mq, msgsize: usize::try_from(msgsize).unwrap_or(0), sent: Vec::new() })
    }

    /// Sends so many messages, each with another text. Each third one is as long as possible.
    pub(super) fn send(&mut self, messages: usize) -> Result<(), Errno> {
        for _ in 0..messages {
            let number = self.sent.len() + 1;
            let length = if number.is_multiple_of(3) { self.msgsize } else { 1 };
            let message = format!("{number:0>length$}");
            mq_send(&self.mq, message.as_bytes(), 0)?;
            self.sent.push(message);
        }
        Ok(())
    }

    /// Whether all messages are written, and the queue is empty.
    pub(super) fn is_drained(&self, written: &str) -> Result<Finding, Errno> {
        let (lines, sent, left) =
            (written.lines().count(), self.sent.len(), mq_getattr(&self.mq)?.mq_curmsgs);
        let same = written.lines().eq(&self.sent) && (sent == 0 || written.ends_with('\n'));
        let how = if same || lines != sent { "" } else { ", but not these" };
        Ok(found(same && left == 0, format!("{lines} of {sent} messages written{how}, {left} in the queue")))
    }

    /// Whether each message is written or still in the queue, and each once, in order. Empties the queue.
    pub(super) fn is_complete(&self, written: &str) -> Result<bool, Errno> {
        let left = take_messages(&self.mq)?;
        Ok(written.lines().chain(left.iter().map(String::as_str)).eq(&self.sent))
    }

    /// Returns the process that is registered now.
    pub(super) fn registered(&self) -> Result<Registered, Fault> {
        let mut line = [0; 256];
        let length = pread(&self.mq, &mut line, 0)?;
        let line = String::from_utf8_lossy(&line[..length]);
        let field = |name: &str| {
            let words = line.split_whitespace().filter_map(|word| word.split_once(':'));
            words.filter(|(key, _)| *key == name).find_map(|(_, value)| value.parse().ok()).unwrap_or(0)
        };
        Ok(Registered { notify: field("NOTIFY"), pid: field("NOTIFY_PID") })
    }

    /// Whether SIGTERM has ended the program, and no message is lost.
    pub(super) fn ends_well(&self, end: &End, written: &str, when: &str) -> Result<Finding, Fault> {
        let pid = self.registered()?.pid;
        let complete = self.is_complete(written)?;
        let kept = if complete { "no message is lost" } else { "a message is lost" };
        let right = end.exited(0) && complete && pid == 0;
        Ok(found(right, format!("SIGTERM {when}: {end}, {kept}, NOTIFY_PID {pid}")))
    }
}

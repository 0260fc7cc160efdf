//! The queues between the grader and the dispatcher, and what has happened to the messages.

use super::{ARGS, IDLE_CALLS, INPUTS, OUT};
use crate::finding::{Finding, found};
use crate::peer::{Sender, create_queue};
use crate::sandbox::{End, Fault};
use crate::scheduler::{Choice, Now};
use crate::trial::Trial;
use ipc_workbook::mqueue::{Mqd, mq_getattr, mq_open, mq_receive, mq_send};
use libc::{O_NONBLOCK, O_RDWR, c_long};
use nix::errno::Errno;
use nix::sys::signal::Signal::SIGTERM;

/// A message and its priority.
pub(super) type Message = (Vec<u8>, u32);

/// The queues, and what has happened to the messages.
pub(super) struct Queues {
    out: Mqd,
    pub(super) inputs: Vec<Mqd>,
    pub(super) sent: Vec<Message>,
    /// What the grader has received from the output.
    pub(super) moved: Vec<Message>,
    pub(super) takes_at_once: bool,
    /// Whether the program has made many calls while nothing happened.
    pub(super) loops: bool,
}

impl Queues {
    /// Creates the queues in a fresh sandbox. The output has room for so many messages.
    pub(super) fn new(trial: &mut Trial, room: c_long) -> Result<Self, Fault> {
        trial.renew()?;
        let open = |name, maxmsg| {
            create_queue(name, maxmsg, 64)?;
            mq_open(name, O_RDWR | O_NONBLOCK, 0, None)
        };
        let inputs = INPUTS.map(|name| open(name, 4)).into_iter().collect::<Result<_, Errno>>()?;
        let (sent, moved) = (Vec::new(), Vec::new());
        Ok(Queues { out: open(OUT, room)?, inputs, sent, moved, takes_at_once: true, loops: false })
    }

    pub(super) fn send(&mut self, input: usize, text: &[u8], priority: u32) -> Result<(), Fault> {
        mq_send(&self.inputs[input], text, priority)?;
        self.sent.push((text.to_vec(), priority));
        Ok(())
    }

    /// Starts a process that sends so many messages, and returns when it waits for room.
    pub(super) fn fill_and_wait(&mut self, input: usize, number: usize) -> Result<Sender, Fault> {
        let messages: Vec<Message> = (0..number).map(|n| (format!("a{n}").into_bytes(), 0)).collect();
        self.sent.extend(messages.iter().cloned());
        Sender::start(&mq_open(INPUTS[input], O_RDWR, 0, None)?, &messages)
    }

    /// Lets the program run. Before each of its calls, and when it waits, `act` may act.
    pub(super) fn serve(
        &mut self,
        trial: &Trial,
        mut act: impl FnMut(&mut Self, Now) -> Result<Choice, Fault>,
    ) -> Result<End, Fault> {
        let (mut left, mut idle) = (0, 0);
        let mut scheduler = trial.start_scheduled(&ARGS)?;
        let ends = scheduler.play_as_peer(|now| {
            while self.takes_at_once && self.take_one()? {}
            let now_left = self.left()?;
            idle = if now.all_wait() || now_left != left { 0 } else { idle + 1 };
            left = now_left;
            if idle < IDLE_CALLS || self.moved.is_empty() {
                return act(self, now);
            }
            // It should wait for the grader here.
            (self.loops, idle) = (true, 0);
            act(self, Now::AllWait)
        })?;
        Ok(ends.first())
    }

    /// Receives one message from the output; false if there is none.
    pub(super) fn take_one(&mut self) -> Result<bool, Fault> {
        let message = take(&self.out)?;
        let is_there = message.is_some();
        self.moved.extend(message);
        Ok(is_there)
    }

    /// Returns how many messages are in the inputs.
    pub(super) fn left(&self) -> Result<usize, Fault> {
        let numbers = self.inputs.iter().map(|input| mq_getattr(input).map(|attr| attr.mq_curmsgs));
        Ok(usize::try_from(numbers.sum::<Result<c_long, Errno>>()?).unwrap_or(0))
    }

    pub(super) fn has(&self, text: &str) -> bool {
        self.moved.iter().any(|(moved, _)| moved == text.as_bytes())
    }

    /// Receives all messages that are in the inputs and in the output.
    pub(super) fn rest(&self) -> Result<Vec<Message>, Fault> {
        let mut rest = Vec::new();
        for queue in self.inputs.iter().chain([&self.out]) {
            while let Some(message) = take(queue)? {
                rest.push(message);
            }
        }
        Ok(rest)
    }

    pub(super) fn all_moved(&self) -> bool {
        sorted(&self.moved) == sorted(&self.sent)
    }

    /// Whether the messages of each sender are in the order of their numbers: `a0 a1 a2`, `b0 b1`.
    pub(super) fn is_in_order(&self) -> bool {
        [b'a', b'b']
            .iter()
            .all(|sender| self.moved.iter().filter(|(text, _)| text.first() == Some(sender)).is_sorted())
    }

    pub(super) fn all_arrived(&self, otherwise_right: bool, end: &End) -> Finding {
        let observed = format!("sent: {}; moved: {}; {end}", shown(&self.sent), shown(&self.moved));
        let looped = if self.loops { "it makes calls in a loop; " } else { "" };
        found(self.all_moved() && otherwise_right, format!("{looped}{observed}"))
    }

    /// Whether each message is in an input or in the output, once, after a program that SIGTERM has ended. The
    /// signal may kill a program that has not moved anything yet.
    pub(super) fn nothing_lost(&mut self, end: &End) -> Result<Finding, Fault> {
        let left = self.left()?;
        self.moved.extend(self.rest()?);
        let right = end.exited(0) || (*end == End::Killed(SIGTERM) && left == self.sent.len());
        Ok(self.all_arrived(right, end))
    }
}

/// Receives a message, if there is one.
pub(super) fn take(queue: &Mqd) -> Result<Option<Message>, Fault> {
    let mut text = vec![0; 64];
    match mq_receive(queue, &mut text) {
        Ok((length, priority)) => {
            text.truncate(length);
            Ok(Some((text, priority)))
        }
        Err(Errno::EAGAIN) => Ok(None),
        Err(errno) => Err(errno.into()),
    }
}

fn sorted(messages: &[Message]) -> Vec<Message> {
    let mut messages = messages.to_vec();
    messages.sort();
    messages
}

fn shown(messages: &[Message]) -> String {
    let text = |(text, priority): &Message| format!("\"{}\" {priority}", text.escape_ascii());
    let texts: Vec<String> = messages.iter().take(10).map(text).collect();
    if texts.is_empty() { "nothing".into() } else { texts.join(", ") }
}

//! The slots of a POSIX message queue, the order of its messages, and the processes that wait at both ends.

mod drawing;

use crate::material::Material;
use crate::pictures::call::{Call, next_of};
use crate::pictures::figure::{Figure, sample};
use crate::pictures::replay::{Model, Run};
use crate::pictures::svg::Svg;
use anyhow::{Context, Result, bail, ensure};
use ipc_workbook_tools::workbook::events::Event;
use serde_json::{Map, Value};
use std::collections::VecDeque;
use std::fmt::Write;

pub(crate) fn order(material: &Material, up: &str) -> Result<Figure> {
    let run = Run {
        lesson: "priority_order",
        steps: &[1],
        claims: &[
            "messages-of-equal-priority-come-in-the-order-of-sending",
            "overtaken-messages-keep-their-order",
        ],
    };
    figure(material, up, "The order of the messages in a queue", &run)
}

pub(crate) fn receivers(material: &Material, up: &str) -> Result<Figure> {
    let run = Run {
        lesson: "waiting_receivers",
        steps: &[0, 1, 2],
        claims: &[
            "the-receiver-that-waits-longest-gets-the-first-message",
            "a-message-for-a-waiting-receiver-does-not-enter-the-queue",
        ],
    };
    figure(material, up, "A queue with waiting receivers", &run)
}

pub(crate) fn senders(material: &Material, up: &str) -> Result<Figure> {
    let run = Run {
        lesson: "waiting_senders",
        steps: &[1, 2, 3, 4, 5],
        claims: &[
            "a-waiting-sender-gets-the-free-place-at-once",
            "a-high-priority-does-not-let-a-sender-overtake",
        ],
    };
    figure(material, up, "A queue with waiting senders", &run)
}

fn figure(material: &Material, up: &str, title: &str, run: &Run) -> Result<Figure> {
    let (states, source) = run.play(material, up, &mut Queue::default())?;
    let legend = vec![
        (
            sample(|svg| svg.rect("shaded", (1, 1), (22, 14))),
            "a message; the one on the left is received next",
        ),
        (sample(|svg| svg.rect("dashed", (1, 1), (22, 14))), "a free slot"),
        (
            sample(|svg| svg.rect("", (1, 1), (22, 14))),
            "a process that waits; the one on the left has waited longest",
        ),
    ];
    Ok(Figure { title: title.into(), source, states, legend })
}

#[derive(Clone, PartialEq)]
struct Message {
    text: String,
    priority: i64,
}

/// The queue, as the events so far have left it.
#[derive(Default)]
struct Queue {
    /// `mq_maxmsg`; 0 until the queue is created.
    slots: usize,
    nameless: bool,
    /// The messages in the order in which they will be received.
    messages: Vec<Message>,
    /// The processes that wait to send, in the order in which they began to wait.
    senders: VecDeque<(String, Message)>,
    /// The processes that wait to receive, in the same order.
    receivers: VecDeque<String>,
    /// What the waiting calls must return that have got what they wait for, although no call event of
    /// theirs was reported yet.
    granted: Vec<(String, Message)>,
}

impl Queue {
    /// Puts a message behind all those that are at least as urgent.
    fn insert(&mut self, message: Message) {
        let place = self.messages.iter().take_while(|other| other.priority >= message.priority).count();
        self.messages.insert(place, message);
    }

    /// Returns what a process has been waiting for, if it has already got it.
    fn grant_of(&mut self, process: &str) -> Option<Message> {
        let place = self.granted.iter().position(|(other, _)| other == process)?;
        Some(self.granted.remove(place).1)
    }

    fn send(&mut self, call: &Call<'_>) -> Result<String> {
        let (who, message) = (call.process, message(call)?);
        if let Some(granted) = self.grant_of(who) {
            call.must(None, "a place was free for this waiting sender")?;
            ensure!(granted == message, "the message in the queue is {}", granted.text);
            return Ok(format!("The mq_send of {who} returns. Its message already had a place."));
        }
        if let Some(receiver) = self.receivers.pop_front() {
            call.must(None, "a receiver waits")?;
            let sentence = format!(
                "{receiver} has waited longest. It is handed “{}”, which takes no slot.",
                message.text
            );
            self.granted.push((receiver, message));
            return Ok(sentence);
        }
        if self.messages.len() == self.slots {
            call.must(Some("EAGAIN"), "the queue is full, and the call does not wait")?;
            return Ok(format!("The queue is full. “{}” is refused.", message.text));
        }
        call.must(None, "the queue has a free slot")?;
        self.insert(message.clone());
        let place = self.messages.iter().position(|other| *other == message).map_or(0, |place| place + 1);
        Ok(format!("“{}” takes a free slot: it will be received as number {place}.", message.text))
    }

    fn receive(&mut self, call: &Call<'_>) -> Result<String> {
        let who = call.process;
        if let Some(granted) = self.grant_of(who) {
            call.must(None, "a message was handed over to this waiting receiver")?;
            compare(call, &granted)?;
            return Ok(format!("The mq_receive of {who} returns “{}”.", granted.text));
        }
        if self.messages.is_empty() {
            call.must(Some("EAGAIN"), "the queue is empty, and the call does not wait")?;
            return Ok("The queue is empty.".into());
        }
        call.must(None, "the queue has a message")?;
        let message = self.messages.remove(0);
        compare(call, &message)?;
        let mut sentence = format!("{who} receives “{}”.", message.text);
        if let Some((sender, message)) = self.senders.pop_front() {
            let _ =
                write!(sentence, " {sender} has waited longest, so “{}” gets the free slot.", message.text);
            self.insert(message.clone());
            self.granted.push((sender, message));
        }
        Ok(sentence)
    }

    fn count(&self, seen: i64) -> Result<()> {
        let count = self.messages.len();
        ensure!(usize::try_from(seen) == Ok(count), "mq_curmsgs must be {count}, not {seen}");
        Ok(())
    }
}

/// Checks that a call received this message. `[5]` is its priority, and NULL if the call did not ask.
fn compare(call: &Call<'_>, want: &Message) -> Result<()> {
    let (text, priority) = (call.string(1)?, call.arg(3)?);
    ensure!(text == want.text, "the next message is “{}”, not “{text}”", want.text);
    ensure!(
        priority == "NULL" || priority == format!("[{}]", want.priority),
        "its priority is {}",
        want.priority
    );
    Ok(())
}

/// Returns the message that a call sends.
fn message(call: &Call<'_>) -> Result<Message> {
    Ok(Message { text: call.string(1)?.into(), priority: call.number(3)? })
}

impl Model for Queue {
    fn call(&mut self, call: &Call<'_>, _: &[Event]) -> Result<Option<String>> {
        match call.name {
            "mq_open" if self.slots == 0 => {
                self.slots = usize::try_from(super::call::number(call.field("mq_maxmsg")?)?)?;
                Ok(Some(format!("A new queue has {} free slots.", self.slots)))
            }
            "mq_send" => self.send(call).map(Some),
            "mq_receive" => self.receive(call).map(Some),
            "mq_getattr" => {
                self.count(super::call::number(call.field("mq_curmsgs")?)?)?;
                Ok(Some(format!("mq_curmsgs is {}.", self.messages.len())))
            }
            "mq_unlink" if !self.nameless => {
                self.nameless = true;
                Ok(Some("The queue has no name any more. Everything else stays as it is.".into()))
            }
            _ => Ok(None),
        }
    }

    fn kernel(&mut self, what: &str, facts: &Map<String, Value>, later: &[Event]) -> Result<Option<String>> {
        if let Some(seen) = facts.get("mq_curmsgs").and_then(Value::as_i64) {
            self.count(seen)?;
        }
        let Some(process) = what.strip_prefix("process ") else { return Ok(None) };
        let call = next_of(process, later).with_context(|| format!("{process} makes no call later"))?;
        match call.name {
            "mq_send" => {
                ensure!(
                    self.messages.len() == self.slots,
                    "{process} waits to send, but the queue has a free slot"
                );
                self.senders.push_back((process.into(), message(&call)?));
                Ok(Some(format!("The queue is full. {process} waits in mq_send.")))
            }
            "mq_receive" => {
                ensure!(self.messages.is_empty(), "{process} waits to receive, but the queue has a message");
                self.receivers.push_back(process.into());
                Ok(Some(format!("The queue is empty. {process} waits in mq_receive.")))
            }
            other => bail!("{process} waits, and its next call is {other}"),
        }
    }

    fn draw(&self) -> Svg {
        self.drawn()
    }

    fn says(&self) -> String {
        self.in_words()
    }
}

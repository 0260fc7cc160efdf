//! mq_receive takes the oldest message of the highest priority; a message of low priority can wait forever.
//!
//!     cargo run --bin priority_order
//!
//! Chapter: lessons/32-sending-and-receiving. Manual pages: mq_send(3), mq_receive(3), mq_overview(7).
//! Previous: message_limits. Next: waiting_receivers.

use ipc_workbook::call::Result;
use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::unistd::sysconf;
use libc::{_SC_MQ_PRIO_MAX, O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR};
use nix::errno::Errno::{EAGAIN, EINVAL};
use std::process::ExitCode;

/// How many urgent messages overtake the bulk message.
const URGENT: usize = 1000;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/priority_order")?;

        // ANCHOR: order
        lesson.step("Four messages, and nobody waits: priorities 1 5 1 5");
        let attr = MqAttr::new(4, 16);
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&attr))?;
        lesson.look(&mq)?;
        mq_send(&mq, b"first", 1)?;
        mq_send(&mq, b"second", 5)?;
        mq_send(&mq, b"third", 1)?;
        mq_send(&mq, b"fourth", 5)?;
        lesson.predict(
            "Which messages do the next two calls of mq_receive return?",
            &["second fourth", "fourth second", "first second"],
        );
        let two = [receive(&mq)?, receive(&mq)?].join(" ");
        lesson.claim("messages-of-equal-priority-come-in-the-order-of-sending", two, "second fourth".into());
        let two = [receive(&mq)?, receive(&mq)?].join(" ");
        lesson.claim("overtaken-messages-keep-their-order", two, "first third".into());
        // ANCHOR_END: order

        lesson.step("The highest priority");
        let max = sysconf(_SC_MQ_PRIO_MAX)?;
        lesson.claim("sysconf-returns-32768-for-_SC_MQ_PRIO_MAX", max, 32768);
        let highest = mq_send(&mq, b"highest", 32767);
        lesson.claim("MQ_PRIO_MAX-minus-1-is-a-valid-priority", &highest, "success");
        let negative = mq_send(&mq, b"negative", u32::MAX);
        lesson.claim("priority-minus-1-is-EINVAL", negative, EINVAL);
        lesson.claim("a-message-refused-with-EINVAL-is-not-added", mq_getattr(&mq)?.mq_curmsgs, 1);
        let (_, priority) = mq_receive(&mq, &mut [0; 16])?;
        lesson.claim("mq_receive-returns-priority-32767-unchanged", priority, 32767);

        // ANCHOR: starvation
        lesson.step("A bulk message waits, and urgent messages keep arriving");
        mq_send(&mq, b"bulk", 0)?;
        lesson.note(&format!("A sends an urgent message and receives one message, {URGENT} times."));
        let urgent = lesson.muted(|| overtaken(&mq))?;
        lesson.predict("How many of the 1000 received messages were urgent?", &["1000", "999", "500"]);
        lesson.claim("urgent-messages-overtake-an-older-message-again-and-again", urgent, URGENT);
        mq_send(&mq, b"urgent", 1)?;
        mq_send(&mq, b"ordinary", 0)?;
        let three = [receive(&mq)?, receive(&mq)?, receive(&mq)?].join(" ");
        lesson.claim("a-wait-does-not-raise-a-priority", three, "urgent bulk ordinary".into());
        // ANCHOR_END: starvation

        lesson.step("A queue full of bulk messages, and an urgent one");
        for _ in 0..4 {
            mq_send(&mq, b"bulk", 0)?;
        }
        let urgent = mq_send(&mq, b"urgent", 9);
        lesson.claim("a-full-queue-refuses-a-message-of-any-priority", urgent, EAGAIN);
        mq_unlink(&name)?;
        let second = mq_open(&name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&attr))?;
        let urgent = mq_send(&second, b"urgent", 9);
        lesson.claim("a-full-queue-does-not-affect-a-second-queue", &urgent, "success");

        lesson.step("Raise a priority: receive the message, and send it again");
        mq_receive(&second, &mut [0; 16])?;
        mq_send(&second, b"old", 0)?;
        receive(&second)?;
        mq_send(&second, b"new", 5)?;
        mq_send(&second, b"old", 5)?;
        let two = [receive(&second)?, receive(&second)?].join(" ");
        lesson.claim("a-message-sent-again-is-the-youngest-of-its-priority", two, "new old".into());
        mq_close(mq)?;
        mq_close(second)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Returns the text of the next message.
fn receive(mq: &Mqd) -> Result<String> {
    let mut buffer = [0; 16];
    let (length, _) = mq_receive(mq, &mut buffer)?;
    Ok(String::from_utf8_lossy(&buffer[..length]).into_owned())
}

/// Sends an urgent message and receives one message, again and again. Returns how many of the received
/// messages were urgent.
fn overtaken(mq: &Mqd) -> Result<usize> {
    let mut urgent = 0;
    for _ in 0..URGENT {
        mq_send(mq, b"urgent", 1)?;
        urgent += usize::from(mq_receive(mq, &mut [0; 16])?.1 == 1);
    }
    Ok(urgent)
}

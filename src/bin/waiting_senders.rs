//! A free place goes straight to a waiting sender: the first to wait, whatever the priority of its message.
//!
//!     cargo run --bin waiting_senders
//!
//! Chapter: lessons/32-sending-and-receiving. Manual pages: mq_send(3), mq_unlink(3).
//! Previous: waiting_receivers. Next: nice_values.

use ipc_workbook::call::Result;
use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY};
use nix::errno::Errno::EAGAIN;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/waiting_senders")?;

        // ANCHOR: place
        lesson.step("A fills the queue; B waits to send with priority 1, and then C with priority 9");
        // The calls of A never wait: its descriptor has O_NONBLOCK. The other processes have one that waits.
        let attr = MqAttr::new(2, 64);
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&attr))?;
        let theirs = mq_open(&name, O_RDWR, 0, None)?;
        lesson.look(&mq)?;
        mq_send(&mq, b"1st of A", 0)?;
        mq_send(&mq, b"2nd of A", 0)?;
        let mut b = lesson.process("B", |turn| turn.send(lesson, &theirs, b"of B", 1))?;
        let mut c = lesson.process("C", |turn| turn.send(lesson, &theirs, b"of C", 9))?;
        let b = b.until_blocked_in(lesson, "mq_send")?;
        let c = c.until_blocked_in(lesson, "mq_send")?;

        lesson.step("A receives one message");
        let received = receive(&mq)?;
        lesson.claim("a-message-of-a-waiting-sender-cannot-be-received", received, "1st of A".into());
        lesson.predict("A has received one of two messages. What is mq_curmsgs?", &["0", "1", "2"]);
        lesson.claim("a-waiting-sender-gets-the-free-place-at-once", mq_getattr(&mq)?.mq_curmsgs, 2);
        let sent = mq_send(&mq, b"of the newcomer", 0);
        lesson.claim("a-newcomer-cannot-take-the-place-of-a-waiting-sender", sent, EAGAIN);
        lesson.claim("mq_send-of-a-waiting-sender-succeeds-when-it-gets-the-place", b.answer()?, "success");
        // ANCHOR_END: place

        lesson.step("A receives the other messages");
        lesson.predict("Which message is the next one?", &["2nd of A", "of B", "of C"]);
        lesson.claim("a-high-priority-does-not-let-a-sender-overtake", receive(&mq)?, "of B".into());
        let _ = c.answer()?;
        lesson.claim("a-message-that-gets-its-place-is-ordered-by-priority", receive(&mq)?, "of C".into());
        receive(&mq)?;

        lesson.step("D waits, and no process can receive");
        mq_send(&mq, b"3rd of A", 0)?;
        mq_send(&mq, b"4th of A", 0)?;
        let writer = mq_open(&name, O_WRONLY, 0, None)?;
        mq_close(mq)?;
        mq_close(theirs)?;
        let mut d = lesson.process("D", |turn| turn.send(lesson, &writer, b"of D", 0))?;
        let d = d.until_blocked_in(lesson, "mq_send")?;
        lesson.note("A opens the queue to receive, and takes one message.");
        let mq = mq_open(&name, O_RDONLY | O_NONBLOCK, 0, None)?;
        receive(&mq)?;
        lesson.claim("a-sender-waits-even-if-no-process-can-receive", d.answer()?, "success");

        lesson.step("E waits, and A unlinks the queue");
        let mut e = lesson.process("E", |turn| turn.send(lesson, &writer, b"of E", 0))?;
        let e = e.until_blocked_in(lesson, "mq_send")?;
        mq_unlink(&name)?;
        receive(&mq)?;
        lesson.predict("What does the mq_send of E return?", &["ENOENT", "EIDRM", "success"]);
        lesson.claim("mq_unlink-does-not-end-the-wait-of-a-sender", e.answer()?, "success");
        mq_close(mq)?;
        Ok(mq_close(writer)?)
    })
}

/// Returns the text of the next message.
fn receive(mq: &Mqd) -> Result<String> {
    let mut buffer = [0; 64];
    let (length, _) = mq_receive(mq, &mut buffer)?;
    Ok(String::from_utf8_lossy(&buffer[..length]).into_owned())
}

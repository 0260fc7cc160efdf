//! What becomes of a message if the process that waits to receive it, or to send it, is killed.
//!
//!     cargo run --bin killed_waiters
//!
//! Chapter: lessons/32-sending-and-receiving. Manual pages: mq_receive(3), mq_send(3), mq_unlink(3).
//! Previous: interrupted_waits. Next: mq_server.

use ipc_workbook::lesson;
use ipc_workbook::lesson::Turn;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR};
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/killed_waiters")?;
        // The calls of A never wait: its descriptor has O_NONBLOCK. The other processes have one that waits.
        let attr = MqAttr::new(1, 64);
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&attr))?;
        let theirs = mq_open(&name, O_RDWR, 0, None)?;
        lesson.look(&mq)?;
        let receiver = |turn: &mut Turn| turn.receive(lesson, &theirs);

        // ANCHOR: killed
        lesson.step("B is killed while it waits, and then A sends");
        let mut b = lesson.process("B", receiver)?;
        b.start()?;
        let waits = b.wait_until_blocked_in(lesson, "mq_receive");
        b.kill(lesson)?;
        mq_send(&mq, b"message 1", 0)?;
        let there = waits.and(Ok(mq_getattr(&mq)?.mq_curmsgs));
        lesson.claim("a-receiver-killed-while-it-waits-takes-no-message", there, 1);
        mq_receive(&mq, &mut [0; 64])?;

        lesson.step("C waits, A sends, and then C is killed");
        let mut c = lesson.process("C", receiver)?;
        c.start()?;
        let waits = c.wait_until_blocked_in(lesson, "mq_receive");
        mq_send(&mq, b"message 2", 0)?;
        c.kill(lesson)?;
        let there = waits.and(Ok(mq_getattr(&mq)?.mq_curmsgs));
        lesson.claim("a-message-handed-to-a-process-is-lost-if-that-process-is-killed", there, 0);
        // ANCHOR_END: killed

        lesson.step("The queue is full; D waits to send, and is killed");
        mq_send(&mq, b"of A", 0)?;
        let mut d = lesson.process("D", |turn| turn.send(lesson, &theirs, b"of D", 0))?;
        d.start()?;
        let waits = d.wait_until_blocked_in(lesson, "mq_send");
        d.kill(lesson)?;
        mq_receive(&mq, &mut [0; 64])?;
        let there = waits.and(Ok(mq_getattr(&mq)?.mq_curmsgs));
        lesson.claim("the-message-of-a-sender-killed-while-it-waits-is-not-added", there, 0);

        lesson.step("E waits to send, A makes room, and then E is killed");
        mq_send(&mq, b"of A", 0)?;
        let mut e = lesson.process("E", |turn| turn.send(lesson, &theirs, b"of E", 0))?;
        e.start()?;
        let waits = e.wait_until_blocked_in(lesson, "mq_send");
        mq_receive(&mq, &mut [0; 64])?;
        e.kill(lesson)?;
        let there = waits.and(Ok(mq_getattr(&mq)?.mq_curmsgs));
        lesson.claim("a-message-that-got-its-place-stays-if-its-sender-is-killed", there, 1);
        mq_receive(&mq, &mut [0; 64])?;

        lesson.step("F waits, and A unlinks the queue and sends to it");
        let mut waiting = lesson.process("F", receiver)?;
        let waiting = waiting.until_blocked_in(lesson, "mq_receive")?;
        mq_unlink(&name)?;
        mq_send(&mq, b"message 3", 0)?;
        lesson.claim("mq_unlink-does-not-end-the-wait-of-a-receiver", waiting.answer()?, "message 3");
        mq_close(mq)?;
        Ok(mq_close(theirs)?)
    })
}

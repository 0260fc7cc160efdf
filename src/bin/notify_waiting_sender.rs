//! The message of a sender that waited enters a queue that was just emptied, without a notification.
//!
//!     cargo run --bin notify_waiting_sender
//!
//! Chapter: lessons/34-notification. Manual pages: mq_notify(3), mq_send(3), signalfd(2).
//! Previous: notify_drain. Next: notify_thread.

use ipc_workbook::lesson;
use ipc_workbook::lesson::notified::{drain, register};
use ipc_workbook::lesson::outcome;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::signal::sigprocmask;
use ipc_workbook::signalfd::{read as read_signal, signalfd};
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR, SFD_CLOEXEC, SFD_NONBLOCK};
use nix::sys::signal::Signal::SIGUSR1;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/notify_waiting_sender")?;
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&MqAttr::new(1, 64)))?;
        lesson.look(&mq)?;
        sigprocmask(SIGUSR1)?;
        let signals = signalfd(&[SIGUSR1], SFD_CLOEXEC | SFD_NONBLOCK)?;

        // ANCHOR: sender
        lesson.step("The queue is full, B waits to send, and A registers");
        mq_send(&mq, b"from A", 0)?;
        let mut b = lesson.process("B", |turn| {
            let mq = mq_open(&name, O_RDWR, 0, None)?;
            let sent = turn.blocking_call(lesson, || mq_send(&mq, b"from B", 0))?;
            turn.report(&sent)
        })?;
        let waiting = b.until_blocked_in(lesson, "mq_send")?;
        register(&mq)?;

        lesson.step("A takes the only message");
        mq_receive(&mq, &mut [0; 64])?;
        let sent = waiting.resume()?;
        let signal = sent.clone().and(outcome(&read_signal(&signals)));
        lesson.predict(
            "The message of B is in the queue. What does read find?",
            &["success", "EAGAIN", "EINTR"],
        );
        lesson.claim("the-message-of-a-sender-that-waited-causes-no-notification", signal, "EAGAIN");
        let there = sent.and(Ok(mq_getattr(&mq)?.mq_curmsgs));
        lesson.claim("after-the-last-message-comes-that-of-a-waiting-sender", there, 1);
        b.finish()?;
        lesson.claim("a-drain-until-EAGAIN-finds-the-message-of-the-sender", drain(&mq, &mut [0; 64])?, 1);
        // ANCHOR_END: sender
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

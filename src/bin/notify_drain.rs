//! A drain goes on until EAGAIN and does not wait; otherwise a message stays behind or comes unnoticed.
//!
//!     cargo run --bin notify_drain
//!
//! Chapter: lessons/34-notification. Manual pages: mq_notify(3), mq_receive(3), signalfd(2).
//! Previous: notify_lost. Next: notify_waiting_sender.

use ipc_workbook::lesson;
use ipc_workbook::lesson::notified::{drain, register};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, queue_status};
use ipc_workbook::signal::{SigEvent, sigprocmask};
use ipc_workbook::signalfd::{read as read_signal, signalfd};
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_RDWR, SFD_CLOEXEC, SFD_NONBLOCK};
use nix::errno::Errno::EAGAIN;
use nix::sys::signal::Signal::SIGUSR1;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/notify_drain")?;
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&MqAttr::new(4, 16)))?;
        lesson.look(&mq)?;
        sigprocmask(SIGUSR1)?;
        let signals = signalfd(&[SIGUSR1], SFD_CLOEXEC | SFD_NONBLOCK)?;

        // ANCHOR: one
        lesson.step("Two messages arrive; A takes one of them for each notification");
        register(&mq)?;
        mq_send(&mq, b"first", 0)?;
        mq_send(&mq, b"second", 0)?;
        let signal = read_signal(&signals);
        lesson.claim("two-messages-can-cause-one-notification", &signal, "success");
        register(&mq)?;
        mq_receive(&mq, &mut [0; 16])?;
        mq_send(&mq, b"third", 0)?;
        let signal = read_signal(&signals);
        lesson.claim("a-message-that-stays-behind-prevents-every-later-notification", signal, EAGAIN);
        // ANCHOR_END: one
        drain(&mq, &mut [0; 16])?;
        mq_notify(&mq, None)?;

        // ANCHOR: blocks
        lesson.step("B registers, and drains without O_NONBLOCK: it waits after the last message");
        mq_send(&mq, b"first", 0)?;
        let mut b = lesson.process("B", |turn| {
            let mq = mq_open(&name, O_RDONLY, 0, None)?;
            mq_notify(&mq, Some(&SigEvent::None))?;
            mq_receive(&mq, &mut [0; 16])?;
            let received = turn.blocking_call(lesson, || mq_receive(&mq, &mut [0; 16]))?;
            turn.report(&received)
        })?;
        let pid = i64::from(b.pid());
        let waiting = b.until_blocked_in(lesson, "mq_receive")?;

        lesson.step("A message arrives");
        mq_send(&mq, b"for B", 0)?;
        let received = waiting.resume()?;
        lesson.claim("a-drain-without-O_NONBLOCK-waits-for-the-next-message", received.clone(), "success");
        let registered = lesson.show("queue", "NOTIFY_PID", queue_status(&mq, "NOTIFY_PID"));
        lesson.predict("Is B still registered?", &["true", "false"]);
        let registered = received.and(registered).map(|now| now == pid);
        lesson.claim("a-drain-that-waits-takes-messages-without-a-notification", registered, true);
        b.finish()?;
        // ANCHOR_END: blocks
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

//! Register first, then drain without waiting: in the other order a notification can be lost forever.
//!
//!     cargo run --bin notify_lost
//!
//! Chapter: lessons/34-notification. Manual pages: mq_notify(3), mq_receive(3), signalfd(2).
//! Previous: notify_close. Next: notify_drain.

use ipc_workbook::lesson;
use ipc_workbook::lesson::notified::{drain, register};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::signal::sigprocmask;
use ipc_workbook::signalfd::{read as read_signal, signalfd};
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR, SFD_CLOEXEC, SFD_NONBLOCK};
use nix::errno::Errno::EAGAIN;
use nix::sys::signal::Signal::SIGUSR1;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/notify_lost")?;
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&MqAttr::new(8, 16)))?;
        lesson.look(&mq)?;
        sigprocmask(SIGUSR1)?;
        let signals = signalfd(&[SIGUSR1], SFD_CLOEXEC | SFD_NONBLOCK)?;
        // B sends a message in each of its turns, so the lesson decides at which moment a message comes.
        let mut b = lesson.process("B", |turn| {
            for number in 1..=8 {
                mq_send(&mq, format!("message {number}").as_bytes(), 0)?;
                turn.finish()?;
            }
            Ok(())
        })?;

        // ANCHOR: wrong
        lesson.step("The wrong order: A drains the queue, B sends, and A registers");
        register(&mq)?;
        b.turn()?;
        read_signal(&signals)?;
        drain(&mq, &mut [0; 16])?;
        b.turn()?;
        lesson.claim("mq_notify-succeeds-on-a-queue-with-messages", &register(&mq), "success");
        lesson.predict("Message 2 is in the queue. What does read find?", &["success", "EAGAIN", "EINTR"]);
        let signal = read_signal(&signals);
        lesson.claim("a-message-from-before-the-registration-causes-no-notification", signal, EAGAIN);
        b.turn()?;
        lesson.claim(
            "a-message-behind-one-in-the-queue-does-not-wake-the-receiver",
            read_signal(&signals),
            EAGAIN,
        );
        lesson.claim("the-messages-wait-while-the-receiver-waits", mq_getattr(&mq)?.mq_curmsgs, 2);
        // ANCHOR_END: wrong

        lesson.step("Only a drain helps, whoever makes it");
        drain(&mq, &mut [0; 16])?;
        b.turn()?;
        let signal = read_signal(&signals);
        lesson.claim("after-a-drain-the-next-message-causes-the-notification", &signal, "success");

        // ANCHOR: right
        lesson.step("The right order: A registers, and then drains; B sends before and between");
        b.turn()?;
        register(&mq)?;
        b.turn()?;
        lesson.predict("Messages 4, 5 and 6 were sent. How many does A find?", &["1", "2", "3"]);
        lesson.claim(
            "a-drain-after-the-registration-finds-all-earlier-messages",
            drain(&mq, &mut [0; 16])?,
            3,
        );
        b.turn()?;
        let signal = read_signal(&signals);
        lesson.claim("a-message-after-the-drain-causes-a-notification", &signal, "success");

        lesson.step("B sends in the middle of the drain, when the queue is empty for a moment");
        register(&mq)?;
        mq_receive(&mq, &mut [0; 16])?;
        b.turn()?;
        lesson.claim(
            "the-drain-also-takes-a-message-that-arrives-during-the-drain",
            drain(&mq, &mut [0; 16])?,
            1,
        );
        let signal = read_signal(&signals);
        lesson.claim("a-notification-can-find-an-empty-queue", &signal, "success");
        // ANCHOR_END: right

        b.finish()?;
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

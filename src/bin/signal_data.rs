//! The signal of mq_notify says who sent the message, and brings the value that the receiver registered.
//!
//!     cargo run --bin signal_data
//!
//! Chapter: lessons/34-notification. Manual pages: mq_notify(3), sigwaitinfo(2), signalfd(2), signal(7).
//! Next: notify_slot.

use ipc_workbook::lesson;
use ipc_workbook::lesson::{NOBODY, another_user};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::signal::{SigEvent, SigVal, sigprocmask, sigwaitinfo};
use ipc_workbook::signalfd::{read as read_signal, signalfd};
use ipc_workbook::unistd::setresuid;
use libc::{O_CREAT, O_EXCL, O_RDWR, SFD_CLOEXEC, SFD_NONBLOCK, SI_MESGQ};
use nix::errno::Errno::EAGAIN;
use nix::sys::signal::Signal;
use nix::sys::signal::Signal::{SIGUSR1, SIGUSR2};
use std::process::{ExitCode, id};

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/signal_data")?;
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(4, 64)))?;
        lesson.look(&mq)?;
        let buffer = &mut [0; 64];

        // ANCHOR: wait
        lesson.step("A blocks SIGUSR1, and registers with the value 7; B sends a message");
        sigprocmask(SIGUSR1)?; // the default action of SIGUSR1 ends the process
        mq_notify(&mq, Some(&by(SIGUSR1, 7)))?;
        let mut b = lesson.process("B", |turn| {
            mq_send(&mq, b"from B", 0)?;
            turn.finish()
        })?;
        b.turn()?;

        lesson.step("A takes the signal with sigwaitinfo");
        let info = sigwaitinfo(&[SIGUSR1])?;
        lesson.claim("a-notification-has-the-code-SI_MESGQ", info.si_code, SI_MESGQ);
        lesson.claim("si_pid-is-the-process-that-sent-the-message", info.si_pid == b.pid(), true);
        lesson.predict("What is si_value.sival_int?", &["0", "6", "7"]);
        lesson.claim("si_value-is-the-value-of-the-registration", info.si_value.sival_int(), 7);
        let there = mq_getattr(&mq)?.mq_curmsgs;
        lesson.claim("a-notification-leaves-the-message-in-the-queue", there, 1);
        // ANCHOR_END: wait
        b.finish()?;

        lesson.step("The same with signalfd, and A sends the message itself");
        sigprocmask(SIGUSR2)?;
        let signals = signalfd(&[SIGUSR1, SIGUSR2], SFD_CLOEXEC | SFD_NONBLOCK)?;
        mq_receive(&mq, buffer)?;
        mq_notify(&mq, Some(&by(SIGUSR1, 8)))?;
        mq_send(&mq, b"from A", 0)?;
        let info = read_signal(&signals)?;
        lesson.claim("signalfd-also-brings-the-value-of-the-registration", info.ssi_int, 8);
        lesson.claim("a-process-is-notified-of-its-own-message", info.ssi_pid == id(), true);

        lesson.step("A takes the message, does not register again, and sends another message");
        mq_receive(&mq, buffer)?;
        mq_send(&mq, b"again", 0)?;
        lesson.predict("What does read return?", &["success", "EAGAIN", "EINTR"]);
        lesson.claim("one-registration-causes-one-signal", read_signal(&signals), EAGAIN);

        lesson.step("An empty message");
        mq_receive(&mq, buffer)?;
        mq_notify(&mq, Some(&by(SIGUSR1, 9)))?;
        mq_send(&mq, b"", 0)?;
        let signal = read_signal(&signals);
        lesson.claim("an-empty-message-causes-a-notification", &signal, "success");
        mq_receive(&mq, buffer)?;

        // ANCHOR: pending
        lesson.step("A second message is notified while the first signal is still pending");
        for value in [1, 2] {
            mq_notify(&mq, Some(&by(SIGUSR1, value)))?;
            mq_send(&mq, b"hello", 0)?;
            mq_receive(&mq, buffer)?;
        }
        lesson.predict("Two notifications were sent. Which value does the first signal bring?", &["1", "2"]);
        let info = read_signal(&signals)?;
        lesson.claim("a-pending-signal-keeps-the-value-of-the-first-notification", info.ssi_int, 1);
        lesson.claim(
            "a-second-notification-by-the-same-pending-signal-is-lost",
            read_signal(&signals),
            EAGAIN,
        );
        for (signal, value) in [(SIGUSR1, 3), (SIGUSR2, 4)] {
            mq_notify(&mq, Some(&by(signal, value)))?;
            mq_send(&mq, b"hello", 0)?;
            mq_receive(&mq, buffer)?;
        }
        let values = [read_signal(&signals)?.ssi_int, read_signal(&signals)?.ssi_int];
        lesson.claim("notifications-by-two-different-signals-both-arrive", values.iter().sum::<i32>(), 7);
        // ANCHOR_END: pending

        lesson.step("C sends with another real uid; its effective uid stays 0");
        let real = "si_uid-is-the-real-uid-of-the-sender";
        if let Err(unseen) = another_user() {
            lesson.not_seen(&[real], &unseen)?;
        } else {
            mq_notify(&mq, Some(&by(SIGUSR1, 5)))?;
            lesson.in_process("C", |_| {
                setresuid(Some(NOBODY), Some(0), Some(0))?;
                Ok(mq_send(&mq, b"from C", 0)?)
            })?;
            lesson.claim(real, read_signal(&signals)?.ssi_uid, NOBODY);
        }
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// A request for a signal with a value.
fn by(signal: Signal, value: i32) -> SigEvent {
    SigEvent::Signal { sigev_signo: signal as i32, sigev_value: SigVal::new(value) }
}

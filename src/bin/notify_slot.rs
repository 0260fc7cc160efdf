//! A queue has room for one registration: it keeps a second one out, and only its owner can remove it.
//!
//!     cargo run --bin notify_slot
//!
//! Chapter: lessons/34-notification. Manual pages: mq_notify(3), mq_overview(7).
//! Previous: signal_data. Next: notify_withdrawn.

use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, queue_status};
use ipc_workbook::signal::{SigEvent, SigVal, sigprocmask};
use ipc_workbook::signalfd::{read as read_signal, signalfd};
use ipc_workbook::unistd::pipe;
use libc::{O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY, SFD_CLOEXEC, SFD_NONBLOCK};
use libc::{SIGEV_NONE, SIGEV_SIGNAL, SIGUSR1};
use nix::errno::Errno::{EAGAIN, EBADF, EBUSY, EINVAL};
use nix::sys::signal::Signal;
use std::process::{ExitCode, id};

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/notify_slot")?;
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(4, 64)))?;
        lesson.look(&mq)?;
        let show = |field| lesson.show("queue", field, queue_status(&mq, field));
        sigprocmask(Signal::SIGUSR1)?;
        let signals = signalfd(&[Signal::SIGUSR1], SFD_CLOEXEC | SFD_NONBLOCK)?;

        // ANCHOR: fields
        lesson.step("Register in two ways, and read the queue's file");
        mq_notify(&mq, Some(&SigEvent::None))?;
        lesson.claim("NOTIFY-of-a-queue-is-sigev_notify", show("NOTIFY"), i64::from(SIGEV_NONE));
        lesson.claim("SIGNO-is-0-if-no-signal-is-asked-for", show("SIGNO"), 0);
        mq_notify(&mq, None)?;
        mq_notify(&mq, Some(&by(SIGUSR1)))?;
        lesson.claim("SIGNO-is-the-signal-of-the-registration", show("SIGNO"), i64::from(SIGUSR1));
        lesson.predict("What is NOTIFY for SIGEV_SIGNAL?", &["0", "1", "10"]);
        lesson.claim("NOTIFY-is-0-for-SIGEV_SIGNAL-too", show("NOTIFY"), i64::from(SIGEV_SIGNAL));
        mq_notify(&mq, None)?;
        // ANCHOR_END: fields

        // ANCHOR: busy
        lesson.step("A is registered with SIGEV_NONE; B, its child, wants to be registered too");
        mq_notify(&mq, Some(&SigEvent::None))?;
        let mut b = lesson.process("B", |turn| {
            turn.report(&mq_notify(&mq, Some(&SigEvent::None)))?;
            turn.report(&mq_notify(&mq, Some(&SigEvent::None)))
        })?;
        lesson.predict("A's registration sends nothing. What does B get?", &["success", "EBUSY", "EPERM"]);
        lesson.claim("a-registration-with-SIGEV_NONE-keeps-others-out", b.outcome()?, "EBUSY");
        let again = mq_notify(&mq, Some(&by(SIGUSR1)));
        lesson.claim("a-registered-process-cannot-register-again", again, EBUSY);
        let other = mq_open(&name, O_RDONLY, 0, None)?;
        let again = mq_notify(&other, Some(&by(SIGUSR1)));
        lesson.claim("a-second-descriptor-gives-no-second-registration", again, EBUSY);
        lesson.claim(
            "a-refused-mq_notify-leaves-the-old-registration",
            show("NOTIFY"),
            i64::from(SIGEV_NONE),
        );
        // ANCHOR_END: busy

        // ANCHOR: null
        lesson.step("C calls mq_notify with NULL, although A is registered");
        let mut c = lesson.process("C", |turn| turn.report(&mq_notify(&mq, None)))?;
        lesson.predict("What does mq_notify return to C?", &["success", "EPERM", "EBUSY"]);
        lesson.claim("mq_notify-with-NULL-succeeds-for-a-stranger", c.outcome()?, "success");
        let me = i64::from(id());
        let still = show("NOTIFY_PID").map(|pid| pid == me);
        lesson.claim("mq_notify-with-NULL-leaves-the-registration-of-another-process", still, true);
        c.finish()?;

        lesson.step("A calls it, through its other descriptor");
        mq_notify(&other, None)?;
        lesson.claim("any-descriptor-serves-to-remove-the-registration", show("NOTIFY_PID"), 0);
        let nothing = mq_notify(&mq, None);
        lesson.claim("mq_notify-with-NULL-succeeds-if-nobody-is-registered", &nothing, "success");
        lesson.claim("after-NULL-another-process-can-register", b.outcome()?, "success");
        b.finish()?;
        // ANCHOR_END: null

        lesson.step("A registers, removes the registration, and a message arrives");
        mq_notify(&mq, Some(&by(SIGUSR1)))?;
        mq_notify(&mq, None)?;
        mq_send(&mq, b"hello", 0)?;
        lesson.claim("a-removed-registration-sends-no-signal", read_signal(&signals), EAGAIN);
        mq_receive(&mq, &mut [0; 64])?;

        // ANCHOR: arguments
        lesson.step("Signal numbers, and another sigev_notify");
        lesson.claim("mq_notify-refuses-signal-65", mq_notify(&mq, Some(&by(65))), EINVAL);
        let other_way = mq_notify(&mq, Some(&SigEvent::Other(77)));
        lesson.claim("mq_notify-refuses-an-unknown-sigev_notify", other_way, EINVAL);
        lesson.predict("There is no signal 0. What does mq_notify return?", &["EINVAL", "ESRCH", "success"]);
        lesson.claim("mq_notify-accepts-signal-0", &mq_notify(&mq, Some(&by(0))), "success");
        mq_send(&mq, b"hello", 0)?;
        lesson.claim("a-message-uses-up-a-registration-with-signal-0", show("NOTIFY_PID"), 0);
        // ANCHOR_END: arguments

        lesson.step("Other descriptors");
        let (end, _other_end) = pipe()?;
        let end = Mqd::from_fd(end);
        lesson.claim("mq_notify-of-a-pipe-is-EBADF", mq_notify(&end, Some(&SigEvent::None)), EBADF);
        let sender = mq_open(&name, O_WRONLY, 0, None)?;
        let registered = mq_notify(&sender, Some(&SigEvent::None));
        lesson.claim("a-descriptor-that-can-only-send-serves-to-register", &registered, "success");
        for open in [mq, other, sender] {
            mq_close(open)?;
        }
        Ok(mq_unlink(&name)?)
    })
}

/// A request for a signal.
fn by(sigev_signo: i32) -> SigEvent {
    SigEvent::Signal { sigev_signo, sigev_value: SigVal::new(0) }
}

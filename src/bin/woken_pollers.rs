//! A process that waits in poll does not receive: a message wakes every poller, and one of them gets it.
//!
//!     cargo run --bin woken_pollers
//!
//! Chapter: lessons/35-many-queues-at-once. Manual pages: poll(2), mq_receive(3), mq_notify(3).
//! Previous: poll_hangup. Next: epoll_edge.

use ipc_workbook::call::Result;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Outcome, Turn};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::poll::{PollFd, poll};
use ipc_workbook::signal::SigEvent;
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR, POLLIN, POLLOUT};
use std::ffi::c_short;
use std::os::fd::AsFd;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/woken_pollers")?;
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&MqAttr::new(1, 64)))?;
        lesson.look(&mq)?;

        // ANCHOR: direct
        lesson.step("B waits in mq_receive; A sends, and then asks poll");
        let mut other = lesson.process("B", |turn| {
            let mq = mq_open(&name, O_RDWR, 0, None)?;
            let received = turn.blocking_call(lesson, || mq_receive(&mq, &mut [0; 64]))?;
            turn.report(&received)?;
            let sent = turn.blocking_call(lesson, || mq_send(&mq, b"from B", 0))?;
            turn.report(&sent)
        })?;
        let waiting = other.until_blocked_in(lesson, "mq_receive")?;
        mq_send(&mq, b"for B", 0)?;
        lesson.predict("What does poll report about the queue?", &["0", "POLLIN", "POLLHUP"]);
        let events = ask(&mq, POLLIN)?;
        lesson.claim(
            "poll-reports-nothing-of-a-message-that-a-waiting-receiver-takes",
            events,
            "0".to_string(),
        );
        waiting.resume()?.ok();
        // ANCHOR_END: direct

        lesson.step("The queue is full, and B waits in mq_send; A receives a message, and asks poll");
        mq_send(&mq, b"from A", 0)?;
        let waiting = other.until_blocked_in(lesson, "mq_send")?;
        mq_receive(&mq, &mut [0; 64])?;
        lesson.predict("A has made room for one message. Is there POLLOUT?", &["0", "POLLOUT", "POLLIN"]);
        let events = ask(&mq, POLLOUT)?;
        lesson.claim(
            "poll-reports-no-POLLOUT-for-the-room-that-a-waiting-sender-fills",
            events,
            "0".to_string(),
        );
        waiting.resume()?.ok();
        other.finish()?;
        mq_receive(&mq, &mut [0; 64])?;

        // ANCHOR: both
        lesson.step("C and D wait in poll, and A asks for a notification");
        let mut c = lesson.process("C", |turn| poll_and_receive(lesson, &mq, turn))?;
        let mut d = lesson.process("D", |turn| poll_and_receive(lesson, &mq, turn))?;
        let c_waits = c.until_blocked_in(lesson, "poll")?;
        let d_waits = d.until_blocked_in(lesson, "poll")?;
        mq_notify(&mq, Some(&SigEvent::None))?;

        lesson.step("A sends one message");
        mq_send(&mq, b"for one of you", 0)?;
        let again = mq_notify(&mq, Some(&SigEvent::None));
        lesson.claim("a-process-that-waits-in-poll-does-not-prevent-a-notification", &again, "success");
        again?;
        lesson.claim("a-message-wakes-a-process-that-waits-in-poll", c_waits.resume()?, "success");
        lesson.claim("the-same-message-wakes-every-other-process-in-poll", d_waits.resume()?, "success");
        lesson.claim("poll-of-another-process-leaves-the-message-in-the-queue", c.outcome()?, "success");
        lesson.predict("D was woken, too. What does its mq_receive return?", &["success", "EAGAIN", "EINTR"]);
        lesson.claim("a-woken-process-gets-EAGAIN-if-another-was-faster", d.outcome()?, "EAGAIN");
        c.finish()?;
        d.finish()?;
        // ANCHOR_END: both

        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Asks about one event of a queue, without waiting.
fn ask(mq: &Mqd, event: c_short) -> Result<String> {
    let mut fds = [PollFd::new(mq.as_fd(), event)];
    poll(&mut fds, 0)?;
    Ok(fds[0].revents_text())
}

/// What C and D do. They inherit the descriptor, which has `O_NONBLOCK`.
fn poll_and_receive(lesson: &Lesson, mq: &Mqd, turn: &mut Turn) -> Outcome {
    let woken = turn.blocking_call(lesson, || poll(&mut [PollFd::new(mq.as_fd(), POLLIN)], -1))?;
    turn.report(&woken)?;
    turn.report(&mq_receive(mq, &mut [0; 64]))
}

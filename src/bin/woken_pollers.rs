//! A process that waits in poll does not receive: a message wakes every poller, and one of them gets it.
//!
//!     cargo run --bin woken_pollers
//!
//! Chapter: lessons/35-many-queues-at-once. Manual pages: poll(2), epoll_ctl(2), mq_notify(3).
//! Previous: poll_demo. Next: epoll_edge.

use ipc_workbook::call::Result;
use ipc_workbook::epoll::{EpollEvent, epoll_create1, epoll_ctl, epoll_wait};
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Outcome, Turn};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::poll::{PollFd, poll};
use ipc_workbook::signal::SigEvent;
use libc::{EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLLEXCLUSIVE, EPOLLIN};
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR, POLLIN, POLLOUT};
use std::ffi::c_short;
use std::os::fd::{AsFd, OwnedFd};
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

        // ANCHOR: exclusive
        lesson.step("E and F wait in epoll sets with EPOLLEXCLUSIVE");
        let (of_e, of_f) = (exclusive(&mq)?, exclusive(&mq)?);
        let mut e = lesson.process("E", |turn| {
            let woken = turn.blocking_call(lesson, || epoll_wait(&of_e, &mut [EpollEvent::NONE], -1))?;
            turn.report(&woken)
        })?;
        let mut f = lesson.process("F", |turn| {
            let woken = turn.blocking_call(lesson, || epoll_wait(&of_f, &mut [EpollEvent::NONE], -1))?;
            turn.report(&woken)
        })?;
        let e_waits = e.until_blocked_in(lesson, "epoll_wait")?;
        let f_waits = f.until_blocked_in(lesson, "epoll_wait")?;
        mq_send(&mq, b"for one of you", 0)?;
        lesson.claim("with-EPOLLEXCLUSIVE-a-message-wakes-the-first-epoll-set", e_waits.resume()?, "success");
        let events = epoll_wait(&of_f, &mut [EpollEvent::NONE], 0)?;
        lesson.claim("with-EPOLLEXCLUSIVE-the-second-epoll-set-has-no-event", events, 0);
        e.finish()?;
        mq_receive(&mq, &mut [0; 64])?;
        mq_send(&mq, b"another", 0)?;
        lesson.claim("the-next-message-wakes-the-second-epoll-set", f_waits.resume()?, "success");
        f.finish()?;
        // ANCHOR_END: exclusive
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

/// Makes an epoll set that shares the wake-ups of this queue with other sets.
fn exclusive(mq: &Mqd) -> Result<OwnedFd> {
    let set = epoll_create1(EPOLL_CLOEXEC)?;
    epoll_ctl(&set, EPOLL_CTL_ADD, mq, Some(EpollEvent::new(EPOLLIN | EPOLLEXCLUSIVE, 0)))?;
    Ok(set)
}

//! With EPOLLEXCLUSIVE, a message wakes one of the processes that wait, each in an epoll set of its own.
//!
//!     cargo run --bin epoll_exclusive
//!
//! Chapter: lessons/35-many-queues-at-once. Manual pages: epoll_ctl(2), epoll(7).
//! Previous: epoll_entries. Next: event_loop.

use ipc_workbook::call::Result;
use ipc_workbook::epoll::{EpollEvent, epoll_create1, epoll_ctl, epoll_wait};
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Outcome, Turn};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use libc::{EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLLEXCLUSIVE, EPOLLIN, O_CREAT, O_EXCL, O_RDWR};
use std::os::fd::OwnedFd;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/epoll_exclusive")?;
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 64)))?;
        lesson.look(&mq)?;

        // ANCHOR: exclusive
        lesson.step("B and C wait in two epoll sets, to which the queue was added with EPOLLEXCLUSIVE");
        let (of_b, of_c) = (exclusive(&mq)?, exclusive(&mq)?);
        let mut b = lesson.process("B", |turn| wait_in(lesson, &of_b, turn))?;
        let mut c = lesson.process("C", |turn| wait_in(lesson, &of_c, turn))?;
        let b_waits = b.until_blocked_in(lesson, "epoll_wait")?;
        let c_waits = c.until_blocked_in(lesson, "epoll_wait")?;

        lesson.step("A sends one message");
        mq_send(&mq, b"for one of you", 0)?;
        lesson.claim("with-EPOLLEXCLUSIVE-a-message-wakes-the-first-epoll-set", b_waits.resume()?, "success");
        lesson.predict("B was woken. How many events does C's set have?", &["0", "1", "2"]);
        let events = epoll_wait(&of_c, &mut [EpollEvent::NONE], 0)?;
        lesson.claim("with-EPOLLEXCLUSIVE-the-second-epoll-set-has-no-event", events, 0);
        b.finish()?;

        lesson.step("A receives the message itself, and sends the next one");
        mq_receive(&mq, &mut [0; 64])?;
        mq_send(&mq, b"another", 0)?;
        lesson.claim("the-next-message-wakes-the-second-epoll-set", c_waits.resume()?, "success");
        c.finish()?;
        // ANCHOR_END: exclusive
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Makes an epoll set that shares the wake-ups of this queue with other sets.
fn exclusive(mq: &Mqd) -> Result<OwnedFd> {
    let set = epoll_create1(EPOLL_CLOEXEC)?;
    epoll_ctl(&set, EPOLL_CTL_ADD, mq, Some(EpollEvent::new(EPOLLIN | EPOLLEXCLUSIVE, 0)))?;
    Ok(set)
}

/// What B and C do.
fn wait_in(lesson: &Lesson, set: &OwnedFd, turn: &mut Turn) -> Outcome {
    let woken = turn.blocking_call(lesson, || epoll_wait(set, &mut [EpollEvent::NONE], -1))?;
    turn.report(&woken)
}

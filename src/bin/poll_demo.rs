//! poll tells for several queues at once which of them can be received from and which can be sent to.
//!
//!     cargo run --bin poll_demo
//!
//! Chapter: lessons/35-many-queues-at-once. Manual pages: poll(2), select(2), mq_overview(7).
//! Next: poll_hangup.

use ipc_workbook::call::Result;
use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::poll::{PollFd, poll};
use ipc_workbook::select::{FdSet, select};
use libc::{O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY, POLLIN, POLLOUT, POLLPRI};
use std::os::fd::AsFd;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/poll_demo")?;

        // ANCHOR: states
        lesson.step("Ask poll about a queue with room for two messages");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
        lesson.look(&mq)?;
        lesson.predict("The queue is empty. What does poll report?", &["0", "POLLOUT", "POLLIN|POLLOUT"]);
        lesson.claim("an-empty-queue-has-POLLOUT-only", events(&mq)?, "POLLOUT".to_string());
        mq_send(&mq, b"urgent", 32767)?;
        lesson.claim(
            "a-queue-with-a-message-and-room-has-both-events",
            events(&mq)?,
            "POLLIN|POLLOUT".to_string(),
        );
        mq_send(&mq, b"patient", 0)?;
        lesson.predict("Now it is full. What does poll report?", &["POLLIN", "POLLOUT", "POLLERR"]);
        lesson.claim("a-full-queue-has-POLLIN-only", events(&mq)?, "POLLIN".to_string());
        // ANCHOR_END: states
        let mut urgent = [PollFd::new(mq.as_fd(), POLLIN | POLLPRI)];
        poll(&mut urgent, 0)?;
        let seen = urgent[0].revents_text();
        lesson.claim("a-message-of-the-highest-priority-is-not-POLLPRI", seen, "POLLIN".to_string());

        lesson.step("Ask through descriptors that can only send or only receive");
        let writer = mq_open(&name, O_WRONLY, 0, None)?;
        lesson.predict("The queue is full. What does poll report to a sender?", &["0", "POLLIN", "POLLERR"]);
        lesson.claim(
            "poll-reports-POLLIN-for-a-descriptor-that-cannot-receive",
            events(&writer)?,
            "POLLIN".to_string(),
        );
        let reader = mq_open(&name, O_RDONLY, 0, None)?;
        mq_receive(&mq, &mut [0; 64])?;
        mq_receive(&mq, &mut [0; 64])?;
        lesson.claim(
            "poll-reports-POLLOUT-for-a-descriptor-that-cannot-send",
            events(&reader)?,
            "POLLOUT".to_string(),
        );

        // ANCHOR: several
        lesson.step("Create a second queue, and wait for both in one call");
        mq_unlink(&name)?; // the descriptor is enough, and the second queue can have the name
        let second = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
        let mut fds = [PollFd::new(mq.as_fd(), POLLIN), PollFd::new(second.as_fd(), POLLIN)];
        lesson.claim("poll-returns-0-if-its-time-ends-before-a-message-arrives", poll(&mut fds, 10)?, 0);
        mq_send(&second, b"for the second", 0)?;
        lesson.claim("poll-returns-the-number-of-queues-with-events", poll(&mut fds, -1)?, 1);
        let each = format!("{}, {}", fds[0].revents_text(), fds[1].revents_text());
        lesson.claim("revents-tells-which-queue-has-a-message", each, "0, POLLIN".to_string());
        let mut set = FdSet::new();
        set.insert(mq.as_fd());
        set.insert(second.as_fd());
        select(Some(&mut set), None, None, None)?;
        let left = set.contains(second.as_fd()) && !set.contains(mq.as_fd());
        lesson.claim("select-leaves-only-the-queue-with-a-message-in-its-set", left, true);
        // ANCHOR_END: several
        mq_close(mq)?;
        mq_close(second)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Asks for all that a queue can report, without waiting.
fn events(mq: &Mqd) -> Result<String> {
    let mut fds = [PollFd::new(mq.as_fd(), POLLIN | POLLOUT)];
    poll(&mut fds, 0)?;
    Ok(fds[0].revents_text())
}

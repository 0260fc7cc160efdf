//! A queue has no end that hangs up: poll reports neither mq_unlink nor the last close by a sender.
//!
//!     cargo run --bin poll_hangup
//!
//! Chapter: lessons/35-many-queues-at-once. Manual pages: poll(2), mq_overview(7), pipe(7).
//! Previous: poll_demo. Next: woken_pollers.

use ipc_workbook::call::Result;
use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::poll::{PollFd, poll};
use ipc_workbook::unistd::{close, pipe};
use libc::{O_CREAT, O_EXCL, O_RDONLY, O_WRONLY, POLLIN, POLLOUT};
use std::os::fd::{AsFd, AsRawFd};
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/poll_hangup")?;

        lesson.step("The last writer of a pipe closes it");
        let (reading, writing) = pipe()?;
        close(writing)?;
        lesson.claim(
            "poll-reports-POLLHUP-for-a-pipe-without-a-writer",
            events(&reading)?,
            "POLLHUP".to_string(),
        );

        // ANCHOR: gone
        lesson.step("A queue has one sender and one receiver");
        let sender = mq_open(&name, O_CREAT | O_EXCL | O_WRONLY, 0o600, Some(&MqAttr::new(2, 64)))?;
        let receiver = mq_open(&name, O_RDONLY, 0, None)?;
        lesson.look(&receiver)?;

        lesson.step("The name of the queue is removed");
        mq_unlink(&name)?;
        lesson.predict(
            "The queue has no name any more. What does poll report?",
            &["POLLOUT", "POLLHUP", "POLLNVAL"],
        );
        lesson.claim("mq_unlink-is-no-event-for-poll", events(&receiver)?, "POLLOUT".to_string());
        mq_send(&sender, b"still here", 0)?;
        lesson.claim(
            "an-unlinked-queue-still-becomes-readable",
            events(&receiver)?,
            "POLLIN|POLLOUT".to_string(),
        );

        lesson.step("The last sender closes the queue");
        mq_receive(&receiver, &mut [0; 64])?;
        mq_close(sender)?;
        lesson.predict("Nobody can send any more. What does poll report?", &["POLLOUT", "POLLHUP", "0"]);
        lesson.claim(
            "poll-reports-no-POLLHUP-when-the-last-sender-closes-the-queue",
            events(&receiver)?,
            "POLLOUT".to_string(),
        );
        // ANCHOR_END: gone

        lesson.step("The receiver closes the queue, and asks about the number of its descriptor");
        let number = receiver.as_raw_fd();
        mq_close(receiver)?;
        let mut closed = [PollFd::of_number(number, POLLIN)];
        poll(&mut closed, 0)?;
        lesson.claim(
            "poll-reports-POLLNVAL-for-a-closed-queue",
            closed[0].revents_text(),
            "POLLNVAL".to_string(),
        );
        Ok(())
    })
}

/// Asks for both events, without waiting. `POLLHUP` is reported to everybody, asked or not.
fn events(fd: &impl AsFd) -> Result<String> {
    let mut fds = [PollFd::new(fd.as_fd(), POLLIN | POLLOUT)];
    poll(&mut fds, 0)?;
    Ok(fds[0].revents_text())
}

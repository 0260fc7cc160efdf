//! poll waits for a message on CLOCK_MONOTONIC, which nobody can set, but it does not receive the message.
//!
//!     cargo run --bin monotonic_wait
//!
//! Chapter: lessons/33-timeouts. Manual pages: poll(2), mq_overview(7), signal(7).
//! Previous: time_namespace. Next: timer_wait.

use ipc_workbook::lesson;
use ipc_workbook::lesson::number;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::poll::{PollFd, poll};
use ipc_workbook::signal::{kill, sigaction};
use ipc_workbook::time::clock_gettime;
use libc::{CLOCK_MONOTONIC, O_CREAT, O_EXCL, O_RDWR, POLLIN};
use nix::sys::signal::SaFlags;
use nix::sys::signal::Signal::SIGUSR1;
use nix::sys::time::TimeSpec;
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/monotonic_wait")?;

        lesson.step("poll an empty queue for 40 milliseconds");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 16)))?;
        lesson.look(&mq)?;
        let begin = clock_gettime(CLOCK_MONOTONIC)?;
        let ready = poll(&mut [PollFd::new(mq.as_fd(), POLLIN)], 40);
        let passed = clock_gettime(CLOCK_MONOTONIC)? - begin;
        lesson.claim("poll-of-an-empty-queue-returns-0-when-its-time-is-over", number(ready), "0");
        let all = passed >= TimeSpec::from(Duration::from_millis(40));
        lesson.claim("poll-does-not-give-up-before-its-time-on-CLOCK_MONOTONIC", ready == Ok(0) && all, true);

        // ANCHOR: gone
        lesson.step("B waits in poll; A sends a message, and takes it before B does");
        let mut b = lesson.process("B", |turn| {
            let mut fds = [PollFd::new(mq.as_fd(), POLLIN)];
            let ready = turn.blocking_call(lesson, || poll(&mut fds, -1))?;
            turn.report(&ready)?;
            // A date that has passed: receive only if a message is there.
            turn.report(&mq_timedreceive(&mq, &mut [0; 16], &TimeSpec::new(0, 0)))
        })?;
        let waiting = b.until_blocked_in(lesson, "poll")?;
        mq_send(&mq, b"for anybody", 0)?;
        lesson.claim("a-message-ends-poll", waiting.resume()?, "success");
        mq_receive(&mq, &mut [0; 16])?;
        lesson.predict(
            "poll has told B that the queue is readable. What does mq_timedreceive with the date {0, 0} return?",
            &["success", "EINVAL", "ETIMEDOUT"],
        );
        lesson.claim("a-message-can-be-gone-after-poll", b.outcome()?, "ETIMEDOUT");
        // ANCHOR_END: gone
        b.finish()?;

        lesson.step("C has a handler with SA_RESTART, and waits in poll; A sends the signal");
        let mut c = lesson.process("C", |turn| {
            sigaction(SIGUSR1, SaFlags::SA_RESTART)?;
            let mut fds = [PollFd::new(mq.as_fd(), POLLIN)];
            let waited = turn.blocking_call(lesson, || poll(&mut fds, -1))?;
            turn.report(&waited)
        })?;
        let waiting = c.until_blocked_in(lesson, "poll")?;
        kill(waiting.pid(), SIGUSR1)?;
        lesson.claim("a-handler-ends-poll-even-with-SA_RESTART", waiting.interrupted()?, "EINTR");
        c.finish()?;
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

//! poll and a timerfd wait on CLOCK_MONOTONIC, which nobody can set; no namespace moves CLOCK_REALTIME.
//!
//!     cargo run --bin monotonic_wait
//!
//! Chapter: lessons/33-timeouts. Manual pages: poll(2), timerfd_create(2), time_namespaces(7).
//! Previous: realtime_step.

use ipc_workbook::call::{Errno, Result as CallResult};
use ipc_workbook::fcntl::open;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Seen, number, outcome};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen, text_of};
use ipc_workbook::poll::{PollFd, poll};
use ipc_workbook::sched::{setns, unshare};
use ipc_workbook::signal::{kill, sigaction};
use ipc_workbook::time::clock_gettime;
use ipc_workbook::timerfd::{ItimerSpec, timerfd_create, timerfd_settime};
use ipc_workbook::unistd::{read, write};
use libc::{
    CLOCK_MONOTONIC, CLOCK_REALTIME, CLONE_NEWTIME, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY, POLLIN,
};
use nix::errno::Errno::{EINTR, EINVAL};
use nix::sys::signal::SaFlags;
use nix::sys::signal::Signal::SIGUSR1;
use nix::sys::time::TimeSpec;
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::time::Duration;

const ZERO: TimeSpec = TimeSpec::new(0, 0);
const DAY: TimeSpec = TimeSpec::new(86400, 0);

/// The claims about a time namespace, which not every machine permits.
const APART: [&str; 4] = [
    "a-time-namespace-has-offsets-for-CLOCK_MONOTONIC-and-CLOCK_BOOTTIME",
    "a-time-namespace-refuses-an-offset-for-CLOCK_REALTIME",
    "in-a-time-namespace-CLOCK_MONOTONIC-can-be-a-day-ahead",
    "a-time-namespace-does-not-move-the-date-of-mq_timedreceive",
];

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

        lesson.step("B waits in poll; A sends a message, and takes it before B does");
        let mut b = lesson.process("B", |turn| {
            let mut fds = [PollFd::new(mq.as_fd(), POLLIN)];
            let ready = turn.blocking_call(lesson, || poll(&mut fds, -1))?;
            turn.report(&ready)?;
            // A date that has passed: receive only if a message is there.
            turn.report(&mq_timedreceive(&mq, &mut [0; 16], &ZERO))
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
        b.finish()?;

        // ANCHOR: timer
        lesson.step("One timer for several messages");
        let timer = timerfd_create(CLOCK_MONOTONIC, 0)?;
        let it_value = TimeSpec::from(Duration::from_millis(40));
        timerfd_settime(&timer, 0, &ItimerSpec { it_interval: ZERO, it_value })?;
        let wait = |timeout| -> CallResult<(bool, bool)> {
            let mut fds = [PollFd::new(mq.as_fd(), POLLIN), PollFd::new(timer.as_fd(), POLLIN)];
            poll(&mut fds, timeout)?;
            Ok((fds[0].revents() & POLLIN != 0, fds[1].revents() & POLLIN != 0))
        };
        mq_send(&mq, b"not this one", 0)?;
        let (message, _) = wait(-1)?;
        lesson.claim("poll-with-a-timer-reports-a-message", message, true);
        mq_receive(&mq, &mut [0; 16])?;
        let (message, expired) = wait(-1)?;
        lesson.claim("a-timer-ends-a-poll-of-an-empty-queue", expired && !message, true);
        let (_, expired) = wait(0)?;
        lesson.claim("a-timer-that-has-expired-stays-readable", expired, true);
        let mut expirations = [0; 8];
        read(&timer, &mut expirations)?;
        lesson.claim("read-returns-how-often-the-timer-has-expired", u64::from_ne_bytes(expirations), 1);
        let (_, expired) = wait(0)?;
        lesson.claim("after-read-the-timer-is-not-readable", expired, false);
        // ANCHOR_END: timer

        lesson.step("C has a handler with SA_RESTART, and waits in poll");
        let mut c = lesson.process("C", |turn| {
            sigaction(SIGUSR1, SaFlags::SA_RESTART)?;
            let mut fds = [PollFd::new(mq.as_fd(), POLLIN)];
            let waited = turn.blocking_call(lesson, || poll(&mut fds, -1))?;
            turn.report(&waited)
        })?;
        c.start()?;
        let seen = c.wait_until_blocked_in(lesson, "poll");
        kill(c.pid(), SIGUSR1)?;
        let waited = c.resume()?;
        let waited = if waited == Err(EINTR) { Ok("EINTR".to_string()) } else { outcome(&waited) };
        lesson.claim("a-handler-ends-poll-even-with-SA_RESTART", seen.and(waited), "EINTR");
        c.finish()?;

        // ANCHOR: apart
        lesson.step("D enters a time namespace in which CLOCK_MONOTONIC is a day ahead");
        let hour = clock_gettime(CLOCK_REALTIME)? + TimeSpec::new(3600, 0);
        let mut d = lesson.process("D", |turn| {
            let before = clock_gettime(CLOCK_MONOTONIC)?;
            let entered = new_time_namespace(lesson);
            turn.answer(&entered)?;
            if entered.is_err() {
                return Ok(());
            }
            lesson.claim(APART[0], clocks(), "monotonic boottime");
            lesson.claim(APART[1], set_offset(b"realtime 86400 0"), EINVAL);
            set_offset(b"monotonic 86400 0")?;
            setns(open(c"/proc/self/ns/time_for_children", O_RDONLY, 0)?, CLONE_NEWTIME)?;
            let ahead = clock_gettime(CLOCK_MONOTONIC)? - before >= DAY;
            lesson.claim(APART[2], ahead, true);
            let waited = turn.blocking_call(lesson, || mq_timedreceive(&mq, &mut [0; 16], &hour))?;
            turn.report(&waited)
        })?;
        if let Err(unseen) = d.answer()? {
            lesson.not_seen(&APART, &unseen)?;
        } else {
            let waiting = d.until_blocked_in(lesson, "mq_timedreceive")?;
            mq_send(&mq, b"for D", 0)?;
            lesson.claim(APART[3], waiting.resume()?, "success");
        }
        d.finish()?;
        // ANCHOR_END: apart
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Makes a time namespace, whose clocks can be moved until a process is in it.
fn new_time_namespace(lesson: &Lesson) -> Seen {
    lesson.rule_apart()?;
    let unseen = |errno: Errno| Unseen(format!("no time namespace can be made here: unshare: {errno:?}"));
    unshare(CLONE_NEWTIME).map(|()| String::new()).map_err(unseen)
}

fn set_offset(offset: &[u8]) -> CallResult<usize> {
    write(open(c"/proc/self/timens_offsets", O_WRONLY, 0)?, offset)
}

/// Returns the names of the clocks that have an offset in a time namespace.
fn clocks() -> Seen {
    let file = "/proc/self/timens_offsets";
    let text = text_of(file).map_err(|error| Unseen(format!("{file}: {error}")))?;
    let names: Vec<&str> = text.lines().filter_map(|line| line.split_whitespace().next()).collect();
    Ok(names.join(" "))
}

//! A stopped process does not wait in its call: the call is made again when the process continues.
//!
//!     cargo run --bin stopped_wait
//!
//! Chapter: lessons/33-timeouts. Manual pages: signal(7), mq_receive(3).
//! Previous: interrupted_wait. Next: realtime_step.

use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Outcome, Process};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen, wait_until_stopped};
use ipc_workbook::signal::kill;
use ipc_workbook::time::{clock_gettime, clock_nanosleep};
use libc::{CLOCK_REALTIME, O_CREAT, O_EXCL, O_RDWR};
use nix::sys::signal::Signal::{SIGCONT, SIGSTOP};
use nix::sys::time::TimeSpec;
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/stopped_wait")?;
        lesson.step("B waits for a moment; A stops it until the moment has passed");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 16)))?;
        lesson.look(&mq)?;
        let soon = clock_gettime(CLOCK_REALTIME)? + TimeSpec::from(Duration::from_millis(300));
        let mut b = waits_until(lesson, "B", &mq, soon)?;
        let waiting = b.until_blocked_in(lesson, "mq_timedreceive")?;
        let pid = waiting.pid();
        kill(pid, SIGSTOP)?;
        let stopped = stopped_before(pid, &soon)?;
        clock_nanosleep(CLOCK_REALTIME, &soon)?;
        kill(pid, SIGCONT)?;
        lesson.claim("a-stopped-process-misses-its-date", stopped.and(waiting.resume()?), "ETIMEDOUT");
        b.finish()?;

        // ANCHOR: late
        lesson.step("The same for C; but a message arrives after its date, while it is stopped");
        let soon = clock_gettime(CLOCK_REALTIME)? + TimeSpec::from(Duration::from_millis(300));
        let mut c = waits_until(lesson, "C", &mq, soon)?;
        let waiting = c.until_blocked_in(lesson, "mq_timedreceive")?;
        let pid = waiting.pid();
        kill(pid, SIGSTOP)?;
        let stopped = stopped_before(pid, &soon)?;
        clock_nanosleep(CLOCK_REALTIME, &soon)?;
        mq_send(&mq, b"too late?", 0)?;
        let left = stopped.clone().and(Ok(mq_getattr(&mq)?.mq_curmsgs));
        lesson.claim("a-stopped-process-does-not-take-the-message-that-it-waited-for", left, 1);
        lesson.predict(
            "A lets C go on. What does its mq_timedreceive return?",
            &["success", "ETIMEDOUT", "EINTR"],
        );
        kill(pid, SIGCONT)?;
        let waited = stopped.and(waiting.resume()?);
        lesson.claim("a-stopped-process-still-receives-a-message-from-after-its-date", waited, "success");
        // ANCHOR_END: late
        c.finish()?;
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Forks a process that waits for a message until `date`.
fn waits_until(lesson: &Lesson, label: &str, mq: &Mqd, date: TimeSpec) -> Outcome<Process> {
    lesson.process(label, |turn| {
        let waited = turn.blocking_call(lesson, || mq_timedreceive(mq, &mut [0; 16], &date))?;
        turn.report(&waited)
    })
}

/// Waits until the process is stopped, and returns whether this was before `date`.
fn stopped_before(pid: i32, date: &TimeSpec) -> Outcome<Result<(), Unseen>> {
    let stopped = wait_until_stopped(pid);
    let in_time = clock_gettime(CLOCK_REALTIME)? < *date;
    let in_time = if in_time { Ok(()) } else { Err(Unseen("this machine was too slow".into())) };
    Ok(stopped.and(in_time))
}

//! A signal interrupts a wait with a timeout, but it never moves the date at which the wait ends.
//!
//!     cargo run --bin interrupted_wait
//!
//! Chapter: lessons/33-timeouts. Manual pages: signal(7), mq_receive(3).
//! Previous: deadline_not_duration. Next: realtime_step.

use ipc_workbook::call::Result as CallResult;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Outcome, Process, outcome};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen, memory_of, stat_field, text_of};
use ipc_workbook::signal::{kill, sigaction};
use ipc_workbook::time::{clock_gettime, clock_nanosleep};
use libc::{CLOCK_REALTIME, O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno::EINTR;
use nix::sys::signal::SaFlags;
use nix::sys::signal::Signal::{SIGCONT, SIGSTOP, SIGUSR1};
use nix::sys::time::TimeSpec;
use std::process::ExitCode;
use std::time::Duration;

/// A date in the year 2096.
const FAR: TimeSpec = TimeSpec::new(4_000_000_000, 0);

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/interrupted_wait")?;
        lesson.step("Create a queue");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 16)))?;
        lesson.look(&mq)?;

        lesson.step("B has a handler without SA_RESTART, and waits until 2096; A sends the signal");
        let mut b = lesson.process("B", |turn| {
            sigaction(SIGUSR1, SaFlags::empty())?;
            let interrupted = turn.blocking_call(lesson, || mq_timedreceive(&mq, &mut [0; 16], &FAR))?;
            turn.report(&interrupted)?;
            let full = turn.blocking_call(lesson, || mq_timedsend(&mq, b"third", 0, &FAR))?;
            turn.report(&full)
        })?;
        b.start()?;
        let seen = b.wait_until_blocked_in(lesson, "mq_timedreceive");
        kill(b.pid(), SIGUSR1)?;
        let interrupted = b.resume()?;
        lesson.claim(
            "a-handler-ends-mq_timedreceive-with-EINTR",
            seen_then(seen, interrupted),
            "EINTR".to_string(),
        );
        mq_send(&mq, b"one", 0)?;
        mq_send(&mq, b"two", 0)?;
        b.start()?;
        let seen = b.wait_until_blocked_in(lesson, "mq_timedsend");
        kill(b.pid(), SIGUSR1)?;
        let interrupted = b.resume()?;
        lesson.claim(
            "a-handler-ends-mq_timedsend-with-EINTR",
            seen_then(seen, interrupted),
            "EINTR".to_string(),
        );
        let left = mq_getattr(&mq)?.mq_curmsgs;
        lesson.claim("an-interrupted-mq_timedsend-leaves-no-message", left, 2);
        b.finish()?;
        mq_receive(&mq, &mut [0; 16])?;
        mq_receive(&mq, &mut [0; 16])?;

        // ANCHOR: restart
        lesson.step("C has a handler with SA_RESTART, and waits until 2096; A sends the signal");
        let mut c = lesson.process("C", |turn| {
            sigaction(SIGUSR1, SaFlags::SA_RESTART)?;
            let waited = turn.blocking_call(lesson, || mq_timedreceive(&mq, &mut [0; 16], &FAR))?;
            turn.report(&waited)
        })?;
        c.start()?;
        let seen = c.wait_until_blocked_in(lesson, "mq_timedreceive");
        kill(c.pid(), SIGUSR1)?;
        let again = seen
            .and_then(|()| taken(c.pid()))
            .and_then(|()| c.wait_until_blocked_in(lesson, "mq_timedreceive"));
        lesson.predict(
            "What is tv_sec of the timeout with which the call waits now?",
            &["0", "3", "4000000000"],
        );
        lesson.claim(
            "with-SA_RESTART-the-call-waits-again-until-the-same-date",
            again.and_then(|()| timeout_of(c.pid())),
            FAR.tv_sec(),
        );
        mq_send(&mq, b"for C", 0)?;
        let waited = outcome(&c.resume()?);
        lesson.claim("with-SA_RESTART-a-wait-goes-on-after-the-handler", waited, "success");
        // ANCHOR_END: restart
        c.finish()?;

        lesson.step("D waits for a moment; A stops it until the moment has passed");
        let soon = clock_gettime(CLOCK_REALTIME)? + TimeSpec::from(Duration::from_millis(120));
        let mut d = lesson.process("D", |turn| {
            let waited = turn.blocking_call(lesson, || mq_timedreceive(&mq, &mut [0; 16], &soon))?;
            turn.report(&waited)
        })?;
        let stopped = stopped_before(lesson, &mut d, &soon)?;
        clock_nanosleep(CLOCK_REALTIME, &soon)?;
        kill(d.pid(), SIGCONT)?;
        let waited = outcome(&d.resume()?);
        lesson.claim("a-stopped-process-misses-its-date", stopped.and(waited), "ETIMEDOUT".to_string());
        d.finish()?;

        // ANCHOR: late
        lesson.step("The same for E; but a message arrives after its date, while it is stopped");
        let soon = clock_gettime(CLOCK_REALTIME)? + TimeSpec::from(Duration::from_millis(120));
        let mut e = lesson.process("E", |turn| {
            let waited = turn.blocking_call(lesson, || mq_timedreceive(&mq, &mut [0; 16], &soon))?;
            turn.report(&waited)
        })?;
        let stopped = stopped_before(lesson, &mut e, &soon)?;
        clock_nanosleep(CLOCK_REALTIME, &soon)?;
        mq_send(&mq, b"too late?", 0)?;
        let waiting = stopped.clone().and(Ok(mq_getattr(&mq)?.mq_curmsgs));
        lesson.claim("a-stopped-process-does-not-take-the-message-that-it-waited-for", waiting, 1);
        lesson.predict(
            "A lets E go on. What does its mq_timedreceive return?",
            &["success", "ETIMEDOUT", "EINTR"],
        );
        kill(e.pid(), SIGCONT)?;
        let waited = outcome(&e.resume()?);
        lesson.claim(
            "a-stopped-process-still-receives-a-message-from-after-its-date",
            stopped.and(waited),
            "success",
        );
        // ANCHOR_END: late
        e.finish()?;
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Lets the process wait in `mq_timedreceive`, and stops it before `date`.
fn stopped_before(lesson: &Lesson, process: &mut Process, date: &TimeSpec) -> Outcome<Result<(), Unseen>> {
    process.start()?;
    let seen = process.wait_until_blocked_in(lesson, "mq_timedreceive");
    kill(process.pid(), SIGSTOP)?;
    let stopped = until("it did not stop", || stat_field(process.pid(), 3).as_deref() == Some("T"));
    let in_time = clock_gettime(CLOCK_REALTIME)? < *date;
    let in_time = if in_time { Ok(()) } else { Err(Unseen("this machine was too slow".into())) };
    Ok(seen.and(stopped).and(in_time))
}

/// Waits until the process has taken the signals that were sent to it.
fn taken(pid: i32) -> Result<(), Unseen> {
    let none = |line: &&str| line.starts_with("ShdPnd:") && line.ends_with("0000000000000000");
    until("it did not take the signal", || {
        text_of(format!("/proc/{pid}/status")).is_ok_and(|status| status.lines().any(|line| none(&line)))
    })
}

/// Looks again and again until `is_so`, for a second at most.
fn until(why_not: &str, is_so: impl Fn() -> bool) -> Result<(), Unseen> {
    for _ in 0..1000 {
        if is_so() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Err(Unseen(format!("{why_not} within a second")))
}

/// Reads the timeout of the call in which the process waits: /proc/PID/syscall shows its address as the
/// fifth argument.
fn timeout_of(pid: i32) -> Result<i64, Unseen> {
    let call = text_of(format!("/proc/{pid}/syscall")).unwrap_or_default();
    let address = call.split(' ').nth(5).and_then(|address| address.strip_prefix("0x"));
    let address = address.and_then(|address| u64::from_str_radix(address, 16).ok());
    let mut tv_sec = [0; 8];
    match address.map(|address| memory_of(pid, address, &mut tv_sec)) {
        Some(8) => Ok(i64::from_ne_bytes(tv_sec)),
        _ => Err(Unseen(format!("/proc/{pid}/mem shows no timeout"))),
    }
}

/// Returns the outcome of a call that was interrupted. EINTR decides something here.
fn seen_then(seen: Result<(), Unseen>, waited: CallResult<()>) -> Result<String, Unseen> {
    seen.and_then(|()| if waited == Err(EINTR) { Ok("EINTR".into()) } else { outcome(&waited) })
}

//! Setting CLOCK_REALTIME moves the end of a wait for a message, but not the end of poll.
//!
//!     cargo run --bin realtime_step
//!
//! Chapter: lessons/33-timeouts. Manual pages: clock_settime(2), mq_receive(3), poll(2).
//! Previous: stopped_wait. Next: time_namespace.

use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Outcome, Process, may_set_the_clock};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::poll::{PollFd, poll};
use ipc_workbook::time::{clock_gettime, clock_nanosleep, clock_settime};
use libc::{CLOCK_MONOTONIC, CLOCK_REALTIME, O_CREAT, O_EXCL, O_RDWR, POLLIN};
use nix::errno::Errno::ETIMEDOUT;
use nix::sys::time::TimeSpec;
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::time::Duration;

const HOUR: TimeSpec = TimeSpec::new(3600, 0);

/// The claims that need a clock which this lesson may set.
const CLAIMS: [&str; 3] = [
    "setting-the-clock-past-the-date-ends-the-wait",
    "setting-the-clock-back-makes-a-wait-longer",
    "setting-the-clock-does-not-end-poll",
];

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/realtime_step")?;
        lesson.step("Create a queue, and try what no process can set");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 32)))?;
        lesson.look(&mq)?;
        // EINVAL; in a container it can be EPERM, because its filter of system calls knows the call.
        let refused = clock_settime(CLOCK_MONOTONIC, &HOUR).is_err();
        lesson.claim("nobody-can-set-CLOCK_MONOTONIC", refused, true);

        lesson.step("May this lesson set the clock of this machine?");
        if let Err(unseen) = may_set_the_clock() {
            lesson.not_seen(&CLAIMS, &unseen)?;
            mq_close(mq)?;
            return Ok(mq_unlink(&name)?);
        }

        // ANCHOR: forward
        lesson.step("B waits for an hour; A sets the clock two hours forward");
        let hour = clock_gettime(CLOCK_REALTIME)? + HOUR;
        let mut b = waits_until(lesson, "B", &mq, hour)?;
        let waiting = b.until_blocked_in(lesson, "mq_timedreceive")?;
        step_clock(2)?;
        lesson.claim(CLAIMS[0], waiting.resume()?, "ETIMEDOUT");
        // ANCHOR_END: forward
        b.finish()?;

        // ANCHOR: back
        lesson.step("C waits for 100 milliseconds; A sets the clock an hour back");
        let soon = clock_gettime(CLOCK_REALTIME)? + TimeSpec::from(Duration::from_millis(100));
        let mut c = waits_until(lesson, "C", &mq, soon)?;
        let waiting = c.until_blocked_in(lesson, "mq_timedreceive")?;
        step_clock(-1)?;
        sleep(200)?;
        mq_send(&mq, b"late, but not too late", 0)?;
        lesson.claim(CLAIMS[1], waiting.resume()?, "success");
        // ANCHOR_END: back
        c.finish()?;

        lesson.step("D waits in poll for ten seconds; A sets the clock two hours forward");
        let mut d = lesson.process("D", |turn| {
            let mut fds = [PollFd::new(mq.as_fd(), POLLIN)];
            let ready = turn.blocking_call(lesson, || poll(&mut fds, 10_000))?;
            turn.report(&ready.and_then(|ready| if ready == 0 { Err(ETIMEDOUT) } else { Ok(()) }))
        })?;
        let waiting = d.until_blocked_in(lesson, "poll")?;
        step_clock(2)?;
        sleep(50)?;
        mq_send(&mq, b"for D", 0)?;
        lesson.claim(CLAIMS[2], waiting.resume()?, "success");
        d.finish()?;

        lesson.step("Set the clock back to what it was");
        step_clock(-3)?;
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Sets the clock so many hours forward, or back if `hours` is negative.
fn step_clock(hours: i32) -> Outcome {
    Ok(clock_settime(CLOCK_REALTIME, &(clock_gettime(CLOCK_REALTIME)? + HOUR * hours))?)
}

/// Forks a process that waits for a message until `date`.
fn waits_until(lesson: &Lesson, label: &str, mq: &Mqd, date: TimeSpec) -> Outcome<Process> {
    lesson.process(label, |turn| {
        let waited = turn.blocking_call(lesson, || mq_timedreceive(mq, &mut [0; 32], &date))?;
        turn.report(&waited)
    })
}

/// Sleeps by the clock that nobody can set.
fn sleep(milliseconds: u64) -> Outcome {
    let until = clock_gettime(CLOCK_MONOTONIC)? + TimeSpec::from(Duration::from_millis(milliseconds));
    Ok(clock_nanosleep(CLOCK_MONOTONIC, &until)?)
}

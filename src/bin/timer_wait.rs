//! One timer limits several waits, and a step of the clock moves its end only if it was set to a date.
//!
//!     cargo run --bin timer_wait
//!
//! Chapter: lessons/33-timeouts. Manual pages: timerfd_create(2), poll(2), clock_settime(2).
//! Previous: monotonic_wait.

use ipc_workbook::call::Result as CallResult;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Outcome, may_set_the_clock};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::poll::{PollFd, poll};
use ipc_workbook::time::{clock_gettime, clock_settime};
use ipc_workbook::timerfd::{ItimerSpec, timerfd_create, timerfd_settime};
use ipc_workbook::unistd::read;
use libc::{
    CLOCK_MONOTONIC, CLOCK_REALTIME, O_CREAT, O_EXCL, O_RDWR, POLLIN, TFD_TIMER_ABSTIME,
    TFD_TIMER_CANCEL_ON_SET,
};
use nix::errno::Errno::ECANCELED;
use nix::sys::time::TimeSpec;
use std::os::fd::{AsFd, OwnedFd};
use std::process::ExitCode;
use std::time::Duration;

const HOUR: TimeSpec = TimeSpec::new(3600, 0);

/// The claims that need a clock which this lesson may set.
const CLAIMS: [&str; 3] = [
    "setting-the-clock-does-not-move-a-timer-for-a-duration",
    "setting-the-clock-past-its-date-makes-a-timer-of-CLOCK_REALTIME-expire",
    "a-timer-with-TFD_TIMER_CANCEL_ON_SET-tells-that-the-clock-was-set",
];

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/timer_wait")?;
        lesson.step("Create a queue");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 16)))?;
        lesson.look(&mq)?;

        // ANCHOR: timer
        lesson.step("One timer for several messages");
        let timer = start(CLOCK_MONOTONIC, 0, TimeSpec::from(Duration::from_millis(40)))?;
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
        mq_close(mq)?;
        mq_unlink(&name)?;

        // ANCHOR: realtime
        lesson.step("Three timers of CLOCK_REALTIME, and a clock that is set two hours forward");
        if let Err(unseen) = may_set_the_clock() {
            return lesson.not_seen(&CLAIMS, &unseen);
        }
        let now = clock_gettime(CLOCK_REALTIME)?;
        let for_an_hour = start(CLOCK_REALTIME, 0, HOUR)?;
        let until_then = start(CLOCK_REALTIME, TFD_TIMER_ABSTIME, now + HOUR)?;
        let tells = start(CLOCK_REALTIME, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, now + HOUR * 3)?;
        clock_settime(CLOCK_REALTIME, &(now + HOUR * 2))?;
        lesson.claim(CLAIMS[0], is_readable(&for_an_hour)?, false);
        lesson.claim(CLAIMS[1], is_readable(&until_then)?, true);
        lesson.claim(CLAIMS[2], read(&tells, &mut [0; 8]), ECANCELED);
        // ANCHOR_END: realtime

        lesson.step("Set the clock back to what it was");
        Ok(clock_settime(CLOCK_REALTIME, &now)?)
    })
}

/// Makes a timer, and starts it. It expires once.
fn start(clock: i32, flags: i32, it_value: TimeSpec) -> Outcome<OwnedFd> {
    let timer = timerfd_create(clock, 0)?;
    timerfd_settime(&timer, flags, &ItimerSpec { it_interval: TimeSpec::new(0, 0), it_value })?;
    Ok(timer)
}

fn is_readable(timer: &OwnedFd) -> Outcome<bool> {
    Ok(poll(&mut [PollFd::new(timer.as_fd(), POLLIN)], 0)? == 1)
}

//! A timeout is a date of CLOCK_REALTIME: a duration, or a time of another clock, has passed long ago.
//!
//!     cargo run --bin deadline_not_duration
//!
//! Chapter: lessons/33-timeouts. Manual pages: mq_receive(3), clock_gettime(2).
//! Previous: invalid_timeout. Next: interrupted_wait.

use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::time::{clock_gettime, clock_nanosleep};
use libc::{CLOCK_MONOTONIC, CLOCK_REALTIME, O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno::ETIMEDOUT;
use nix::sys::time::TimeSpec;
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/deadline_not_duration")?;

        // ANCHOR: three
        lesson.step("Wait three seconds for a message: the mistake");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(3, 16)))?;
        lesson.look(&mq)?;
        let three_seconds = TimeSpec::new(3, 0);
        lesson.predict("Nobody sends. What does the call return?", &["success", "ETIMEDOUT", "EINVAL"]);
        let got = mq_timedreceive(&mq, &mut [0; 16], &three_seconds);
        lesson.claim("3-seconds-as-a-timeout-is-the-third-second-of-1970", got, ETIMEDOUT);
        // ANCHOR_END: three

        // ANCHOR: soon
        lesson.step("Add the duration to the present time");
        let soon = clock_gettime(CLOCK_REALTIME)? + TimeSpec::from(Duration::from_millis(40));
        let got = mq_timedreceive(&mq, &mut [0; 16], &soon);
        let now = clock_gettime(CLOCK_REALTIME)?;
        let not_before = got == Err(ETIMEDOUT) && now >= soon;
        lesson.claim("mq_timedreceive-does-not-give-up-before-its-date", not_before, true);
        // ANCHOR_END: soon

        lesson.step("The same for a sender, whose queue is full");
        for _ in 0..3 {
            mq_send(&mq, b"full", 0)?;
        }
        let soon = clock_gettime(CLOCK_REALTIME)? + TimeSpec::from(Duration::from_millis(40));
        let sent = mq_timedsend(&mq, b"fourth", 0, &soon);
        let now = clock_gettime(CLOCK_REALTIME)?;
        let not_before = sent == Err(ETIMEDOUT) && now >= soon;
        lesson.claim("mq_timedsend-does-not-give-up-before-its-date", not_before, true);

        lesson.step("A date of another clock");
        for _ in 0..3 {
            mq_receive(&mq, &mut [0; 16])?;
        }
        let hour = clock_gettime(CLOCK_MONOTONIC)? + TimeSpec::new(3600, 0);
        lesson.predict(
            "The date is an hour from now, on CLOCK_MONOTONIC. What does the call return?",
            &["success", "EINVAL", "ETIMEDOUT"],
        );
        let got = mq_timedreceive(&mq, &mut [0; 16], &hour);
        lesson.claim("a-date-of-CLOCK_MONOTONIC-passed-in-1970", got, ETIMEDOUT);

        // ANCHOR: loop
        lesson.step("A loop that receives until its date, while there are messages");
        let until = clock_gettime(CLOCK_REALTIME)? + TimeSpec::from(Duration::from_millis(20));
        for _ in 0..3 {
            mq_send(&mq, b"work", 0)?;
        }
        clock_nanosleep(CLOCK_REALTIME, &until)?; // the work on an earlier message takes so long
        lesson.predict(
            "The date has passed, and three messages are there. How many more does the loop receive?",
            &["0", "1", "3"],
        );
        let mut received = 0;
        while mq_timedreceive(&mq, &mut [0; 16], &until).is_ok() {
            received += 1;
        }
        lesson.claim("a-date-that-has-passed-does-not-end-a-loop-while-messages-are-there", received, 3);
        // ANCHOR_END: loop

        lesson.step("B gets a date from A, and waits until the same moment");
        let date = clock_gettime(CLOCK_REALTIME)? + TimeSpec::from(Duration::from_millis(40));
        lesson.in_process("B", |_| {
            let got = mq_timedreceive(&mq, &mut [0; 16], &date);
            let not_before = got == Err(ETIMEDOUT) && clock_gettime(CLOCK_REALTIME)? >= date;
            lesson.claim("a-date-is-the-same-moment-in-another-process", not_before, true);
            Ok(())
        })?;
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

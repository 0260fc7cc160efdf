//! Linux checks the timeout in every call, even if the call would not wait, and before it checks anything else.
//!
//!     cargo run --bin invalid_timeout
//!
//! Chapter: lessons/33-timeouts. Manual pages: mq_receive(3), mq_send(3).
//! Previous: timeout_demo. Next: deadline_not_duration.

use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::unistd::pipe;
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR};
use nix::errno::Errno::{EBADF, EFAULT, EINVAL, EMSGSIZE, ETIMEDOUT};
use nix::sys::time::TimeSpec;
use std::process::ExitCode;

/// The first moment of 1970: a date that has passed.
const PAST: TimeSpec = TimeSpec::new(0, 0);
/// Not a date: a nanosecond too many.
const WRONG: TimeSpec = TimeSpec::new(2_147_483_647, 1_000_000_000);

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/invalid_timeout")?;

        // ANCHOR: wrong
        lesson.step("The queue is empty; timeouts that are not dates, and one that is");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 16)))?;
        lesson.look(&mq)?;
        let receive = |sec, nsec| mq_timedreceive(&mq, &mut [0; 16], &TimeSpec::new(sec, nsec));
        lesson.claim("tv_nsec-of-1000000000-is-EINVAL", receive(1, 1_000_000_000), EINVAL);
        lesson.claim("a-negative-tv_nsec-is-EINVAL", receive(1, -1), EINVAL);
        lesson.claim("tv_nsec-of-999999999-is-a-date", receive(1, 999_999_999), ETIMEDOUT);
        lesson.predict(
            "-1 seconds is the end of 1969. What is the result?",
            &["ETIMEDOUT", "EINVAL", "success"],
        );
        lesson.claim("a-date-before-1970-is-EINVAL", receive(-1, 0), EINVAL);
        // ANCHOR_END: wrong

        // ANCHOR: early
        lesson.step("The timeout is not a date, but there is room; then a message is there");
        let sent = mq_timedsend(&mq, b"hello", 0, &WRONG);
        lesson.claim("an-invalid-timeout-is-EINVAL-even-if-there-is-room", sent, EINVAL);
        mq_send(&mq, b"hello", 0)?;
        let got = mq_timedreceive(&mq, &mut [0; 16], &WRONG);
        lesson.claim("an-invalid-timeout-is-EINVAL-even-if-a-message-is-there", got, EINVAL);
        let left = mq_getattr(&mq)?.mq_curmsgs;
        lesson.claim("an-invalid-timeout-leaves-the-message-in-the-queue", left, 1);
        // ANCHOR_END: early

        // ANCHOR: descriptor
        lesson.step("The descriptor belongs to a pipe, and the timeout is wrong; then the timeout is a date");
        let (end, _other) = pipe()?;
        let end = Mqd::from_fd(end);
        lesson.predict(
            "Neither the descriptor nor the timeout is right. What is the result?",
            &["EBADF", "EINVAL", "ETIMEDOUT"],
        );
        let got = mq_timedreceive(&end, &mut [0; 16], &WRONG);
        lesson.claim("the-descriptor-is-checked-after-the-timeout", got, EINVAL);
        let got = mq_timedreceive(&end, &mut [0; 16], &PAST);
        lesson.claim("a-descriptor-of-a-pipe-is-EBADF-whatever-the-date", got, EBADF);
        // ANCHOR_END: descriptor

        lesson
            .step("The queue is full: O_NONBLOCK with a wrong timeout, and then a message that is too long");
        mq_send(&mq, b"full", 0)?;
        let busy = mq_open(&name, O_RDWR | O_NONBLOCK, 0, None)?;
        let sent = mq_timedsend(&busy, b"third", 0, &WRONG);
        lesson.claim("with-O_NONBLOCK-an-invalid-timeout-is-still-EINVAL", sent, EINVAL);
        let long = mq_timedsend(&mq, &[0; 17], 0, &PAST);
        lesson.claim("a-message-that-is-too-long-is-EMSGSIZE-and-not-ETIMEDOUT", long, EMSGSIZE);

        lesson.step("The address of the timeout cannot be read: a message is there; then there is room");
        let got = sys_mq_timedreceive(&mq, &mut [0; 16], 1);
        lesson.claim("a-timeout-that-cannot-be-read-is-EFAULT-even-if-a-message-is-there", got, EFAULT);
        mq_receive(&mq, &mut [0; 16])?;
        let sent = sys_mq_timedsend(&mq, b"hello", 0, 1);
        lesson.claim("a-timeout-that-cannot-be-read-is-EFAULT-even-if-there-is-room", sent, EFAULT);
        mq_close(busy)?;
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

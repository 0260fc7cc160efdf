//! The timeout of a queue's calls is a date: only a call that would wait looks whether it has passed.
//!
//!     cargo run --bin timeout_demo
//!
//! Chapter: lessons/33-timeouts. Manual pages: mq_receive(3), mq_send(3).
//! Next: deadline_not_duration.

use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::time::clock_gettime;
use ipc_workbook::unistd::pipe;
use libc::{CLOCK_REALTIME, O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR};
use nix::errno::Errno::{EAGAIN, EBADF, EFAULT, EINVAL, EMSGSIZE, ETIMEDOUT};
use nix::sys::time::TimeSpec;
use std::process::ExitCode;

/// A date in the year 2096.
const FAR: TimeSpec = TimeSpec::new(4_000_000_000, 0);
/// Not a date: a nanosecond too many.
const WRONG: TimeSpec = TimeSpec::new(4_000_000_000, 1_000_000_000);

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/timeout_demo")?;

        // ANCHOR: past
        lesson.step("The date was a second ago, and the queue is empty; then a message is there");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 16)))?;
        lesson.look(&mq)?;
        let past = clock_gettime(CLOCK_REALTIME)? - TimeSpec::new(1, 0);
        let none = mq_timedreceive(&mq, &mut [0; 16], &past);
        lesson.claim("a-date-that-has-passed-is-ETIMEDOUT-if-the-queue-is-empty", none, ETIMEDOUT);
        mq_send(&mq, b"hello", 0)?;
        lesson.predict(
            "The date is the same, but a message is there. What is the result?",
            &["success", "ETIMEDOUT", "EINVAL"],
        );
        let got = mq_timedreceive(&mq, &mut [0; 16], &past);
        lesson.claim("a-date-that-has-passed-does-not-matter-if-a-message-is-there", &got, "success");
        // ANCHOR_END: past

        // ANCHOR: full
        lesson.step("Send with this date: first there is room, and then the queue is full");
        let sent = mq_timedsend(&mq, b"one", 0, &past);
        lesson.claim("a-date-that-has-passed-does-not-matter-if-there-is-room", &sent, "success");
        mq_send(&mq, b"two", 0)?;
        let third = mq_timedsend(&mq, b"three", 9, &past);
        lesson.claim("a-date-that-has-passed-is-ETIMEDOUT-if-the-queue-is-full", third, ETIMEDOUT);
        let mut first = [0; 16];
        let (length, _) = mq_receive(&mq, &mut first)?;
        lesson.claim("a-message-whose-send-timed-out-is-not-in-the-queue", &first[..length], b"one");
        mq_receive(&mq, &mut [0; 16])?;
        let rest = mq_timedreceive(&mq, &mut [0; 16], &past);
        lesson.claim("a-message-whose-send-timed-out-does-not-arrive-later", rest, ETIMEDOUT);
        // ANCHOR_END: full

        // ANCHOR: wrong
        lesson.step("Timeouts that are not dates, and one that is");
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
        lesson.step("When Linux looks at the timeout");
        let sent = mq_timedsend(&mq, b"hello", 0, &WRONG);
        lesson.claim("an-invalid-timeout-is-EINVAL-even-if-there-is-room", sent, EINVAL);
        mq_send(&mq, b"hello", 0)?;
        let got = mq_timedreceive(&mq, &mut [0; 16], &WRONG);
        lesson.claim("an-invalid-timeout-is-EINVAL-even-if-a-message-is-there", got, EINVAL);
        let left = mq_getattr(&mq)?.mq_curmsgs;
        lesson.claim("an-invalid-timeout-leaves-the-message-in-the-queue", left, 1);
        let (end, _other) = pipe()?;
        let end = Mqd::from_fd(end);
        lesson.claim(
            "the-descriptor-is-checked-after-the-timeout",
            mq_timedreceive(&end, &mut [0; 16], &WRONG),
            EINVAL,
        );
        lesson.claim(
            "a-descriptor-of-a-pipe-is-EBADF-whatever-the-date",
            mq_timedreceive(&end, &mut [0; 16], &past),
            EBADF,
        );
        // ANCHOR_END: early

        lesson.step("O_NONBLOCK, and a message that is too long");
        let busy = mq_open(&name, O_RDWR | O_NONBLOCK, 0, None)?;
        mq_send(&busy, b"full", 0)?;
        let sent = mq_timedsend(&busy, b"third", 0, &FAR);
        lesson.claim("with-O_NONBLOCK-mq_timedsend-is-EAGAIN-whatever-the-date", sent, EAGAIN);
        lesson.claim(
            "with-O_NONBLOCK-an-invalid-timeout-is-still-EINVAL",
            mq_timedsend(&busy, b"third", 0, &WRONG),
            EINVAL,
        );
        let long = mq_timedsend(&mq, &[0; 17], 0, &past);
        lesson.claim("a-message-that-is-too-long-is-EMSGSIZE-and-not-ETIMEDOUT", long, EMSGSIZE);
        mq_receive(&busy, &mut [0; 16])?;
        mq_receive(&busy, &mut [0; 16])?;
        let got = mq_timedreceive(&busy, &mut [0; 16], &FAR);
        lesson.claim("with-O_NONBLOCK-mq_timedreceive-is-EAGAIN-whatever-the-date", got, EAGAIN);

        lesson.step("An address that cannot be read, and no timeout at all");
        let sent = sys_mq_timedsend(&mq, b"hello", 0, 1);
        lesson.claim("a-timeout-that-cannot-be-read-is-EFAULT-even-if-there-is-room", sent, EFAULT);
        mq_send(&mq, b"hello", 0)?;
        let got = sys_mq_timedreceive(&mq, &mut [0; 16], 1);
        lesson.claim("a-timeout-that-cannot-be-read-is-EFAULT-even-if-a-message-is-there", got, EFAULT);
        mq_receive(&mq, &mut [0; 16])?;
        let mut b = lesson.process("B", |turn| {
            let waited = turn.blocking_call(lesson, || mq_timedreceive(&mq, &mut [0; 16], None))?;
            turn.report(&waited)?;
            let waited = turn.blocking_call(lesson, || mq_timedreceive(&mq, &mut [0; 16], &FAR))?;
            turn.report(&waited)?;
            let waited = turn.blocking_call(lesson, || mq_timedsend(&mq, b"third", 0, &FAR))?;
            turn.report(&waited)
        })?;
        let waiting = b.until_blocked_in(lesson, "mq_timedreceive")?;
        mq_send(&mq, b"for B", 0)?;
        lesson.claim("a-null-pointer-as-timeout-waits-for-a-message", waiting.resume()?, "success");

        lesson.step("B waits until 2096, and A makes the wait unnecessary");
        let waiting = b.until_blocked_in(lesson, "mq_timedreceive")?;
        mq_send(&mq, b"for B", 0)?;
        lesson.claim("a-message-ends-the-wait-before-its-date", waiting.resume()?, "success");
        mq_send(&mq, b"one", 0)?;
        mq_send(&mq, b"two", 0)?;
        let waiting = b.until_blocked_in(lesson, "mq_timedsend")?;
        mq_receive(&mq, &mut [0; 16])?;
        lesson.claim("a-receiver-ends-a-wait-for-room-before-its-date", waiting.resume()?, "success");
        b.finish()?;
        mq_close(busy)?;
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

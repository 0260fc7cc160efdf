//! The timeout of a queue's calls is a date: only a call that would wait looks whether it has passed.
//!
//!     cargo run --bin timeout_demo
//!
//! Chapter: lessons/33-timeouts. Manual pages: mq_receive(3), mq_send(3).
//! Next: invalid_timeout.

use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::time::clock_gettime;
use libc::{CLOCK_REALTIME, O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR};
use nix::errno::Errno::{EAGAIN, ETIMEDOUT};
use nix::sys::time::TimeSpec;
use std::process::ExitCode;

/// A date in 2038: the last one in 32 bits.
const FAR: TimeSpec = TimeSpec::new(2_147_483_647, 0);

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
        mq_timedsend(&mq, b"two", 0, &past)?;
        let third = mq_timedsend(&mq, b"three", 9, &past);
        lesson.claim("a-date-that-has-passed-is-ETIMEDOUT-if-the-queue-is-full", third, ETIMEDOUT);
        let mut first = [0; 16];
        let (length, _) = mq_receive(&mq, &mut first)?;
        lesson.claim("a-message-whose-send-timed-out-is-not-in-the-queue", &first[..length], b"one");
        mq_receive(&mq, &mut [0; 16])?;
        let rest = mq_timedreceive(&mq, &mut [0; 16], &past);
        lesson.claim("a-message-whose-send-timed-out-does-not-arrive-later", rest, ETIMEDOUT);
        // ANCHOR_END: full

        lesson.step("B waits until 2038, and A makes the wait unnecessary");
        let mut b = lesson.process("B", |turn| {
            let waited = turn.blocking_call(lesson, || mq_timedreceive(&mq, &mut [0; 16], &FAR))?;
            turn.report(&waited)?;
            let waited = turn.blocking_call(lesson, || mq_timedreceive(&mq, &mut [0; 16], None))?;
            turn.report(&waited)?;
            let waited = turn.blocking_call(lesson, || mq_timedsend(&mq, b"third", 0, &FAR))?;
            turn.report(&waited)
        })?;
        let waiting = b.until_blocked_in(lesson, "mq_timedreceive")?;
        mq_send(&mq, b"for B", 0)?;
        lesson.claim("a-message-ends-the-wait-before-its-date", waiting.resume()?, "success");

        lesson.step("B waits with a null pointer as the timeout, which is no date at all");
        let waiting = b.until_blocked_in(lesson, "mq_timedreceive")?;
        mq_send(&mq, b"for B", 0)?;
        lesson.claim("a-null-pointer-as-timeout-waits-for-a-message", waiting.resume()?, "success");

        lesson.step("The queue is full, and B waits until 2038 to send");
        mq_timedsend(&mq, b"one", 0, &past)?;
        mq_timedsend(&mq, b"two", 0, &past)?;
        let waiting = b.until_blocked_in(lesson, "mq_timedsend")?;
        mq_receive(&mq, &mut [0; 16])?;
        lesson.claim("a-receiver-ends-a-wait-for-room-before-its-date", waiting.resume()?, "success");
        b.finish()?;

        lesson.step("With O_NONBLOCK no call waits, whatever the date: the queue is full, and then empty");
        let busy = mq_open(&name, O_RDWR | O_NONBLOCK, 0, None)?;
        let sent = mq_timedsend(&busy, b"fourth", 0, &FAR);
        lesson.claim("with-O_NONBLOCK-mq_timedsend-is-EAGAIN-whatever-the-date", sent, EAGAIN);
        mq_receive(&busy, &mut [0; 16])?;
        mq_receive(&busy, &mut [0; 16])?;
        let got = mq_timedreceive(&busy, &mut [0; 16], &FAR);
        lesson.claim("with-O_NONBLOCK-mq_timedreceive-is-EAGAIN-whatever-the-date", got, EAGAIN);
        mq_close(busy)?;
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

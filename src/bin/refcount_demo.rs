//! An unlinked queue exists until its last open file description is closed.
//!
//!     cargo run --bin refcount_demo
//!
//! Chapter: lessons/13-refcount. Manual pages: mq_unlink(3), mq_overview(7).
//! Next: refcount_two_processes.

use ipc_workbook::lesson;
use ipc_workbook::lesson::charge_of;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use libc::{O_CREAT, O_EXCL, O_RDONLY, O_RDWR};
use nix::errno::Errno::{EMSGSIZE, ENOENT};
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/refcount_demo")?;

        lesson.step("Measure what is charged for queues, before the queue exists");
        let account = lesson.queue_account();
        lesson.claim("in-a-new-user-namespace-nothing-is-charged", account.bytes(), 0);

        lesson.step("Create and open the queue with one call");
        let attr = MqAttr::new(4, 8192); // 8192 is the default of mq_msgsize
        let mq = account.charge(|| mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&attr)))?;
        let queue = lesson.look(&mq)?;
        lesson.claim("a-new-queue-has-one-name", queue.st_nlink(), 1);
        lesson.claim("mq_open-makes-one-open-file-description", queue.descriptions(), 1);

        lesson.step("Send a message of five bytes");
        mq_send(&mq, b"hello", 0)?;
        lesson.claim("QSIZE-counts-the-bytes-of-the-messages", lesson.look(&mq)?.fact("QSIZE"), 5);

        // ANCHOR: unlink
        lesson.step("Unlink the name of the queue while the queue is open");
        lesson.predict("After the unlink, what is the result of mq_open?", &["EACCES", "ENOENT", "success"]);
        mq_unlink(&name)?;
        lesson.claim("mq_unlink-removes-the-name-at-once", mq_open(&name, O_RDONLY, 0, None), ENOENT);
        let queue = lesson.look(&mq)?;
        lesson.claim("an-unlinked-queue-has-no-name", queue.st_nlink(), 0);
        lesson.claim("mq_unlink-leaves-the-open-file-descriptions-alone", queue.descriptions(), 1);
        lesson.claim("mq_unlink-leaves-the-messages-in-the-queue", queue.fact("mq_curmsgs"), 1);
        // ANCHOR_END: unlink

        // ANCHOR: emsgsize
        lesson.step("Receive the message, first with a buffer of 64 bytes, as the lifecycle tutorial does");
        lesson.predict(
            "The message has 5 bytes, and the buffer has 64. What is the result of mq_receive?",
            &["success", "EAGAIN", "EMSGSIZE"],
        );
        let mut small = [0; 64];
        lesson.claim(
            "mq_receive-refuses-a-buffer-smaller-than-mq_msgsize-even-for-a-short-message",
            mq_receive(&mq, &mut small),
            EMSGSIZE,
        );
        lesson.claim("a-refused-mq_receive-leaves-the-message-in-the-queue", mq_getattr(&mq)?.mq_curmsgs, 1);
        let mut buffer = [0; 8192];
        mq_receive(&mq, &mut buffer)?;
        mq_send(&mq, b"sent without a name", 0)?;
        let (length, _) = mq_receive(&mq, &mut buffer)?;
        lesson.claim("a-nameless-queue-still-delivers", &buffer[..length], b"sent without a name");
        // ANCHOR_END: emsgsize

        lesson.step("Measure the charge of the queue, which has no name and no message");
        lesson.predict("How many bytes are charged for the queue now?", &["0", "5", "33152"]);
        lesson.claim("a-nameless-queue-is-charged-in-full", account.bytes(), charge_of(4, 8192));

        lesson.step("Close the last open file description: the queue is destroyed");
        mq_close(mq)?;
        lesson.claim("the-last-close-destroys-the-queue-and-ends-its-charge", account.bytes_after_close(), 0);
        Ok(())
    })
}

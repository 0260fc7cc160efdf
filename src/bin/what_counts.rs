//! The reference count of a queue counts open file descriptions, not processes and not descriptors.
//!
//!     cargo run --bin what_counts
//!
//! Chapter: lessons/13-refcount. Manual pages: open(2), dup(2), fork(2), unix(7),
//! kcmp(2). Previous: unlink_demo. Next: what_keeps_memory.

use ipc_workbook::cli::Failure;
use ipc_workbook::lesson;
use ipc_workbook::lesson::charge_of;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, in_flight};
use ipc_workbook::socket::{recvmsg, sendmsg, socketpair};
use ipc_workbook::unistd::{close, dup, execv};
use libc::{O_CREAT, O_EXCL, O_RDWR};
use std::os::fd::AsFd;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let mq_name = lesson.name(Kind::Queue, "/what_counts")?;

        lesson.step("Open a queue once");
        let account = lesson.queue_account();
        let attr = MqAttr::new(1, 64);
        let mq = account.charge(|| mq_open(&mq_name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&attr)))?;
        lesson.claim("one-mq_open-makes-one-open-file-description", lesson.look(&mq)?.descriptions(), 1);

        lesson.step("Open it a second time, in the same process");
        lesson.predict("After two calls of mq_open, how many open file descriptions?", &["1", "2", "3"]);
        let second = mq_open(&mq_name, O_RDWR, 0, None)?;
        let count = lesson.look(&mq)?.descriptions();
        lesson.claim("a-second-mq_open-in-one-process-adds-an-open-file-description", count, 2);
        mq_close(second)?;

        lesson.step("dup: a second descriptor");
        lesson.predict("There are two descriptors now. How many open file descriptions?", &["2", "1", "0"]);
        let copy = dup(&mq)?;
        let queue = lesson.look(&mq)?;
        lesson.claim("dup-adds-no-open-file-description", queue.descriptions(), 1);
        lesson.claim("dup-adds-a-descriptor", queue.descriptors(), 2);
        close(copy)?;

        // ANCHOR: fork
        lesson.step("fork: a second process");
        lesson.predict("There are two processes now. How many open file descriptions?", &["1", "2", "0"]);
        let mut b = lesson.process("B", |turn| {
            turn.finish()?;
            Ok(execv(c"/bin/sleep", &[c"sleep", c"3600"])?)
        })?;
        b.turn()?;
        let queue = lesson.look(&mq)?;
        lesson.claim("fork-adds-no-open-file-description", queue.descriptions(), 1);
        lesson.claim("fork-adds-a-descriptor-in-another-process", queue.descriptors(), 2);

        lesson.step("exec: the second process runs another program");
        lesson.predict("How many descriptors of the queue are left, in both processes?", &["0", "1", "2"]);
        b.turn()?;
        lesson.claim("exec-closes-queue-descriptors", lesson.look(&mq)?.descriptors(), 1);
        b.kill(lesson)?;
        // ANCHOR_END: fork

        lesson.step("Send the descriptor through a Unix socket, close our own, and unlink the name");
        let (near, far) = socketpair()?;
        mq_send(&mq, b"still here", 0)?;
        sendmsg(&near, b"!", &[mq.as_fd()])?;
        mq_close(mq)?;
        mq_unlink(&mq_name)?;
        lesson.predict("How many descriptors of the queue does /proc show?", &["1", "2", "0"]);
        lesson.claim("a-descriptor-in-flight-is-in-no-process", lesson.look(queue.inode)?.descriptors(), 0);
        let flying = lesson.show("socket", "scm_fds", in_flight(&far));
        lesson.claim("the-socket-shows-a-descriptor-in-flight", flying, 1);
        let charge = account.bytes();
        lesson.claim("a-descriptor-in-flight-keeps-the-queue-and-its-charge", charge, charge_of(1, 64));

        lesson.step("Receive the descriptor, and then the message");
        let (_, mut fds) = recvmsg(&far, &mut [0])?;
        let Some(mq) = fds.pop().map(Mqd::from_fd) else {
            return Err(Failure::Contradicted("recvmsg received no descriptor".into()));
        };
        let mut buffer = [0; 64];
        let (length, _) = mq_receive(&mq, &mut buffer)?;
        let message = &buffer[..length];
        lesson.claim("a-queue-received-through-a-socket-still-has-its-messages", message, b"still here");
        mq_close(mq)?;
        lesson.claim("the-last-close-of-the-received-queue-ends-the-charge", account.bytes_after_close(), 0);
        Ok(())
    })
}

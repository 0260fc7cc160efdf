//! A careful program creates its queue with O_EXCL, and unlinks only what it has created.
//!
//!     cargo run --bin ep_demo
//!
//! Chapter: lessons/14-persistence. Manual pages: mq_open(3), mq_unlink(3),
//! mq_overview(7). Next: persist_demo.

use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use libc::{O_CREAT, O_EXCL, O_RDWR, O_WRONLY};
use nix::errno::Errno::{EEXIST, ENOENT};
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/ep_demo")?;
        let attr = MqAttr::new(2, 64);
        let create = || mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&attr));

        lesson.step("Create the queue, only if the name is free, and with access for its owner only");
        let mq = create()?;
        lesson.look(&mq)?;
        lesson.claim("a-new-queue-has-the-mq_maxmsg-that-was-asked-for", mq_getattr(&mq)?.mq_maxmsg, 2);

        lesson.step("Send a message of priority 1, and receive it");
        mq_send(&mq, b"Test message", 1)?;
        let mut buffer = [0; 64]; // mq_msgsize, not the length of the message
        let (length, priority) = mq_receive(&mq, &mut buffer)?;
        lesson.claim("mq_receive-returns-the-bytes-that-were-sent", &buffer[..length], b"Test message");
        lesson.claim("mq_receive-returns-the-priority-of-the-message", priority, 1);

        // ANCHOR: second
        lesson.step("A second instance makes the same call");
        lesson.predict("The name is taken. What is the result of mq_open?", &["success", "EEXIST", "EBUSY"]);
        lesson.claim("mq_open-with-O_EXCL-fails-in-a-second-instance", create(), EEXIST);
        // ANCHOR_END: second

        // ANCHOR: unlink_first
        lesson.step("A second instance unlinks first, as the mq open/close/unlink tutorial does");
        let mut b = lesson.process("B", |turn| {
            mq_unlink(&name)?;
            let theirs = create()?;
            turn.finish()?;
            mq_close(theirs)?;
            Ok(())
        })?;
        lesson.predict("How many names does the queue of the first instance have then?", &["1", "0", "2"]);
        b.turn()?;
        let mine = lesson.look(&mq)?;
        lesson.claim("unlinking-first-takes-the-name-from-a-running-program", mine.st_nlink(), 0);
        let client = mq_open(&name, O_WRONLY, 0, None)?;
        mq_send(&client, b"for the first", 0)?;
        lesson.claim(
            "messages-from-clients-no-longer-reach-the-first-instance",
            mq_getattr(&mq)?.mq_curmsgs,
            0,
        );
        mq_close(client)?;
        b.finish()?;
        // ANCHOR_END: unlink_first

        lesson.step("Clean up: close the queue, and unlink it");
        mq_close(mq)?;
        mq_unlink(&name)?; // this is the second one's queue; a name does not say whose it is
        lesson.claim("a-second-clean-up-finds-nothing", mq_unlink(&name), ENOENT);
        Ok(())
    })
}

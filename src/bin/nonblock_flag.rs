//! mq_setattr and fcntl change the same flag, which a queue's descriptors share after fork and sendmsg.
//!
//!     cargo run --bin nonblock_flag
//!
//! Chapter: lessons/31-attributes. Manual pages: mq_getattr(3), fcntl(2), mq_overview(7).
//! Previous: attributes_demo. Next: attribute_ceilings.

use ipc_workbook::call::Result;
use ipc_workbook::fcntl::fcntl;
use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::socket::{recvmsg, sendmsg, socketpair};
use libc::{F_GETFL, F_SETFL, O_APPEND, O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR};
use nix::errno::Errno::EMFILE;
use std::ffi::c_long;
use std::os::fd::AsFd;
use std::process::ExitCode;

const NONBLOCK: c_long = O_NONBLOCK as c_long;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/nonblock_flag")?;

        // ANCHOR: fcntl
        lesson.step("fcntl sets the flag of a new queue, and mq_getattr shows it");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
        lesson.look(&mq)?;
        fcntl(&mq, F_SETFL, O_NONBLOCK)?;
        lesson.predict("What is mq_flags now?", &["0", "2048", "2050"]);
        lesson.claim("fcntl-sets-the-O_NONBLOCK-that-mq_getattr-shows", mq_getattr(&mq)?.mq_flags, NONBLOCK);
        set_flag(&mq, 0)?;
        let flags = fcntl(&mq, F_GETFL, 0)?;
        lesson.claim("mq_setattr-clears-the-O_NONBLOCK-that-fcntl-shows", flags & O_NONBLOCK, 0);
        // ANCHOR_END: fcntl

        lesson.step("fcntl can set a flag that mq_setattr refuses");
        fcntl(&mq, F_SETFL, O_APPEND)?;
        lesson.claim("mq_getattr-shows-no-flag-except-O_NONBLOCK", mq_getattr(&mq)?.mq_flags, 0);
        set_flag(&mq, NONBLOCK)?;
        set_flag(&mq, 0)?;
        let flags = fcntl(&mq, F_GETFL, 0)?;
        lesson.claim("mq_setattr-leaves-the-other-flags-of-fcntl-unchanged", flags & O_APPEND, O_APPEND);

        // ANCHOR: waiting
        lesson.step("B inherits the descriptor, and waits in mq_receive");
        let mut b = lesson.process("B", |turn| {
            let waited = turn.blocking_call(lesson, || mq_receive(&mq, &mut [0; 64]))?;
            turn.report(&waited)?;
            turn.report(&mq_receive(&mq, &mut [0; 64]))?;
            set_flag(&mq, 0)?;
            turn.finish()
        })?;
        let waiting = b.until_blocked_in(lesson, "mq_receive")?;

        lesson.step("A sets O_NONBLOCK, which B has too; then A sends a message");
        set_flag(&mq, NONBLOCK)?;
        lesson.predict(
            "B has been waiting since before the flag was set. What does its mq_receive return?",
            &["success", "EAGAIN", "EINTR"],
        );
        mq_send(&mq, b"for B", 0)?;
        let received = waiting.resume()?;
        lesson.claim("setting-O_NONBLOCK-does-not-end-a-call-that-already-waits", received, "success");
        let next = b.outcome()?;
        lesson.claim(
            "the-next-call-through-an-inherited-descriptor-does-not-wait",
            next,
            "EAGAIN".to_string(),
        );
        // ANCHOR_END: waiting

        lesson.step("B clears the flag");
        b.turn()?;
        let flags = mq_getattr(&mq)?.mq_flags;
        lesson.claim("a-flag-that-a-child-clears-is-cleared-for-its-parent", flags, 0);
        b.finish()?;

        lesson.step("Send the descriptor through a socket, and set the flag of the one that arrives");
        let (here, there) = socketpair()?;
        sendmsg(&here, b"q", &[mq.as_fd()])?;
        let (_, mut arrived) = recvmsg(&there, &mut [0; 8])?;
        // Without a free descriptor nothing arrives, and recvmsg reports no error.
        let arrived = arrived.pop().map(Mqd::from_fd).ok_or(EMFILE)?;
        set_flag(&arrived, NONBLOCK)?;
        let flags = mq_getattr(&mq)?.mq_flags;
        lesson.claim("a-descriptor-sent-through-a-socket-shares-O_NONBLOCK", flags, NONBLOCK);
        let second = mq_open(&name, O_RDWR, 0, None)?;
        lesson.claim("a-new-mq_open-begins-without-O_NONBLOCK", mq_getattr(&second)?.mq_flags, 0);
        for open in [mq, arrived, second] {
            mq_close(open)?;
        }
        Ok(mq_unlink(&name)?)
    })
}

/// Sets or clears `O_NONBLOCK`. The other fields are 0, because `mq_setattr` ignores them.
fn set_flag(mq: &Mqd, mq_flags: c_long) -> Result<MqAttr> {
    mq_setattr(mq, &MqAttr { mq_flags, ..MqAttr::default() })
}

//! mq_getattr shows four attributes of a queue, and mq_setattr can change only one bit of them, O_NONBLOCK.
//!
//!     cargo run --bin attributes_demo
//!
//! Chapter: lessons/31-attributes. Manual pages: mq_getattr(3), mq_open(3).
//! Next: nonblock_flag.

use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::unistd::pipe;
use libc::{O_APPEND, O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY};
use nix::errno::Errno::{EAGAIN, EBADF, EINVAL};
use std::ffi::c_long;
use std::process::ExitCode;

const NONBLOCK: c_long = O_NONBLOCK as c_long;
const APPEND: c_long = O_APPEND as c_long;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/attributes_demo")?;

        lesson.step("Create a queue; attr also has the two fields that mq_open does not read");
        let wish = MqAttr { mq_flags: NONBLOCK, mq_maxmsg: 3, mq_msgsize: 64, mq_curmsgs: 2 };
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&wish))?;
        lesson.look(&mq)?;
        let attr = mq_getattr(&mq)?;
        lesson.claim("mq_open-ignores-mq_flags-in-attr", attr.mq_flags, 0);
        lesson.claim("mq_open-ignores-mq_curmsgs-in-attr", attr.mq_curmsgs, 0);

        // ANCHOR: curmsgs
        lesson.step("Messages go in and out");
        mq_send(&mq, b"hello", 0)?;
        mq_send(&mq, b"hello again", 5)?;
        lesson.claim("mq_curmsgs-counts-messages-and-not-bytes", mq_getattr(&mq)?.mq_curmsgs, 2);
        mq_send(&mq, b"", 0)?;
        lesson.predict("The third message was empty. What is mq_curmsgs?", &["2", "3", "16"]);
        lesson.claim("an-empty-message-counts-in-mq_curmsgs", mq_getattr(&mq)?.mq_curmsgs, 3);
        mq_receive(&mq, &mut [0; 64])?;
        lesson.claim("mq_receive-decrements-mq_curmsgs", mq_getattr(&mq)?.mq_curmsgs, 2);
        // ANCHOR_END: curmsgs

        lesson.step("Look through a descriptor that cannot receive");
        let writer = mq_open(&name, O_WRONLY, 0, None)?;
        let seen = mq_getattr(&writer)?;
        lesson.claim("mq_getattr-shows-mq_curmsgs-to-a-process-that-cannot-receive", seen.mq_curmsgs, 2);
        lesson.claim("mq_flags-does-not-contain-the-access-mode", seen.mq_flags, 0);
        mq_close(writer)?;

        // ANCHOR: raise
        lesson.step("Ask mq_setattr for more room, and for no messages");
        let wish = MqAttr { mq_flags: NONBLOCK, mq_maxmsg: 100, mq_msgsize: 1, mq_curmsgs: 0 };
        lesson.predict(
            "mq_maxmsg of the queue is 3. What does mq_setattr return?",
            &["EINVAL", "EPERM", "success"],
        );
        let old = mq_setattr(&mq, &wish);
        lesson.claim("mq_setattr-with-another-mq_maxmsg-succeeds", &old, "success");
        let old = old?;
        let new = mq_getattr(&mq)?;
        lesson.claim("mq_setattr-leaves-mq_maxmsg-unchanged", new.mq_maxmsg, 3);
        lesson.claim("mq_setattr-leaves-mq_msgsize-unchanged", new.mq_msgsize, 64);
        lesson.claim("mq_setattr-leaves-the-messages-in-the-queue", new.mq_curmsgs, 2);
        let sender = mq_open(&name, O_WRONLY | O_NONBLOCK, 0, None)?;
        mq_send(&sender, b"the third", 0)?;
        let fourth = mq_send(&sender, b"the fourth", 0);
        lesson.claim("mq_setattr-cannot-make-room-in-a-full-queue", fourth, EAGAIN);
        // ANCHOR_END: raise

        lesson.step("What mq_setattr returned through its third argument");
        lesson.claim("mq_setattr-returns-the-flags-from-before-the-call", old.mq_flags, 0);
        lesson.claim("mq_setattr-also-returns-the-old-mq_curmsgs", old.mq_curmsgs, 2);
        let nonsense = MqAttr { mq_flags: NONBLOCK, mq_maxmsg: -1, mq_msgsize: -1, mq_curmsgs: -1 };
        let checked = mq_setattr(&mq, &nonsense);
        lesson.claim("mq_setattr-does-not-check-the-fields-that-it-ignores", &checked, "success");

        // ANCHOR: einval
        lesson.step("Clear O_NONBLOCK, and ask for another flag at the same time");
        let wish = MqAttr { mq_flags: APPEND, ..MqAttr::default() };
        lesson.predict(
            "O_APPEND means nothing for a queue. What is the result?",
            &["success", "EINVAL", "EBADF"],
        );
        lesson.claim("mq_setattr-refuses-a-flag-other-than-O_NONBLOCK", mq_setattr(&mq, &wish), EINVAL);
        let flags = mq_getattr(&mq)?.mq_flags;
        lesson.claim("a-refused-mq_setattr-changes-no-flag", flags, NONBLOCK);
        // ANCHOR_END: einval
        let reader = mq_open(&name, O_RDONLY, 0, None)?;
        let set = mq_setattr(&reader, &MqAttr { mq_flags: NONBLOCK, ..MqAttr::default() });
        lesson.claim("mq_setattr-needs-no-write-permission", &set, "success");
        for open in [mq, sender, reader] {
            mq_close(open)?;
        }
        mq_unlink(&name)?;

        lesson.step("A descriptor that is not a queue");
        let (end, _other) = pipe()?;
        let end = Mqd::from_fd(end);
        lesson.claim("mq_getattr-of-a-pipe-is-EBADF", mq_getattr(&end), EBADF);
        lesson.claim("mq_setattr-of-a-pipe-is-EBADF", mq_setattr(&end, &MqAttr::default()), EBADF);
        Ok(())
    })
}

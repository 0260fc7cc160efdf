//! The access mode and O_NONBLOCK belong to one opening, the mode and the attributes to the queue.
//!
//!     cargo run --bin open_modes
//!
//! Chapter: lessons/11-open-close-unlink. Manual pages: mq_open(3), mq_getattr(3).
//! Previous: notify_demo. Next: exclusive_sem.

use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, st_mode};
use ipc_workbook::unistd::dup;
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY};
use nix::errno::Errno::{EAGAIN, EBADF, EINVAL};
use std::ffi::c_long;
use std::process::ExitCode;

const NONBLOCK: c_long = O_NONBLOCK as c_long;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/demo_queue")?;
        let mut buffer = [0; 64];

        lesson.step("A server creates the queue for receiving");
        let server = mq_open(&name, O_CREAT | O_EXCL | O_RDONLY, 0o600, Some(&MqAttr::new(2, 64)))?;
        lesson.predict(
            "The server sends to its own queue. Does mq_send succeed?",
            &["success", "EACCES", "EBADF"],
        );
        lesson.claim("a-descriptor-opened-to-receive-cannot-send", mq_send(&server, b"to myself", 0), EBADF);

        lesson.step("A client opens the queue for sending");
        let client = mq_open(&name, O_WRONLY, 0, None)?;
        lesson.claim("a-descriptor-opened-to-send-cannot-receive", mq_receive(&client, &mut buffer), EBADF);
        mq_send(&client, b"request", 0)?;
        let (length, _) = mq_receive(&server, &mut buffer)?;
        lesson.claim("a-queue-can-be-open-with-two-access-modes-at-once", &buffer[..length], b"request");
        lesson.look(&server)?;

        // ANCHOR: existing
        lesson.step("O_CREAT again, with another mode and with attributes that no queue can have");
        let mode = st_mode(&server)?;
        lesson.predict("mq_maxmsg is -1 in attr. Does mq_open succeed?", &["success", "EINVAL", "EEXIST"]);
        let nonsense = MqAttr::new(-1, -1);
        let nonblocking = mq_open(&name, O_CREAT | O_RDWR | O_NONBLOCK, 0o400, Some(&nonsense));
        lesson.claim("O_CREAT-on-an-existing-queue-ignores-attr", &nonblocking, "success");
        let nonblocking = nonblocking?;
        lesson.claim("an-existing-queue-keeps-its-attributes", mq_getattr(&nonblocking)?.mq_maxmsg, 2);
        lesson.claim("an-existing-queue-keeps-its-mode", st_mode(&nonblocking), mode);
        // ANCHOR_END: existing

        lesson.step("Receive from an empty queue and send to a full one, with O_NONBLOCK");
        let empty = mq_receive(&nonblocking, &mut buffer);
        lesson.claim("O_NONBLOCK-on-an-empty-queue-is-EAGAIN", empty, EAGAIN);
        mq_send(&nonblocking, b"one", 0)?;
        mq_send(&nonblocking, b"two", 0)?;
        lesson.claim("O_NONBLOCK-on-a-full-queue-is-EAGAIN", mq_send(&nonblocking, b"three", 0), EAGAIN);

        lesson.step("Does O_NONBLOCK belong to the queue or to the descriptor?");
        lesson.predict("What is mq_flags of the server's own descriptor?", &["2048", "0", "1"]);
        lesson.claim("O_NONBLOCK-does-not-belong-to-the-queue", mq_getattr(&server)?.mq_flags, 0);
        let copy = Mqd::from_fd(dup(&nonblocking)?);
        lesson.claim("a-dup-also-has-O_NONBLOCK", mq_getattr(&copy)?.mq_flags, NONBLOCK);
        mq_setattr(&nonblocking, &MqAttr::default())?;
        lesson.predict("mq_setattr clears the flag. What is mq_flags of the dup?", &["2048", "1", "0"]);
        lesson.claim("O_NONBLOCK-belongs-to-the-open-file-description", mq_getattr(&copy)?.mq_flags, 0);
        mq_setattr(&copy, &MqAttr { mq_flags: NONBLOCK, ..MqAttr::default() })?;
        lesson.claim(
            "mq_setattr-through-a-dup-sets-O_NONBLOCK-for-both-descriptors",
            mq_getattr(&nonblocking)?.mq_flags,
            NONBLOCK,
        );

        lesson.step("O_WRONLY and O_RDWR together, which is not an access mode");
        let both = O_WRONLY | O_RDWR;
        lesson.claim(
            "mq_open-refuses-access-mode-3-for-an-existing-queue",
            mq_open(&name, both, 0, None),
            EINVAL,
        );
        for open in [server, client, nonblocking, copy] {
            mq_close(open)?;
        }
        mq_unlink(&name)?;

        lesson.step("The same flags in a call that creates the queue");
        let neither = mq_open(&name, O_CREAT | O_EXCL | both, 0o600, Some(&MqAttr::new(2, 64)))?;
        lesson.predict("mq_open succeeded. Does mq_send succeed?", &["EBADF", "success", "EINVAL"]);
        lesson.claim(
            "a-descriptor-created-with-access-mode-3-cannot-send",
            mq_send(&neither, b"x", 0),
            EBADF,
        );
        lesson.claim(
            "a-descriptor-created-with-access-mode-3-cannot-receive",
            mq_receive(&neither, &mut buffer),
            EBADF,
        );
        mq_close(neither)?;
        mq_unlink(&name)?;
        Ok(())
    })
}

//! mq_send and mq_receive check their arguments before they look at the messages.
//!
//!     cargo run --bin message_limits
//!
//! Chapter: lessons/32-sending-and-receiving. Manual pages: mq_send(3), mq_receive(3), mq_overview(7).
//! Previous: send_receive_demo. Next: priority_order.

use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::unistd::{close, pipe, read, write};
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR};
use nix::errno::Errno::{EBADF, EINVAL, EMSGSIZE};
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/message_limits")?;
        let attr = MqAttr::new(2, 8);
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&attr))?;
        lesson.look(&mq)?;

        // ANCHOR: size
        lesson.step("A buffer of 7 bytes for an empty queue, and a message of 9 bytes for a full one");
        let short = mq_receive(&mq, &mut [0; 7]);
        lesson.claim("an-empty-queue-refuses-a-short-buffer-with-EMSGSIZE", short, EMSGSIZE);
        let full_size = mq_send(&mq, b"12345678", 0);
        lesson.claim("a-message-of-mq_msgsize-bytes-can-be-sent", &full_size, "success");
        mq_send(&mq, b"second", 0)?;
        lesson.predict("The queue is full. A message of 9 bytes?", &["EAGAIN", "EMSGSIZE", "EINVAL"]);
        let too_long = mq_send(&mq, b"123456789", 0);
        lesson.claim("a-full-queue-refuses-too-long-a-message-with-EMSGSIZE", too_long, EMSGSIZE);
        let received = mq_receive(&mq, &mut [0; 8]);
        lesson.claim("a-buffer-of-mq_msgsize-bytes-is-long-enough", &received, "success");
        let too_long = mq_send(&mq, b"123456789", 0).is_err();
        let grown = mq_getattr(&mq)?.mq_curmsgs != 1;
        lesson.claim(
            "a-message-refused-with-EMSGSIZE-is-not-added",
            (too_long, grown) == (true, false),
            true,
        );
        // ANCHOR_END: size

        lesson.step("read and write on a queue");
        lesson.claim("write-to-a-queue-fails-with-EINVAL", write(&mq, b"bytes"), EINVAL);
        let shown = read(&mq, &mut [0; 80])?;
        let left = mq_getattr(&mq)?.mq_curmsgs;
        lesson.claim("read-of-a-queue-takes-no-message", shown > 0 && left == 1, true);

        lesson.step("mq_receive and mq_send on a pipe");
        let (r, w) = pipe()?;
        let pipe_end = Mqd::from_fd(r);
        let received = mq_receive(&pipe_end, &mut [0; 8]);
        lesson.claim("mq_receive-from-a-pipe-fails-with-EBADF", received, EBADF);
        lesson.claim("mq_send-to-a-pipe-fails-with-EBADF", mq_send(&pipe_end, b"x", 0), EBADF);
        lesson.predict("32768 is no priority. What does mq_send return?", &["EBADF", "EINVAL"]);
        let both = mq_send(&pipe_end, b"x", 32768);
        lesson.claim("mq_send-checks-the-priority-before-the-descriptor", both, EINVAL);
        close(w)?;
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

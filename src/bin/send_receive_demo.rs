//! A message is sent and received as a whole, in contrast to the bytes in a pipe.
//!
//!     cargo run --bin send_receive_demo
//!
//! Chapter: lessons/32-sending-and-receiving. Manual pages: mq_send(3), mq_receive(3), pipe(7).
//! Next: message_limits.

use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::signal::signal;
use ipc_workbook::unistd::{close, pipe, read, write};
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY};
use nix::errno::Errno::EAGAIN;
use nix::sys::signal::Signal::SIGPIPE;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/send_receive_demo")?;

        // ANCHOR: framing
        lesson.step("Two words through a pipe");
        let (r, w) = pipe()?;
        write(&w, b"one")?;
        write(&w, b"two")?;
        let mut buffer = [b'.'; 8];
        let length = read(&r, &mut buffer)?;
        lesson.claim("a-pipe-joins-what-two-calls-have-written", &buffer[..length], b"onetwo");
        write(&w, b"three")?;
        let length = read(&r, &mut buffer[..2])?;
        lesson.claim("a-short-read-takes-a-part-of-what-one-write-has-written", &buffer[..length], b"th");
        read(&r, &mut buffer)?;

        lesson.step("The same two words through a queue");
        let attr = MqAttr::new(2, 8);
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&attr))?;
        lesson.look(&mq)?;
        mq_send(&mq, b"one", 0)?;
        mq_send(&mq, b"two", 0)?;
        let mut buffer = [b'.'; 8];
        lesson.predict(
            "The buffer has room for both words. What is in it?",
            &["\"onetwo\"", "\"one\"", "\"two\""],
        );
        let (length, _) = mq_receive(&mq, &mut buffer)?;
        lesson.claim("mq_receive-returns-one-message-even-if-two-fit", &buffer[..length], b"one");
        lesson.claim("mq_receive-leaves-the-rest-of-the-buffer-alone", &buffer[..], b"one.....");
        // ANCHOR_END: framing
        let received = mq_receive_without_priority(&mq, &mut buffer);
        lesson.claim("the-pointer-for-the-priority-may-be-null", &received, "success");

        lesson.step("A message without bytes");
        mq_send(&mq, b"", 7)?;
        let (length, priority) = mq_receive(&mq, &mut buffer)?;
        lesson.claim("mq_receive-of-an-empty-message-returns-0", length, 0);
        lesson.claim("an-empty-message-has-a-priority", priority, 7);
        close(w)?;
        let length = read(&r, &mut buffer)?;
        lesson.claim("read-returns-0-when-no-process-can-write-to-the-pipe", length, 0);

        // ANCHOR: alone
        lesson.step("Nobody is at the other end");
        let reader = mq_open(&name, O_RDONLY | O_NONBLOCK, 0, None)?;
        mq_close(mq)?;
        let end = mq_receive(&reader, &mut buffer);
        lesson.claim("mq_receive-reports-no-end-when-no-process-can-send", end, EAGAIN);
        let writer = mq_open(&name, O_WRONLY | O_NONBLOCK, 0, None)?;
        mq_close(reader)?;
        mq_unlink(&name)?;
        lesson.predict(
            "The queue has no name and no receiver. What does mq_send return?",
            &["EPIPE", "ENOENT", "success"],
        );
        let sent = mq_send(&writer, b"nobody", 0);
        lesson.claim("mq_send-succeeds-although-no-process-can-ever-receive", &sent, "success");
        let b = lesson.process("B", |_| {
            signal(SIGPIPE)?; // Rust ignores the signal; a C program does not
            let (r, w) = pipe()?;
            close(r)?;
            Ok(write(&w, b"for nobody").map(drop)?)
        })?;
        lesson.claim(
            "a-write-to-a-pipe-without-readers-ends-the-process",
            b.end(lesson)?,
            "SIGPIPE".to_string(),
        );
        // ANCHOR_END: alone
        Ok(())
    })
}

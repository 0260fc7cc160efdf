//! A killed client leaves its queue behind; the server notices it only when this queue is full.
//!
//!     cargo run --bin mq_dead_client
//!
//! Chapter: lessons/32-sending-and-receiving. Manual pages: mq_send(3), mq_unlink(3), kill(2), waitpid(2).
//! Previous: mq_server. Next: mq_client.

use ipc_workbook::lesson;
use ipc_workbook::lesson::request_reply::{Client, SIZE, reply_queue};
use ipc_workbook::mman::shm_unlink;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::signal::kill;
use libc::{O_NONBLOCK, O_RDONLY, O_WRONLY};
use nix::errno::Errno::{ENOENT, ESRCH, ETIMEDOUT};
use nix::sys::signal::Signal::SIGKILL;
use nix::sys::time::TimeSpec;
use std::process::ExitCode;

/// A deadline in 1970: a call that would have to wait fails at once.
const NO_WAIT: TimeSpec = TimeSpec::new(1, 0);

fn main() -> ExitCode {
    lesson!(|lesson| {
        let wanted = [(Kind::SharedMemory, ""), (Kind::Queue, "-C")];
        let names = lesson.name_and_endings("/mq_dead_client", &wanted)?;
        let service = &names[0];
        let mut server = lesson.stepped_server(service)?;

        // ANCHOR: dead
        lesson.step("Client C makes three requests, and is killed while it waits for a reply");
        let mut c = lesson.process("C", |_| {
            let client = Client::connect(service, "C")?;
            for id in ["1", "2", "3"] {
                client.send(id, &NO_WAIT)?;
            }
            mq_receive(&client.replies, &mut [0; SIZE])?;
            client.disconnect()
        })?;
        c.start()?;
        let _ = c.wait_until_blocked_in(lesson, "mq_receive");
        kill(c.pid(), SIGKILL)?;
        lesson.predict(
            "The parent has not waited for C. What does kill(C, 0) return?",
            &["ESRCH", "EPERM", "success"],
        );
        let zombie = kill(c.pid(), None);
        lesson.claim(
            "kill-with-0-succeeds-for-a-killed-process-until-its-parent-waits-for-it",
            &zombie,
            "success",
        );
        let pid = c.pid();
        c.end(lesson)?;
        lesson.claim("kill-with-0-fails-with-ESRCH-after-the-parent-has-waited", kill(pid, None), ESRCH);

        lesson.step("The server answers C's first two requests. C's queue has room for two");
        server.turns(4)?;
        let sent = server.outcome()?;
        lesson.claim("mq_send-to-the-queue-of-a-killed-client-succeeds-while-there-is-room", sent, "success");
        server.turns(5)?;
        let c_queue = reply_queue(service, "C")?;
        let full = mq_open(&c_queue, O_WRONLY, 0, None)?;
        lesson.look(&full)?;
        let sent = mq_timedsend(&full, b"id 3 ticket 3", 0, &NO_WAIT);
        lesson.claim("a-full-queue-whose-only-reader-was-killed-still-makes-a-sender-wait", sent, ETIMEDOUT);

        lesson.step("It answers the third request: the queue is full, and C is dead");
        server.turns(4)?;
        let sent = server.outcome()?;
        lesson.claim("with-O_NONBLOCK-a-dead-client-costs-its-server-one-EAGAIN", sent, "EAGAIN");
        let gone = mq_open(&c_queue, O_RDONLY | O_NONBLOCK, 0, None);
        lesson.claim("another-process-can-unlink-the-queue-of-a-dead-client", gone, ENOENT);
        // ANCHOR_END: dead
        mq_close(full)?;
        server.kill(lesson)?;
        shm_unlink(&names[1])?;
        Ok(mq_unlink(service)?)
    })
}

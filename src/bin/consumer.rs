//! A consumer receives what a producer has left, the highest priority first, and removes the queue.
//!
//!     cargo run --bin consumer
//!     cargo run --bin consumer -- --alone     # after: producer -- --alone
//!
//! Chapter: lessons/14-persistence. Manual pages: mq_open(3), mq_receive(3),
//! mq_overview(7). Previous: producer.

use ipc_workbook::cli::Failure;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Name, Outcome, switch};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use libc::{O_CREAT, O_EXCL, O_RDONLY, O_WRONLY};
use nix::errno::Errno::{EBADF, ENOENT};
use std::process::ExitCode;

const HELP: &str = "Be the consumer only: receive what `producer --alone` has left, and remove the queue. \
                    Without this flag, the lesson starts a producer in a process of its own";

fn main() -> ExitCode {
    lesson!([switch("alone", HELP)], |lesson| {
        if lesson.is_set("alone") {
            let name = lesson.name_as_it_is(Kind::Queue, "/lifecycle_demo")?;
            lesson.step("Open the queue that a producer has left");
            let mq = open(&name).map_err(|errno| match errno {
                ENOENT => Failure::Machine(format!(
                    "mq_open: ENOENT: there is no queue {}; run producer --alone first",
                    name.to_string_lossy()
                )),
                errno => Failure::from(errno),
            })?;
            return consume(lesson, &name, mq);
        }
        let name = lesson.name(Kind::Queue, "/lifecycle_demo")?;

        lesson.step("The consumer starts before any producer");
        lesson.predict("Without O_CREAT, what is the result of mq_open?", &["EAGAIN", "ENOENT", "success"]);
        lesson.claim("a-consumer-that-starts-first-gets-ENOENT", open(&name), ENOENT);

        lesson.step("A producer creates the queue, sends two messages, and exits");
        lesson.in_process("B", |_| {
            let attr = MqAttr::new(2, 64);
            let mq = mq_open(&name, O_CREAT | O_EXCL | O_WRONLY, 0o600, Some(&attr))?;
            mq_send(&mq, b"Data from producer process", 1)?;
            mq_send(&mq, b"Urgent, though sent later", 5)?;
            Ok(mq_close(mq)?)
        })?;

        lesson.step("The consumer opens the queue, and tries to send");
        let mq = open(&name)?;
        lesson.look(&mq)?;
        lesson.claim(
            "mq_send-through-a-read-only-descriptor-fails-with-EBADF",
            mq_send(&mq, b"back", 0),
            EBADF,
        );
        consume(lesson, &name, mq)
    })
}

/// The lifecycle tutorial's consumer: it never creates the queue.
fn open(name: &Name) -> ipc_workbook::call::Result<Mqd> {
    mq_open(name, O_RDONLY, 0, None)
}

// ANCHOR: consume
/// Receives both messages, and unlinks the queue. The process that needs it last should do so.
fn consume(lesson: &Lesson, name: &Name, mq: Mqd) -> Outcome {
    lesson.step("Receive both messages, and unlink the queue");
    lesson.predict("They were sent with priority 1, then 5. Which comes first?", &["1", "5", "0"]);
    let mut buffer = [0; 64];
    let (_, priority) = mq_receive(&mq, &mut buffer)?;
    lesson.claim("the-highest-priority-comes-first", priority, 5);
    let (_, priority) = mq_receive(&mq, &mut buffer)?;
    lesson.claim("the-lower-priority-comes-second", priority, 1);
    mq_close(mq)?;
    mq_unlink(name)?;
    lesson.claim("after-the-consumer-has-unlinked-the-queue-nobody-can-open-it", open(name), ENOENT);
    Ok(())
}
// ANCHOR_END: consume

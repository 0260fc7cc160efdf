//! Messages wait in the queue after the producer that sent them has ended.
//!
//!     cargo run --bin producer
//!     cargo run --bin producer -- --alone     # then, in another terminal: consumer -- --alone
//!
//! Chapter: lessons/14-persistence. Manual pages: mq_open(3), mq_send(3),
//! mq_overview(7). Previous: atexit_demo. Next: consumer.

use ipc_workbook::cli::Failure;
use ipc_workbook::lesson::{Lesson, Name, Outcome, switch};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::{call::Result, lesson};
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_WRONLY};
use nix::errno::Errno::{EAGAIN, EEXIST};
use std::process::ExitCode;

const HELP: &str = "Be the producer only, and leave the queue behind for `consumer --alone`. \
                    Without this flag, the lesson starts a producer, looks at what it leaves, and removes it";

fn main() -> ExitCode {
    lesson!([switch("alone", HELP)], |lesson| {
        if lesson.is_set("alone") {
            let name = lesson.name_to_leave(Kind::Queue, "/lifecycle_demo")?;
            lesson.step("Create the queue, and send two messages");
            let mq = create(&name).map_err(|errno| match errno {
                EEXIST => Failure::Machine(format!(
                    "mq_open: EEXIST: the queue exists; run consumer --alone, which empties and removes {}",
                    name.to_string_lossy()
                )),
                errno => Failure::from(errno),
            })?;
            produce(lesson, mq)?;
            lesson.leave_behind(&name);
            return Ok(());
        }
        let name = lesson.name(Kind::Queue, "/lifecycle_demo")?;

        // ANCHOR: exit
        lesson.step("A producer creates the queue, sends, and exits");
        lesson.in_process("B", |_| produce(lesson, create(&name)?))?;

        lesson.step("Look at what the producer has left");
        lesson.predict("The producer has exited. How many messages are waiting?", &["2", "0", "1"]);
        let mq = mq_open(&name, O_RDONLY | O_NONBLOCK, 0, None)?;
        let queue = lesson.look(&mq)?;
        lesson.claim("messages-outlive-their-sender", queue.fact("mq_curmsgs"), 2);
        lesson.claim("exit-leaves-the-name", queue.st_nlink(), 1);
        lesson.claim("no-descriptor-of-the-exited-producer-is-left", queue.descriptors(), 1);
        // ANCHOR_END: exit

        lesson.step("A second producer starts");
        lesson.predict("With O_EXCL, what is the result of mq_open?", &["EEXIST", "success", "EAGAIN"]);
        lesson.claim("a-second-producer-gets-EEXIST", create(&name), EEXIST);

        lesson.step("Receive both messages, and ask for a third");
        let mut buffer = [0; 64];
        let (_, first) = mq_receive(&mq, &mut buffer)?;
        let (_, second) = mq_receive(&mq, &mut buffer)?;
        lesson.claim(
            "a-message-of-higher-priority-comes-first-even-if-it-was-sent-last",
            first > second,
            true,
        );
        lesson.claim(
            "a-non-blocking-mq_receive-from-an-emptied-queue-fails-with-EAGAIN",
            mq_receive(&mq, &mut buffer),
            EAGAIN,
        );
        mq_close(mq)?;
        mq_unlink(&name)?;
        Ok(())
    })
}

/// The lifecycle tutorial's producer: only it creates the queue, and it does not unlink it.
fn create(name: &Name) -> Result<Mqd> {
    mq_open(name, O_CREAT | O_EXCL | O_WRONLY, 0o600, Some(&MqAttr::new(2, 64)))
}

fn produce(lesson: &Lesson, mq: Mqd) -> Outcome {
    mq_send(&mq, b"Data from producer process", 1)?;
    mq_send(&mq, b"Urgent, though sent later", 5)?;
    lesson.look(&mq)?; // the descriptor is for writing only, so the status line cannot be read
    Ok(mq_close(mq)?)
}

//! What a producer has sent waits in the queue after the producer has ended.
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

const HELP: &str = "Play the producer only: leave the queue behind, for `consumer --alone`. \
                    Without it a process plays the producer, and the lesson looks at what it leaves and removes it";

fn main() -> ExitCode {
    lesson!([switch("alone", HELP)], |lesson| {
        if lesson.is_set("alone") {
            let name = lesson.name_to_leave(Kind::Queue, "/lifecycle_demo")?;
            lesson.step("Create the queue, and send");
            let mq = create(&name).map_err(|errno| match errno {
                EEXIST => Failure::Machine(format!(
                    "mq_open: EEXIST: a producer has been here; run consumer --alone, which takes and removes {}",
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

        lesson.step("What is left of it?");
        lesson.predict("The producer has exited. How many messages wait?", &["2", "0", "1"]);
        let mq = mq_open(&name, O_RDONLY | O_NONBLOCK, 0, None)?;
        let queue = lesson.look(&mq)?;
        lesson.claim("messages-outlive-their-sender", queue.fact("mq_curmsgs"), 2);
        lesson.claim("exit-leaves-the-name", queue.st_nlink(), 1);
        lesson.claim("of-the-exited-producer-no-descriptor-is-left", queue.descriptors(), 1);
        // ANCHOR_END: exit

        lesson.step("A second producer starts");
        lesson
            .predict("It creates with O_EXCL, too. What does mq_open say?", &["EEXIST", "success", "EAGAIN"]);
        lesson.claim("a-second-producer-is-told-EEXIST", create(&name), EEXIST);

        lesson.step("Both messages are there, also for a receiver that the producer never met");
        let mut buffer = [0; 64];
        let (_, first) = mq_receive(&mq, &mut buffer)?;
        let (_, second) = mq_receive(&mq, &mut buffer)?;
        lesson.claim("what-was-sent-last-comes-first-if-its-priority-is-higher", first > second, true);
        lesson.claim("an-emptied-queue-says-EAGAIN", mq_receive(&mq, &mut buffer), EAGAIN);
        mq_close(mq)?;
        mq_unlink(&name)?;
        Ok(())
    })
}

/// The lifecycle tutorial's producer: it alone creates, and it does not unlink.
fn create(name: &Name) -> Result<Mqd> {
    mq_open(name, O_CREAT | O_EXCL | O_WRONLY, 0o600, Some(&MqAttr::new(2, 64)))
}

fn produce(lesson: &Lesson, mq: Mqd) -> Outcome {
    mq_send(&mq, b"Data from producer process", 1)?;
    mq_send(&mq, b"Urgent, though sent later", 5)?;
    lesson.look(&mq)?; // the descriptor is for writing only, so the status line is not to be had
    Ok(mq_close(mq)?)
}

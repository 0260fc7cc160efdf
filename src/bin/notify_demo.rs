//! A notification is sent when a message reaches an empty queue and no receiver is waiting.
//!
//!     cargo run --bin notify_demo
//!
//! Chapter: lessons/11-open-close-unlink. Manual pages: mq_notify(3), mq_overview(7).
//! Previous: close_demo. Next: open_modes.

use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Snapshot, Unseen};
use ipc_workbook::signal::SigEvent;
use libc::{O_CREAT, O_EXCL, O_RDONLY, O_RDWR};
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/notify_demo")?;
        // SIGEV_NONE sends nothing. NOTIFY_PID shows whether the request is used up.
        let request = SigEvent::None;

        // ANCHOR: waiting
        lesson.step("B waits in mq_receive, and A asks for a notification");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(4, 64)))?;
        let mut b = lesson.process("B", |turn| {
            let mq = mq_open(&name, O_RDONLY, 0, None)?;
            let received = turn.blocking_call(lesson, || mq_receive(&mq, &mut [0; 64]))?;
            turn.report(&received)
        })?;
        let waiting = b.until_blocked_in(lesson, "mq_receive")?;
        mq_notify(&mq, Some(&request))?;

        lesson.step("A message arrives, and B takes it");
        lesson.predict("Is A's request still valid (true) or used up (false)?", &["false", "true", "EBUSY"]);
        mq_send(&mq, b"for B", 0)?;
        let received = waiting.resume()?;
        let seen = received.and(stands(&lesson.look(&mq)?));
        lesson.claim("a-message-that-a-waiting-receiver-takes-causes-no-notification", seen, true);
        b.finish()?;
        // ANCHOR_END: waiting

        lesson.step("Another message arrives, and no receiver is waiting");
        mq_send(&mq, b"for nobody", 0)?;
        let seen = stands(&lesson.look(&mq)?);
        lesson.claim("a-message-that-arrives-at-an-empty-queue-uses-up-the-request", seen, false);

        lesson.step("A asks again while that message is in the queue, and another message arrives");
        mq_notify(&mq, Some(&request))?;
        mq_send(&mq, b"one more", 0)?;
        let seen = stands(&lesson.look(&mq)?);
        lesson.claim("a-message-that-arrives-at-a-queue-with-messages-causes-no-notification", seen, true);
        mq_close(mq)?;
        mq_unlink(&name)?;
        Ok(())
    })
}

/// Whether this process's request is still valid.
fn stands(queue: &Snapshot) -> Result<bool, Unseen> {
    let me = i64::from(std::process::id());
    queue.fact("NOTIFY_PID").map(|pid| pid == me)
}

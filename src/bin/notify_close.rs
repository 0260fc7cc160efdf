//! Any close of the queue in the registered process ends the registration, whichever descriptor it closes.
//!
//!     cargo run --bin notify_close
//!
//! Chapter: lessons/34-notification. Manual pages: mq_notify(3), mq_close(3), close(2), dup(2).
//! Previous: notify_withdrawn. Next: notify_lost.

use ipc_workbook::call::Result;
use ipc_workbook::fcntl::open;
use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen, queue_status};
use ipc_workbook::signal::{SigEvent, SigVal};
use ipc_workbook::unistd::{close, dup};
use libc::{O_CREAT, O_EXCL, O_RDONLY, O_RDWR};
use nix::errno::Errno::ENOENT;
use nix::sys::signal::Signal::SIGUSR1;
use std::process::{ExitCode, id};

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/notify_close")?;
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(4, 64)))?;
        lesson.look(&mq)?;
        let me = i64::from(id());
        let registered =
            || lesson.show("queue", "NOTIFY_PID", queue_status(&mq, "NOTIFY_PID")).map(|pid| pid == me);

        // ANCHOR: close
        lesson.step("A registers, makes a copy of the descriptor with dup, and closes the copy");
        register(&mq)?;
        let copy = dup(&mq)?;
        let before = registered();
        close(copy)?;
        let ended = before.and_then(|before| Ok(before && !registered()?));
        lesson.claim("closing-a-dup-of-the-descriptor-ends-the-registration", ended, true);

        lesson.step("A registers, opens the file of the queue with open, and closes it");
        register(&mq)?;
        let keeps = "opening-the-file-of-the-queue-keeps-the-registration";
        let ends = "closing-the-file-of-the-queue-ends-the-registration";
        match open(&name.path(), O_RDONLY, 0) {
            Err(ENOENT) => lesson.not_seen(&[keeps, ends], &Unseen("/dev/mqueue is not mounted".into()))?,
            file => {
                let file = file?;
                lesson.claim(keeps, registered(), true);
                lesson.predict("A never calls mq_close. Is it registered after close?", &["true", "false"]);
                close(file)?;
                lesson.claim(ends, registered(), false);
            }
        }
        // ANCHOR_END: close
        mq_notify(&mq, None)?;

        lesson.step("A registers; its child B closes a copy of the descriptor, and exits");
        register(&mq)?;
        lesson.in_process("B", |_| {
            let inherited = dup(&mq)?; // another descriptor of the same open file description
            Ok(close(inherited)?)
        })?;
        lesson.claim("a-close-in-a-child-leaves-the-registration", registered(), true);

        lesson.step("A is still registered, and removes the name");
        mq_unlink(&name)?;
        lesson.claim("mq_unlink-leaves-the-registration", registered(), true);
        mq_notify(&mq, None)?;
        Ok(mq_close(mq)?)
    })
}

/// Asks for SIGUSR1.
fn register(mq: &Mqd) -> Result<()> {
    let event = SigEvent::Signal { sigev_signo: SIGUSR1 as i32, sigev_value: SigVal::new(0) };
    mq_notify(mq, Some(&event))
}

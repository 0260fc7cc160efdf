//! A process that waits for SIGTERM with sigwait can clean up outside a handler, where every call is safe.
//!
//!     cargo run --bin sigwait_demo
//!
//! Chapter: lessons/14-persistence. Manual pages: sigwait(3), sigprocmask(2), signal-safety(7).
//! Previous: outlived_namespace. Next: atexit_demo.

use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::signal::{kill, sigprocmask, sigwait};
use libc::{O_CREAT, O_EXCL, O_RDONLY, O_RDWR};
use nix::errno::Errno::ENOENT;
use nix::sys::signal::Signal::SIGTERM;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/sigwait_demo")?;

        // ANCHOR: sigwait
        lesson.step("B creates a queue, blocks SIGTERM, and waits for the signal");
        let mut b = lesson.process("B", |turn| {
            let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
            sigprocmask(SIGTERM)?; // after mq_open, which in this library unblocks SIGTERM
            turn.finish()?;
            sigwait(SIGTERM)?;
            mq_close(mq)?;
            Ok(mq_unlink(&name)?)
        })?;
        b.turn()?;
        let mq = mq_open(&name, O_RDONLY, 0, None)?;
        lesson.look(&mq)?;
        mq_close(mq)?;

        lesson.step("Send SIGTERM to B");
        lesson.predict("After SIGTERM to B, what is the result of mq_open?", &["success", "EINTR", "ENOENT"]);
        kill(b.pid(), SIGTERM)?;
        b.finish()?;
        let opened = mq_open(&name, O_RDONLY, 0, None);
        lesson.claim("a-process-that-waits-for-SIGTERM-can-clean-up", opened, ENOENT);
        // ANCHOR_END: sigwait
        Ok(())
    })
}

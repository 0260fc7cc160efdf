//! /proc/PID/ns/ipc is the way into an IPC namespace. While it is open, the namespace and its queues exist.
//!
//!     cargo run --bin namespace_entry
//!
//! Chapter: lessons/36-linux. Manual pages: setns(2), ipc_namespaces(7), namespaces(7).
//! Previous: namespace_meeting. Next: pod_demo.

use ipc_workbook::capability::capset;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Namespaces};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::sched::setns;
use libc::{CLONE_NEWIPC, O_CREAT, O_EXCL, O_RDWR};
use nix::errno::Errno::{EINVAL, EPERM};
use std::process::ExitCode;

/// The claims that need a second IPC namespace.
const CLAIMS: [&str; 4] = [
    "setns-of-a-namespace-of-another-kind-fails-with-EINVAL",
    "setns-into-an-IPC-namespace-without-CAP_SYS_ADMIN-fails-with-EPERM",
    "an-open-proc-PID-ns-ipc-keeps-the-namespace-and-its-queues",
    "after-setns-a-name-means-the-queue-of-that-namespace",
];

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/namespace_entry")?;
        let attr = MqAttr::new(2, 64);
        lesson.step("A creates a queue, and B one of the same name in an IPC namespace of its own");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&attr))?;
        lesson.look(&mq)?;
        mq_send(&mq, b"in the queue of A", 0)?;
        let b = lesson.process_in("B", Lesson::rule_apart, &CLAIMS, |turn| {
            let own = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&attr))?;
            mq_send(&own, b"in the queue of B", 0)?;
            turn.finish()
        })?;
        if let Some(mut b) = b {
            b.turn()?;

            // ANCHOR: refused
            lesson.step("A opens B's namespaces; C tries to enter them");
            let of_b = Namespaces::of(b.pid())?;
            lesson.in_process("C", |_| {
                let wrong = setns(of_b.user(), CLONE_NEWIPC);
                lesson.claim("setns-of-a-namespace-of-another-kind-fails-with-EINVAL", wrong, EINVAL);
                capset(0)?; // only root has capabilities to drop
                let refused = setns(of_b.ipc(), CLONE_NEWIPC);
                let id = "setns-into-an-IPC-namespace-without-CAP_SYS_ADMIN-fails-with-EPERM";
                lesson.claim(id, refused, EPERM);
                Ok(())
            })?;
            // ANCHOR_END: refused

            // ANCHOR: alive
            lesson.step("B ends. No process is in its namespace now, but A has the file open; D enters");
            b.finish()?;
            lesson.in_process("D", |_| {
                lesson.join(&of_b, CLONE_NEWIPC)?;
                let found = mq_open(&name, O_RDWR, 0, None);
                let id = "an-open-proc-PID-ns-ipc-keeps-the-namespace-and-its-queues";
                lesson.claim(id, &found, "success");
                let mut buffer = [0; 64];
                let (length, _) = mq_receive(&found?, &mut buffer)?;
                let id = "after-setns-a-name-means-the-queue-of-that-namespace";
                lesson.claim(id, &buffer[..length], b"in the queue of B");
                Ok(())
            })?;
            // ANCHOR_END: alive
        }
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

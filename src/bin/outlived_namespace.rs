//! A queue outlives its IPC namespace as long as a process has it open or a mount shows it.
//!
//!     cargo run --bin outlived_namespace
//!
//! Chapter: lessons/14-persistence. Manual pages: ipc_namespaces(7), mq_overview(7), unshare(2).
//! Previous: persist_demo. Next: sigwait_demo.

use ipc_workbook::cli::Failure;
use ipc_workbook::fcntl::open;
use ipc_workbook::lesson;
use ipc_workbook::lesson::Name;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen};
use ipc_workbook::private::Namespace;
use ipc_workbook::sched::unshare;
use libc::{CLONE_NEWIPC, O_CREAT, O_EXCL, O_RDONLY, O_RDWR};
use nix::errno::Errno::ENOENT;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/outlived_namespace")?;

        lesson.step("Create a queue in the IPC namespace of this lesson, for comparison");
        let ours = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
        lesson.look(&ours)?;

        // ANCHOR: open
        lesson.step("B creates a queue of that name in a new namespace, and moves to yet another namespace");
        lesson.in_process("B", |_| {
            let not_there = "a-process-that-changes-its-ipc-namespace-cannot-open-its-old-queue-by-name";
            let delivers = "an-open-queue-delivers-after-the-last-process-has-left-its-ipc-namespace";
            if let Err(unseen) = enter_a_namespace() {
                return lesson.not_seen(&[not_there, delivers], &unseen);
            }
            let mq = create(&name)?;
            unshare(CLONE_NEWIPC)?; // the old one has no process now
            lesson.claim(not_there, mq_open(&name, O_RDONLY, 0, None), ENOENT);
            let mut buffer = [0; 64];
            mq_send(&mq, b"sent afterwards", 0)?;
            let (length, _) = mq_receive(&mq, &mut buffer)?;
            lesson.claim(delivers, &buffer[..length] == b"sent afterwards", true);
            Ok(())
        })?;
        // ANCHOR_END: open

        lesson.step("C does the same and closes its queue: only a mount of mqueue is left");
        lesson.in_process("C", |_| {
            let kept = "a-mount-keeps-a-queue-after-the-last-process-has-left-its-ipc-namespace";
            if let Err(unseen) = enter_a_namespace() {
                return lesson.not_seen(&[kept], &unseen);
            }
            let mq = create(&name)?;
            mq_send(&mq, b"sent before", 0)?;
            unshare(CLONE_NEWIPC)?; // /dev/mqueue was mounted before, and still shows the old one
            mq_close(mq)?;
            let mq = Mqd::from_fd(open(&name.path(), O_RDWR, 0)?);
            let mut buffer = [0; 64];
            let (length, _) = mq_receive(&mq, &mut buffer)?;
            lesson.claim(kept, &buffer[..length] == b"sent before", true);
            Ok(())
        })?;
        mq_close(ours)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Enters an IPC namespace with a /dev/mqueue of its own. The process may leave it again.
fn enter_a_namespace() -> Result<(), Unseen> {
    Ok(Namespace::new().with_capabilities().enter()?)
}

/// Without O_EXCL, the queue is not recorded for removal. A has already recorded this name.
fn create(name: &Name) -> Result<Mqd, Failure> {
    Ok(mq_open(name, O_CREAT | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?)
}

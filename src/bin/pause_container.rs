//! The objects of a pod exist while a container is in its namespaces: the one that created them may end.
//!
//!     cargo run --bin pause_container
//!
//! Chapter: lessons/36-linux. Manual pages: ipc_namespaces(7), mount_namespaces(7), setns(2).
//! Previous: pod_demo. Next: small_dev_shm.

use ipc_workbook::call::Result as CallResult;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Namespaces};
use ipc_workbook::mman::{shm_open, shm_unlink};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::unistd::{read, write};
use libc::{CLONE_NEWIPC, CLONE_NEWNS, O_CREAT, O_EXCL, O_RDONLY, O_RDWR};
use std::process::ExitCode;

/// The claims that need containers.
const CLAIMS: [&str; 3] = [
    "a-container-that-joins-both-uses-the-shared-memory-of-the-pod",
    "a-container-that-joins-both-uses-the-queue-of-the-pod",
    "the-queue-of-a-pod-outlives-the-container-that-created-it",
];

fn main() -> ExitCode {
    lesson!(|lesson| {
        let [queue, memory] = lesson.names([Kind::Queue, Kind::SharedMemory], "/pause_container")?;
        let create = |content: &[u8]| -> CallResult<Mqd> {
            let mq = mq_open(&queue, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
            mq_send(&mq, content, 0)?;
            mq_send(&mq, content, 0)?;
            write(shm_open(&memory, O_CREAT | O_EXCL | O_RDWR, 0o600)?, content)?;
            Ok(mq)
        };

        lesson.step("A creates a queue and shared memory; P, the first container of a pod, does the same");
        let mq = create(b"outside")?;
        lesson.look(&mq)?;
        let p = lesson.process_in("P", Lesson::become_container, &CLAIMS, |turn| {
            create(b"pod")?;
            turn.finish()
        })?;
        if let Some(mut p) = p {
            p.turn()?;
            let pod = Namespaces::of(p.pid())?;

            // ANCHOR: both
            lesson.step("B joins the IPC namespace and the mount namespace of the pod");
            let mut b = lesson.process("B", |turn| {
                lesson.join(&pod, CLONE_NEWIPC | CLONE_NEWNS)?;
                let mut buffer = [0; 64];
                let length = read(shm_open(&memory, O_RDONLY, 0)?, &mut buffer)?;
                let id = "a-container-that-joins-both-uses-the-shared-memory-of-the-pod";
                lesson.claim(id, &buffer[..length], b"pod");
                let (length, _) = mq_receive(&mq_open(&queue, O_RDWR, 0, None)?, &mut buffer)?;
                let id = "a-container-that-joins-both-uses-the-queue-of-the-pod";
                lesson.claim(id, &buffer[..length], b"pod");
                turn.finish()?;
                let (length, _) = mq_receive(&mq_open(&queue, O_RDWR, 0, None)?, &mut buffer)?;
                let id = "the-queue-of-a-pod-outlives-the-container-that-created-it";
                lesson.claim(id, &buffer[..length], b"pod");
                Ok(())
            })?;
            b.turn()?;
            drop(pod); // only P and B hold the namespaces now

            lesson.step("P is killed, and B opens the queue again");
            p.kill(lesson)?;
            b.finish()?;
            // ANCHOR_END: both
        }
        shm_unlink(&memory)?;
        mq_close(mq)?;
        Ok(mq_unlink(&queue)?)
    })
}

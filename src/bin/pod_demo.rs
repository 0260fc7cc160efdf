//! A pod shares two things: an IPC namespace, and the tmpfs on /dev/shm. Each covers other objects.
//!
//!     cargo run --bin pod_demo
//!
//! Chapter: lessons/36-linux. Manual pages: ipc_namespaces(7), mount_namespaces(7), setns(2).
//! Previous: namespace_meeting. Next: small_dev_shm.

use ipc_workbook::fcntl::open;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Namespaces, outcome};
use ipc_workbook::mman::shm_open;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::semaphore::{sem_close, sem_open};
use ipc_workbook::sysv::msg::*;
use libc::{CLONE_NEWIPC, CLONE_NEWNS, O_CREAT, O_RDWR};
use nix::errno::Errno::ENOENT;
use std::process::ExitCode;

/// The claims that need containers.
const CLAIMS: [&str; 10] = [
    "an-IPC-namespace-contains-the-System-V-objects-of-its-containers",
    "an-IPC-namespace-does-not-contain-shared-memory-of-shm_open",
    "an-IPC-namespace-does-not-contain-semaphores-of-sem_open",
    "containers-with-one-dev-shm-share-memory-without-an-IPC-namespace",
    "containers-with-one-dev-shm-share-semaphores-without-an-IPC-namespace",
    "containers-with-one-dev-shm-do-not-share-queue-names",
    "containers-with-one-dev-shm-do-not-share-System-V-keys",
    "the-mount-of-another-container-gives-access-to-its-queues",
    "a-container-that-joins-both-finds-the-shared-memory-and-the-queue",
    "the-queue-of-a-pod-outlives-the-container-that-created-it",
];

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let kinds = [Kind::Queue, Kind::Semaphore, Kind::SharedMemory];
        let [queue, semaphore, memory] = lesson.names(kinds, "/pod_demo")?;
        let key = lesson.key("/pod_demo")?;

        // ANCHOR: pause
        lesson.step("P is the first container of a pod, and creates four objects");
        let mut p = lesson.process("P", |turn| {
            let container = lesson.become_container();
            turn.answer(&container.clone().map(|()| String::new()))?;
            if container.is_err() {
                return Ok(());
            }
            let mq = mq_open(&queue, O_CREAT | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
            mq_send(&mq, b"for the pod", 0)?;
            sem_close(sem_open(&semaphore, O_CREAT, 0o600, 1)?)?;
            drop(shm_open(&memory, O_CREAT | O_RDWR, 0o600)?);
            msgget(key, IPC_CREAT | 0o600)?;
            turn.finish()
        })?;
        if let Err(unseen) = p.answer()? {
            p.finish()?;
            return lesson.not_seen(&CLAIMS, &unseen);
        }
        p.turn()?;
        let pod = Namespaces::of(p.pid())?;
        // ANCHOR_END: pause

        // ANCHOR: ipc
        lesson.step("B joins only the IPC namespace of the pod");
        let mut b = lesson.process("B", |turn| {
            let joined = lesson.join(&pod, CLONE_NEWIPC);
            turn.answer(&joined.clone().and_then(|()| outcome(&msgget(key, 0))))?;
            turn.answer(&joined.clone().and_then(|()| outcome(&shm_open(&memory, O_RDWR, 0))))?;
            turn.answer(&joined.clone().and_then(|()| outcome(&sem_open(&semaphore, 0, 0, 0))))
        })?;
        let system_v = b.answer()?;
        lesson.claim("an-IPC-namespace-contains-the-System-V-objects-of-its-containers", system_v, "success");
        let options = ["success", "ENOENT", "EACCES"];
        lesson.predict("P has created shared memory with shm_open. What does B's shm_open return?", &options);
        let found = b.answer()?;
        lesson.claim("an-IPC-namespace-does-not-contain-shared-memory-of-shm_open", found, "ENOENT");
        let found = b.answer()?;
        lesson.claim("an-IPC-namespace-does-not-contain-semaphores-of-sem_open", found, "ENOENT");
        b.finish()?;
        // ANCHOR_END: ipc

        // ANCHOR: mounts
        lesson.step("C joins only the mount namespace of the pod, and so has its /dev/shm and /dev/mqueue");
        lesson.in_process("C", |_| {
            if let Err(unseen) = lesson.join(&pod, CLONE_NEWNS) {
                return lesson.not_seen(&CLAIMS[3..8], &unseen);
            }
            let found = shm_open(&memory, O_RDWR, 0);
            lesson.claim(
                "containers-with-one-dev-shm-share-memory-without-an-IPC-namespace",
                &found,
                "success",
            );
            let found = sem_open(&semaphore, 0, 0, 0);
            lesson.claim(
                "containers-with-one-dev-shm-share-semaphores-without-an-IPC-namespace",
                &found,
                "success",
            );
            let found = mq_open(&queue, O_RDWR, 0, None);
            lesson.claim("containers-with-one-dev-shm-do-not-share-queue-names", found, ENOENT);
            let found = msgget(key, 0);
            lesson.claim("containers-with-one-dev-shm-do-not-share-System-V-keys", found, ENOENT);
            let file = Mqd::from_fd(open(&queue.path(), O_RDWR, 0)?);
            let mut buffer = [0; 64];
            let (length, _) = mq_receive(&file, &mut buffer)?;
            let id = "the-mount-of-another-container-gives-access-to-its-queues";
            lesson.claim(id, &buffer[..length], b"for the pod");
            mq_send(&file, b"for the pod", 0)?;
            Ok(())
        })?;
        // ANCHOR_END: mounts

        // ANCHOR: both
        lesson.step("D joins both");
        let mut d = lesson.process("D", |turn| {
            if let Err(unseen) = lesson.join(&pod, CLONE_NEWIPC | CLONE_NEWNS) {
                lesson.not_seen(&CLAIMS[8..], &unseen)?;
                return turn.finish();
            }
            let found = shm_open(&memory, O_RDWR, 0).and_then(|_| mq_open(&queue, O_RDWR, 0, None));
            lesson.claim(
                "a-container-that-joins-both-finds-the-shared-memory-and-the-queue",
                &found,
                "success",
            );
            drop(found);
            turn.finish()?;
            let found = mq_open(&queue, O_RDWR, 0, None);
            lesson.claim("the-queue-of-a-pod-outlives-the-container-that-created-it", &found, "success");
            Ok(())
        })?;
        d.turn()?;
        lesson.step("P is killed, and D opens the queue again");
        p.kill(lesson)?;
        d.finish()
        // ANCHOR_END: both
    })
}

//! The containers of a pod share an IPC namespace and the tmpfs on /dev/shm. Each of them covers other objects.
//!
//!     cargo run --bin pod_demo
//!
//! Chapter: lessons/36-linux. Manual pages: ipc_namespaces(7), mount_namespaces(7), setns(2).
//! Previous: namespace_entry. Next: pause_container.

use ipc_workbook::call::Result as CallResult;
use ipc_workbook::fcntl::open;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Namespaces};
use ipc_workbook::mman::{shm_open, shm_unlink};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::semaphore::{sem_getvalue, sem_open, sem_unlink};
use ipc_workbook::sysv::msg::*;
use ipc_workbook::unistd::{read, write};
use libc::{CLONE_NEWIPC, CLONE_NEWNS, O_CREAT, O_EXCL, O_RDWR};
use std::ffi::CStr;
use std::process::ExitCode;

/// The claims that need containers.
const CLAIMS: [&str; 8] = [
    "a-container-in-an-IPC-namespace-uses-its-System-V-objects",
    "joining-an-IPC-namespace-does-not-change-the-shared-memory-of-shm_open",
    "joining-an-IPC-namespace-does-not-change-the-semaphores-of-sem_open",
    "containers-with-one-dev-shm-share-memory-without-an-IPC-namespace",
    "containers-with-one-dev-shm-share-semaphores-without-an-IPC-namespace",
    "containers-with-one-dev-shm-do-not-share-queue-names",
    "containers-with-one-dev-shm-do-not-share-System-V-keys",
    "the-mount-of-another-container-gives-access-to-its-queues",
];

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let kinds = [Kind::Queue, Kind::Semaphore, Kind::SharedMemory];
        let [queue, semaphore, memory] = lesson.names(kinds, "/pod_demo")?;
        let key = lesson.key("/pod_demo")?;
        // ANCHOR: create
        let create = |content: &[u8], value| -> CallResult<i32> {
            let mq = mq_open(&queue, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
            mq_send(&mq, content, 0)?;
            sem_open(&semaphore, O_CREAT | O_EXCL, 0o600, value)?;
            write(shm_open(&memory, O_CREAT | O_EXCL | O_RDWR, 0o600)?, content)?;
            let msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0o600)?;
            msgsnd(msqid, 1, content, IPC_NOWAIT)?;
            Ok(msqid)
        };

        lesson.step("A creates four objects, outside of all containers");
        let msqid = create(b"outside", 1)?;

        lesson.step("P is the first container of a pod, and creates four objects with the same names");
        let p = lesson.process_in("P", Lesson::become_container, &CLAIMS, |turn| {
            create(b"pod", 2)?;
            turn.finish()
        })?;
        // ANCHOR_END: create
        if let Some(mut p) = p {
            p.turn()?;
            let pod = Namespaces::of(p.pid())?;

            lesson.step("B joins only the IPC namespace of the pod");
            lesson.in_process("B", |_| {
                lesson.join(&pod, CLONE_NEWIPC)?;
                let id = "a-container-in-an-IPC-namespace-uses-its-System-V-objects";
                lesson.claim(id, text_of(msgget(key, 0)?)?.as_str(), "pod");
                let id = "joining-an-IPC-namespace-does-not-change-the-shared-memory-of-shm_open";
                lesson.claim(id, memory_of(&memory)?.as_str(), "outside");
                let id = "joining-an-IPC-namespace-does-not-change-the-semaphores-of-sem_open";
                lesson.claim(id, sem_getvalue(&sem_open(&semaphore, 0, 0, 0)?)?, 1);
                Ok(())
            })?;

            lesson.step("C joins only the mount namespace of the pod, with its /dev/shm and /dev/mqueue");
            lesson.in_process("C", |_| {
                lesson.join(&pod, CLONE_NEWNS)?;
                let id = "containers-with-one-dev-shm-share-memory-without-an-IPC-namespace";
                lesson.claim(id, memory_of(&memory)?.as_str(), "pod");
                let id = "containers-with-one-dev-shm-share-semaphores-without-an-IPC-namespace";
                lesson.claim(id, sem_getvalue(&sem_open(&semaphore, 0, 0, 0)?)?, 2);
                let id = "containers-with-one-dev-shm-do-not-share-queue-names";
                lesson.claim(id, message_of(&mq_open(&queue, O_RDWR, 0, None)?)?.as_str(), "outside");
                let id = "containers-with-one-dev-shm-do-not-share-System-V-keys";
                lesson.claim(id, text_of(msgget(key, 0)?)?.as_str(), "outside");
                let file = Mqd::from_fd(open(&queue.path(), O_RDWR, 0)?);
                let id = "the-mount-of-another-container-gives-access-to-its-queues";
                lesson.claim(id, message_of(&file)?.as_str(), "pod");
                Ok(())
            })?;
            p.finish()?;
        }
        msgctl(msqid, IPC_RMID)?;
        shm_unlink(&memory)?;
        sem_unlink(&semaphore)?;
        Ok(mq_unlink(&queue)?)
    })
}

fn message_of(mq: &Mqd) -> CallResult<String> {
    let mut buffer = [0; 64];
    let (length, _) = mq_receive(mq, &mut buffer)?;
    Ok(buffer[..length].escape_ascii().to_string())
}

fn text_of(msqid: i32) -> CallResult<String> {
    let mut buffer = [0; 64];
    let (length, _) = msgrcv(msqid, &mut buffer, 0, IPC_NOWAIT)?;
    Ok(buffer[..length].escape_ascii().to_string())
}

fn memory_of(name: &CStr) -> CallResult<String> {
    let mut buffer = [0; 64];
    let length = read(shm_open(name, O_RDWR, 0)?, &mut buffer)?;
    Ok(buffer[..length].escape_ascii().to_string())
}

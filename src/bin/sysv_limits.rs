//! The limits of System V objects belong to an IPC namespace, and the errno says what kind of limit is met.
//!
//!     cargo run --bin sysv_limits
//!
//! Chapter: lessons/23-connectionless. Manual pages: proc_sys_kernel(5), sysvipc(7),
//! mq_overview(7), ipc_namespaces(7). Previous: connectionless_demo. Next: ipc_settings.

use ipc_workbook::lesson;
use ipc_workbook::lesson::{Group, Seen, beyond, new_queue, new_segment, new_set, outcome};
use ipc_workbook::observe::limit;
use ipc_workbook::sched::unshare;
use ipc_workbook::sysv::{msg::*, sem::*, shm::*};
use std::process::ExitCode;

const LIMITS: [(&str, &str); 17] = [
    ("kernel/msgmax", "bytes in the text of a message"),
    ("kernel/msgmnb", "bytes in a new queue; IPC_SET may change it for one queue"),
    ("kernel/msgmni", "queues"),
    ("kernel/sem", "semaphores in a set, in all sets, operations in a semop, sets"),
    ("kernel/shmmax", "bytes in a segment"),
    ("kernel/shmall", "pages in all segments"),
    ("kernel/shmmni", "segments"),
    ("kernel/shm_rmid_forced", "1: a segment is destroyed at its last detach, removed or not"),
    ("kernel/msg_next_id", "the identifier of the next queue; -1: the kernel chooses"),
    ("kernel/sem_next_id", "the same for sets"),
    ("kernel/shm_next_id", "the same for segments"),
    ("kernel/auto_msgmni", "has no effect any more"),
    ("fs/mqueue/queues_max", "POSIX queues"),
    ("fs/mqueue/msg_max", "the highest mq_maxmsg"),
    ("fs/mqueue/msgsize_max", "the highest mq_msgsize"),
    ("fs/mqueue/msg_default", "mq_maxmsg of a queue created without attributes"),
    ("fs/mqueue/msgsize_default", "mq_msgsize of such a queue"),
];

#[rustfmt::skip] // a table is easier to read with one experiment on each line
const GROUPS: [Group; 4] = [
    ("Queues", "msgmax is 64. What does msgsnd return for a text of 65 bytes?", ["E2BIG", "EINVAL", "EMSGSIZE"], &[
        ("kernel/msgmax", "64", "EINVAL", "a-text-longer-than-msgmax-is-EINVAL", &|| sends(64, 65)),
        ("kernel/msgmnb", "64", "EAGAIN", "a-queue-with-msgmnb-bytes-is-full", &|| sends(64, 1)),
        ("kernel/msgmnb", "1", "EAGAIN", "msgmnb-also-limits-the-number-of-empty-messages", &|| sends(0, 0)),
        ("kernel/msgmni", "1", "ENOSPC", "more-queues-than-msgmni-fail-with-ENOSPC", &|| beyond(&new_queue(), &new_queue())),
    ]),
    ("Sets: kernel.sem has four numbers", "The first is 3. What does semget return for a set of 4?", ["EINVAL", "ENOSPC", "ERANGE"], &[
        ("kernel/sem", "3 32000 500 32000", "EINVAL", "a-set-larger-than-the-first-number-fails-with-EINVAL", &|| beyond(&new_set(3), &new_set(4))),
        ("kernel/sem", "32000 5 500 32000", "ENOSPC", "more-semaphores-in-all-than-the-second-number-fail-with-ENOSPC", &|| beyond(&new_set(3), &new_set(3))),
        ("kernel/sem", "32000 32000 2 32000", "E2BIG", "more-operations-in-a-semop-than-the-third-number-fail-with-E2BIG", &operations),
        ("kernel/sem", "32000 32000 500 1", "ENOSPC", "more-sets-than-the-fourth-number-fail-with-ENOSPC", &|| beyond(&new_set(1), &new_set(1))),
    ]),
    ("Segments", "shmmax is 4096. What does shmget return for 4097 bytes?", ["ENOMEM", "ENOSPC", "EINVAL"], &[
        ("kernel/shmmax", "4096", "EINVAL", "a-segment-longer-than-shmmax-fails-with-EINVAL", &|| beyond(&new_segment(4096), &new_segment(4097))),
        ("kernel/shmall", "1", "ENOSPC", "more-pages-in-all-than-shmall-fail-with-ENOSPC", &|| beyond(&new_segment(1), &new_segment(1))),
        ("kernel/shmmni", "1", "ENOSPC", "more-segments-than-shmmni-fail-with-ENOSPC", &|| beyond(&new_segment(1), &new_segment(1))),
        ("kernel/shm_rmid_forced", "1", "EINVAL", "with-shm_rmid_forced-the-last-shmdt-destroys-the-segment", &detached),
    ]),
    ("Whose limits are they?", "B sets msgmax, and moves into a new namespace. What is msgmax there?", ["64", "0", "8192"], &[
        ("kernel/msgmax", "64", "8192", "a-new-namespace-does-not-inherit-its-limits", &moved_on),
    ]),
];

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let key = lesson.key("/sysv_limits")?;
        lesson.step("The limits of this IPC namespace; every user can read them");
        let shown = |name| limit(name).unwrap_or_else(|unseen| format!("not seen, {unseen}"));
        lesson.note(&LIMITS.map(|(name, what)| format!("{name:<26} {:<27} {what}", shown(name))).join("\n"));
        let msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0o600)?;
        msgsnd(msqid, 1, &[b'A'; 65], IPC_NOWAIT)?;
        lesson.try_limits(&GROUPS, &[])?;

        lesson.step("A sends 65 bytes in its own namespace");
        let question = "B has set msgmax to 64. What does msgsnd return for A's 65 bytes?";
        lesson.predict(question, &["EINVAL", "EAGAIN", "success"]);
        lesson.claim("what-B-has-set-does-not-bind-A", &msgsnd(msqid, 1, &[b'A'; 65], IPC_NOWAIT), "success");
        Ok(msgctl(msqid, IPC_RMID)?)
    })
}

fn sends(first: usize, second: usize) -> Seen {
    let msqid = new_queue();
    let send = |bytes: usize| msgsnd(msqid?, 1, &b"x".repeat(bytes), IPC_NOWAIT);
    beyond(&send(first), &send(second))
}

fn operations() -> Seen {
    let semid = new_set(1);
    let operate = |n| semop(semid?, &[Sembuf::new(0, 1, 0)].repeat(n));
    beyond(&operate(2), &operate(3))
}

fn detached() -> Seen {
    let segment = new_segment(1);
    let detached = segment.and_then(|shmid| shmat(shmid, None, 0)).and_then(shmdt);
    beyond(&detached, &segment.and_then(|shmid| shmctl(shmid, IPC_STAT)))
}

fn moved_on() -> Seen {
    outcome(&unshare(libc::CLONE_NEWIPC)).and_then(|_| limit("kernel/msgmax"))
}

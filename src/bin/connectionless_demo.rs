//! The kernel does not record which processes use a System V queue or set, only which one used it last.
//!
//!     cargo run --bin connectionless_demo
//!
//! Chapter: lessons/23-connectionless. Manual pages: msgctl(2), semctl(2), shmctl(2),
//! pipe(7), unix(7). Next: sysv_limits.

use ipc_workbook::lesson;
use ipc_workbook::lesson::{Turn, segments_must_stay};
use ipc_workbook::observe::sysvipc::Table::{Msg, Sem, Shm};
use ipc_workbook::socket::{sendmsg, socketpair};
use ipc_workbook::sysv::{msg::*, sem::*, shm::*};
use ipc_workbook::unistd::{close, pipe, read};
use nix::errno::Errno::{ENOMSG, EPIPE};
use std::process::ExitCode;

const CHANGED: &str = "Which columns of the queue's line have changed?";

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        segments_must_stay()?;
        let key = lesson.key("/connectionless_demo")?;

        // ANCHOR: get
        lesson.step("A creates a queue and a set");
        let msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0o600)?;
        let semid = semget(key, 1, IPC_CREAT | IPC_EXCL | 0o600)?;
        let (queue, set) = (lesson.row(Msg, msqid)?, lesson.row(Sem, semid)?);

        lesson.step("B gets the identifiers of both: does that open them?");
        let mut b = lesson.started("B", |turn| {
            let (msqid, semid) = (msgget(key, 0o600)?, semget(key, 1, 0o600)?);
            turn.finish()?;
            msgsnd(msqid, 1, b"from B", IPC_NOWAIT)?;
            semop(semid, &[Sembuf::new(0, 1, 0)])?;
            turn.finish()
        })?;
        lesson.predict(CHANGED, &["lspid", "nothing", "lspid ctime"]);
        let trace = lesson.row(Msg, msqid)?.changed_since(&queue);
        lesson.claim("msgget-leaves-no-trace-in-a-queue", trace, "nothing".into());
        let trace = lesson.row(Sem, semid)?.changed_since(&set);
        lesson.claim("semget-leaves-no-trace-in-a-set", trace, "nothing".into());
        // ANCHOR_END: get

        // ANCHOR: use
        lesson.step("B uses both");
        b.turn()?;
        let (used_queue, used_set) = (lesson.row(Msg, msqid)?, lesson.row(Sem, semid)?);
        let trace = used_queue.changed_since(&queue);
        lesson.claim("a-send-leaves-bytes-a-pid-and-a-time", trace, "cbytes qnum lspid stime".into());
        lesson.claim("a-semop-leaves-its-time", used_set.changed_since(&set), "otime".into());
        let pid = b.pid();
        lesson.claim("semctl-tells-the-pid-of-the-last-semop", semctl(semid, 0, GETPID)? == pid, true);

        lesson.step("B is killed");
        b.kill(lesson)?;
        lesson.predict(CHANGED, &["nothing", "lspid", "qnum lspid"]);
        let (queue, set) = (lesson.row(Msg, msqid)?, lesson.row(Sem, semid)?);
        lesson.claim("a-queue-does-not-notice-a-death", queue.changed_since(&used_queue), "nothing".into());
        let trace = set.changed_since(&used_set);
        lesson.claim("without-SEM_UNDO-a-set-does-not-notice-a-death", trace, "nothing".into());
        lesson.claim("lspid-still-names-the-dead-process", queue.fact("lspid"), i64::from(pid));
        // ANCHOR_END: use

        // ANCHOR: peers
        lesson.step("C has a pipe and a socket to A, and the queue's identifier; then C is killed");
        msgrcv(msqid, &mut [0; 64], 0, IPC_NOWAIT)?;
        let (reader, writer) = pipe()?;
        let (near, far) = socketpair()?;
        let c = lesson.started("C", Turn::finish)?;
        close(writer)?; // now only C has these two ends
        close(far)?;
        let before = msgrcv(msqid, &mut [0; 64], 0, IPC_NOWAIT).err().unwrap_or(ENOMSG);
        c.kill(lesson)?;
        lesson.predict("What does read on the pipe return?", &["EPIPE", "ENOMSG", "0"]);
        lesson.claim("a-pipe-says-that-its-last-writer-is-gone", read(&reader, &mut [0; 64])?, 0);
        lesson.claim("a-unix-socket-says-that-its-peer-is-gone", sendmsg(&near, b"to C", &[]), EPIPE);
        let after = msgrcv(msqid, &mut [0; 64], 0, IPC_NOWAIT);
        lesson.claim("a-queue-returns-the-same-errno-before-and-after-C-dies", after, before);
        // ANCHOR_END: peers

        // ANCHOR: nattch
        lesson.step("The exception: a segment, attached by A, and by D through fork");
        let shmid = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0o600)?;
        let memory = shmat(shmid, None, 0)?;
        lesson.claim("shmat-is-counted", lesson.row(Shm, shmid)?.fact("nattch"), 1);
        let d = lesson.started("D", Turn::finish)?;
        lesson.claim("an-attachment-inherited-by-fork-is-counted", lesson.row(Shm, shmid)?.fact("nattch"), 2);
        lesson.predict("D is killed before it calls shmdt. What is nattch?", &["2", "0", "1"]);
        d.kill(lesson)?;
        lesson.claim("the-kernel-detaches-a-killed-process", lesson.row(Shm, shmid)?.fact("nattch"), 1);
        shmdt(memory)?;
        lesson.claim("shmdt-is-counted", lesson.row(Shm, shmid)?.fact("nattch"), 0);
        shmctl(shmid, IPC_RMID)?;
        // ANCHOR_END: nattch

        lesson.step("A removes the queue while E has its identifier");
        let mut e = lesson.started("E", |turn| {
            let msqid = msgget(key, 0o600)?;
            turn.finish()?;
            turn.report(&msgsnd(msqid, 1, b"from E", IPC_NOWAIT))
        })?;
        let removed = msgctl(msqid, IPC_RMID);
        lesson.claim("a-queue-can-be-removed-while-another-process-has-its-identifier", &removed, "success");
        lesson.claim("the-other-process-learns-of-the-removal-at-its-next-call", e.outcome()?, "EINVAL");
        e.finish()?;
        Ok(semctl(semid, 0, IPC_RMID)?)
    })
}

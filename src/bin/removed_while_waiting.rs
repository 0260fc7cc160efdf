//! A call that waits while its object is removed fails with EIDRM; no call waits for a segment.
//!
//!     cargo run --bin removed_while_waiting
//!
//! Chapter: lessons/22-server-restart. Manual pages: msgop(2), semop(2), shmop(2).
//! Previous: stale_id_demo. Next: svmsg_bad_client.

use ipc_workbook::lesson;
use ipc_workbook::sysv::{msg::*, sem::*, shm::*};
use nix::errno::Errno::EINVAL;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let key = lesson.key("/removed_while_waiting")?;

        lesson.step("A creates a queue, a set and a segment");
        let msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0o600)?;
        let semid = semget(key, 1, IPC_CREAT | IPC_EXCL | 0o600)?;
        let shmid = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0o600)?;

        // ANCHOR: waiting
        lesson.step("B waits for a message, and A removes the queue");
        let mut b = lesson.process("B", |turn| {
            let received = turn.blocking_call(lesson, || msgrcv(msqid, &mut [0; 8], 0, 0))?;
            turn.report(&received)
        })?;
        lesson.predict("B waits in msgrcv. What does that call return?", &["EIDRM", "EINTR", "EINVAL"]);
        let waiting = b.until_blocked_in(lesson, "msgrcv")?;
        msgctl(msqid, IPC_RMID)?;
        lesson.claim(
            "a-waiting-msgrcv-fails-with-EIDRM-when-the-queue-is-removed",
            waiting.resume()?,
            "EIDRM",
        );
        b.finish()?;
        // ANCHOR_END: waiting

        lesson.step("C waits for room in a full queue, and A removes the queue");
        let full = msgget(key, IPC_CREAT | IPC_EXCL | 0o600)?;
        let mut ds = msgctl(full, IPC_STAT)?;
        ds.msg_qbytes = 1;
        msgctl(full, IPC_SET(&ds))?;
        msgsnd(full, 1, b"x", IPC_NOWAIT)?;
        let mut c = lesson.process("C", |turn| {
            let sent = turn.blocking_call(lesson, || msgsnd(full, 1, b"x", 0))?;
            turn.report(&sent)
        })?;
        let waiting = c.until_blocked_in(lesson, "msgsnd")?;
        msgctl(full, IPC_RMID)?;
        lesson.claim(
            "a-waiting-msgsnd-fails-with-EIDRM-when-the-queue-is-removed",
            waiting.resume()?,
            "EIDRM",
        );
        c.finish()?;

        lesson.step("D waits for a semaphore, and A removes the set");
        let mut d = lesson.process("D", |turn| {
            let taken = turn.blocking_call(lesson, || semop(semid, &[Sembuf::new(0, -1, 0)]))?;
            turn.report(&taken)
        })?;
        let waiting = d.until_blocked_in(lesson, "semop")?;
        semctl(semid, 0, IPC_RMID)?;
        lesson.claim("a-waiting-semop-fails-with-EIDRM-when-the-set-is-removed", waiting.resume()?, "EIDRM");
        d.finish()?;

        lesson.step("No call waits for a segment: A removes one that is attached");
        let memory = shmat(shmid, None, 0)?;
        shmctl(shmid, IPC_RMID)?;
        lesson.predict(
            "The segment is removed, and still attached. What does another shmat return?",
            &["EINVAL", "success", "EIDRM"],
        );
        let again = shmat(shmid, None, 0);
        lesson.claim("a-removed-segment-can-be-attached-while-a-process-is-attached", &again, "success");
        shmdt(again?)?;
        shmdt(memory)?;
        lesson.claim(
            "shmat-of-a-removed-segment-fails-with-EINVAL-after-the-last-detach",
            shmat(shmid, None, 0),
            EINVAL,
        );
        Ok(())
    })
}

//! The identifier of a removed object gives EINVAL, until a new object gets the same identifier.
//!
//!     cargo run --bin stale_id_demo
//!     cargo run --bin stale_id_demo -- --wrap    # goes through all identifiers, and sets no counter
//!
//! Chapter: lessons/22-server-restart. Manual pages: msgop(2), semop(2), shmop(2), sysvipc(7).
//! Previous: svmsg_restart_load. Next: removed_while_waiting.

use ipc_workbook::call::{Result, unreported};
use ipc_workbook::cli::Failure;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Outcome, outcome, switch};
use ipc_workbook::observe::{Unseen, sysvipc::Table};
use ipc_workbook::sysv::{msg::*, sem::*, shm::*};
use nix::errno::Errno::EINVAL;
use std::process::ExitCode;

const TAKE: [Sembuf; 1] = [Sembuf::new(0, -1, 0)];
/// A process sets the identifier of the next queue in this file.
const NEXT_ID: &str = "/proc/sys/kernel/msg_next_id";

fn main() -> ExitCode {
    let wrap = switch("wrap", "Create four million queues, until the first identifier comes back");
    lesson!(keys, [wrap], |lesson| {
        let key = lesson.key("/stale_id_demo")?;
        let queue = || msgget(key, IPC_CREAT | IPC_EXCL | 0o600);
        let set = || semget(key, 1, IPC_CREAT | IPC_EXCL | 0o600);
        let segment = || shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0o600);

        lesson.step("A creates a queue, a set and a segment, and removes them: their slots are empty");
        let (msqid, semid, shmid) = (queue()?, set()?, segment()?);
        lesson.row(Table::Msg, msqid)?;
        msgctl(msqid, IPC_RMID)?;
        semctl(semid, 0, IPC_RMID)?;
        shmctl(shmid, IPC_RMID)?;
        lesson.predict("The queue is removed. What does msgsnd return?", &["EIDRM", "EINVAL", "success"]);
        let send = || msgsnd(msqid, 1, b"x", IPC_NOWAIT);
        lesson.claim("msgsnd-to-an-empty-slot-fails-with-EINVAL", send(), EINVAL);
        let receive = || msgrcv(msqid, &mut [0; 8], 0, IPC_NOWAIT);
        lesson.claim("msgrcv-from-an-empty-slot-fails-with-EINVAL", receive(), EINVAL);
        lesson.claim("semop-on-an-empty-slot-fails-with-EINVAL", semop(semid, &TAKE), EINVAL);
        lesson.claim("shmat-of-an-empty-slot-fails-with-EINVAL", shmat(shmid, None, 0), EINVAL);

        // ANCHOR: reused
        lesson.step("A creates objects until each slot is used again, by an object with another identifier");
        let new_msqid = lesson.muted(|| in_slot_of(msqid, queue, |id| msgctl(id, IPC_RMID)))?;
        let new_semid = lesson.muted(|| in_slot_of(semid, set, |id| semctl(id, 0, IPC_RMID)))?;
        let new_shmid = lesson.muted(|| in_slot_of(shmid, segment, |id| shmctl(id, IPC_RMID)))?;
        lesson.claim("a-slot-used-again-has-another-identifier", new_msqid == msqid, false);
        lesson.row(Table::Msg, new_msqid)?;
        lesson.row(Table::Sem, new_semid)?;
        lesson.row(Table::Shm, new_shmid)?;
        lesson.predict("What does msgsnd to the stale identifier return?", &["success", "EIDRM", "EINVAL"]);
        lesson.claim("msgsnd-to-a-slot-used-again-fails-with-EINVAL", send(), EINVAL);
        lesson.claim("msgrcv-from-a-slot-used-again-fails-with-EINVAL", receive(), EINVAL);
        lesson.claim("semop-on-a-slot-used-again-fails-with-EINVAL", semop(semid, &TAKE), EINVAL);
        lesson.claim("shmat-of-a-slot-used-again-fails-with-EINVAL", shmat(shmid, None, 0), EINVAL);
        // ANCHOR_END: reused

        // ANCHOR: again
        lesson.step("What if a new queue gets the same number? B moves into a namespace of its own");
        lesson.in_process("B", |_| {
            let again = lesson.go_apart().and_then(|()| number_comes_back(lesson));
            let came_back = again.as_ref().map(|(stale, new)| stale == new).map_err(Clone::clone);
            lesson.claim("the-identifier-of-a-removed-queue-can-come-back", came_back, true);
            let sent = again.and_then(|(stale, _)| outcome(&msgsnd(stale, 1, b"for another", IPC_NOWAIT)));
            lesson.claim("an-identifier-that-came-back-leads-into-another-queue", sent, "success");
            Ok(())
        })?;
        // ANCHOR_END: again
        msgctl(new_msqid, IPC_RMID)?;
        semctl(new_semid, 0, IPC_RMID)?;
        Ok(shmctl(new_shmid, IPC_RMID)?)
    })
}

/// Creates and removes objects until one has the slot of a removed object. The slot is
/// the identifier without its sequence number.
fn in_slot_of(id: i32, make: impl Fn() -> Result<i32>, remove: impl Fn(i32) -> Result<()>) -> Outcome<i32> {
    for _ in 0..100_000 {
        let new = make()?;
        if new % 32768 == id % 32768 {
            return Ok(new);
        }
        remove(new)?;
    }
    Err(Failure::Machine("the slot stays taken: another program has an object in it; run it again".into()))
}

/// The identifier of a removed queue, and that of a later queue, which should be the same.
fn number_comes_back(lesson: &Lesson) -> std::result::Result<(i32, i32), Unseen> {
    let unseen = |errno| Unseen(format!("no queue of B's own: {errno:?}"));
    let make = || msgget(IPC_PRIVATE, 0o600).map_err(unseen); // it is destroyed with the namespace
    let remove = |id| msgctl(id, IPC_RMID).map_err(unseen);
    let stale = make()?;
    remove(stale)?;
    if !lesson.is_set("wrap") {
        std::fs::write(NEXT_ID, stale.to_string()).map_err(|error| Unseen(format!("{NEXT_ID}: {error}")))?;
        lesson.note(&format!("B sets the number of the next queue in {NEXT_ID}: {stale}"));
        return Ok((stale, make()?));
    }
    let (mut id, mut made) = (unreported(make)?, 1);
    while id != stale {
        unreported(|| remove(id))?;
        (id, made) = (unreported(make)?, made + 1);
    }
    lesson.note(&format!("The number came back after {made} queues"));
    Ok((stale, id))
}

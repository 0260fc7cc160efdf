//! Between semget and SETVAL another process can use the semaphore, and SETVAL overwrites its change.
//!
//!     cargo run --bin sem_init_race
//!
//! Chapter: lessons/21-system-v-keys. Manual pages: semget(2), semctl(2).
//! Previous: sem_undo. Next: sem_init_otime.

use ipc_workbook::lesson;
use ipc_workbook::observe::sysvipc::Table;
use ipc_workbook::sysv::sem::*;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let key = lesson.key("/sem_init_race")?;

        // ANCHOR: lost
        lesson.step("A creates the set. Before A sets the value, B finds the set and adds 1");
        let semid = semget(key, 1, IPC_CREAT | IPC_EXCL | 0o600)?;
        lesson.row(Table::Sem, semid)?;
        let mut b = lesson.process("B", |turn| {
            let semid = semget(key, 1, IPC_CREAT | 0o600)?; // finds it, or creates it
            lesson.claim("a-process-can-find-a-set-before-its-value-is-set", semctl(semid, 0, GETVAL)?, 0);
            semop(semid, &[Sembuf::new(0, 1, 0)])?;
            turn.finish()?;

            semctl(semid, 0, SETVAL(1))?;
            turn.report(&semop(semid, &[Sembuf::new(0, -1, IPC_NOWAIT)]))
        })?;
        b.turn()?;

        lesson.step("Now A sets the value, as it intended from the start");
        lesson.predict("B has added 1, and A sets the value to 1. What is it now?", &["2", "1", "0"]);
        semctl(semid, 0, SETVAL(1))?;
        lesson.claim("SETVAL-overwrites-the-change-of-another-process", semctl(semid, 0, GETVAL)?, 1);
        // ANCHOR_END: lost

        lesson.step("A takes the semaphore. Then B sets the value too, to be on the safe side");
        semop(semid, &[Sembuf::new(0, -1, IPC_NOWAIT)])?;
        lesson.predict(
            "A holds the semaphore. B sets it to 1 and takes it. What is the result of B's semop?",
            &["EAGAIN", "success", "EEXIST"],
        );
        lesson.claim("a-second-SETVAL-lets-a-second-holder-in", b.outcome()?, "success");
        b.finish()?;
        Ok(semctl(semid, 0, IPC_RMID)?)
    })
}

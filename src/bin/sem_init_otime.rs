//! The sem_otime of a set is 0 until its first semop, and shows other processes when the set is ready.
//!
//!     cargo run --bin sem_init_otime
//!
//! Chapter: lessons/21-system-v-keys. Manual pages: semget(2), semctl(2), semop(2).
//! Previous: sem_init_race.

use ipc_workbook::lesson;
use ipc_workbook::observe::sysvipc::Table;
use ipc_workbook::sysv::sem::*;
use nix::errno::Errno::EEXIST;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let key = lesson.key("/sem_init_otime")?;

        // ANCHOR: create
        lesson.step("A creates the set and sets the value to 0. B finds the set before A's first semop");
        let semid = semget(key, 1, IPC_CREAT | IPC_EXCL | 0o600)?;
        semctl(semid, 0, SETVAL(0))?;
        lesson.row(Table::Sem, semid)?;
        let mut b = lesson.process("B", |turn| {
            let created = semget(key, 1, IPC_CREAT | IPC_EXCL | 0o600);
            lesson.claim("the-second-process-gets-EEXIST", created, EEXIST);
            let semid = semget(key, 1, 0o600)?;
            let otime = semctl(semid, 0, IPC_STAT)?.sem_otime;
            lesson.claim("SETVAL-leaves-sem_otime-at-0", otime, 0);
            turn.finish()?; // your program would look again after a while, but not forever

            let otime = semctl(semid, 0, IPC_STAT)?.sem_otime;
            lesson.claim("the-first-semop-sets-sem_otime", otime > 0, true);
            lesson.claim("a-process-that-waits-for-sem_otime-finds-the-value", semctl(semid, 0, GETVAL)?, 1);
            Ok(semop(semid, &[Sembuf::new(0, 1, 0)])?)
        })?;
        b.turn()?;
        // ANCHOR_END: create

        lesson.step("A calls semop, and the call is refused");
        let _ = semop(semid, &[Sembuf::new(0, -1, IPC_NOWAIT)]);
        lesson.claim("a-refused-semop-leaves-sem_otime-at-0", semctl(semid, 0, IPC_STAT)?.sem_otime, 0);

        lesson.step("A adds the value with semop, which marks the set as ready");
        semop(semid, &[Sembuf::new(0, 1, 0)])?;
        b.finish()?;
        lesson.predict("A has made the value 1, and B has added 1. What is the value?", &["1", "2", "0"]);
        lesson.claim("no-change-is-lost-if-all-processes-wait-for-sem_otime", semctl(semid, 0, GETVAL)?, 2);
        semctl(semid, 0, IPC_RMID)?;

        lesson.step("The gap that remains: C creates the set, and is killed before its first semop");
        let c = lesson.started("C", |turn| {
            let semid = semget(key, 1, IPC_CREAT | IPC_EXCL | 0o600)?;
            semctl(semid, 0, SETVAL(0))?;
            turn.finish()
        })?;
        c.kill(lesson)?;
        let created = semget(key, 1, IPC_CREAT | IPC_EXCL | 0o600);
        lesson.claim("the-set-of-a-killed-creator-stays", created, EEXIST);
        let semid = semget(key, 1, 0o600)?;
        let otime = semctl(semid, 0, IPC_STAT)?.sem_otime;
        lesson.claim("a-creator-killed-before-its-semop-leaves-sem_otime-0", otime, 0);
        Ok(semctl(semid, 0, IPC_RMID)?)
    })
}

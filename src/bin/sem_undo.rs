//! A semop performs its operations in order, and an undo goes only as far as the value allows.
//!
//!     cargo run --bin sem_undo
//!
//! Chapter: lessons/21-system-v-keys. Manual pages: semop(2), semctl(2).
//! Previous: svsem_demo. Next: sem_init_race.

use ipc_workbook::lesson;
use ipc_workbook::observe::sysvipc::Table;
use ipc_workbook::sysv::sem::*;
use nix::errno::Errno::EAGAIN;
use std::ffi::c_int;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

/// The largest value that a semaphore can have: SEMVMX.
const LARGEST: c_int = 32767;

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let key = lesson.key("/sem_undo")?;

        // ANCHOR: order
        lesson.step("A semaphore is 0. One call raises and then lowers it, one lowers and then raises it");
        let semid = semget(key, 1, IPC_CREAT | IPC_EXCL | 0o600)?;
        lesson.row(Table::Sem, semid)?;
        let (raise, lower) = (Sembuf::new(0, 1, IPC_NOWAIT), Sembuf::new(0, -1, IPC_NOWAIT));
        lesson.claim(
            "a-semop-that-raises-0-and-then-lowers-it-succeeds",
            &semop(semid, &[raise, lower]),
            "success",
        );
        lesson.predict(
            "This call lowers first. At the end the value would be 0 again. What is the result?",
            &["success", "EAGAIN", "ERANGE"],
        );
        lesson.claim(
            "a-semop-that-lowers-0-and-then-raises-it-has-to-wait",
            semop(semid, &[lower, raise]),
            EAGAIN,
        );
        // ANCHOR_END: order

        lesson.step("B adds 2 with SEM_UNDO, A takes 1 of them, and B is killed");
        let b = lesson.started("B", |turn| {
            semop(semid, &[Sembuf::new(0, 2, SEM_UNDO)])?;
            turn.finish()
        })?;
        semop(semid, &[lower])?;
        lesson.predict("The value is 1, and B's undo is -2. What is it when B is dead?", &["1", "-1", "0"]);
        b.kill(lesson)?;
        lesson.claim("an-undo-lowers-a-value-to-0-and-no-further", semctl(semid, 0, GETVAL)?, 0);

        lesson.step("C takes 2 from the largest value with SEM_UNDO, A adds 1, and C is killed");
        semctl(semid, 0, SETVAL(LARGEST))?;
        let c = lesson.started("C", |turn| {
            semop(semid, &[Sembuf::new(0, -2, SEM_UNDO)])?;
            turn.finish()
        })?;
        semop(semid, &[raise])?;
        c.kill(lesson)?;
        lesson.claim("an-undo-raises-a-value-to-32767-and-no-further", semctl(semid, 0, GETVAL)?, LARGEST);

        lesson.step("The value is 0, and D waits for 0: its semop changes nothing");
        semctl(semid, 0, SETVAL(0))?;
        let d = lesson.started("D", |turn| {
            semop(semid, &[Sembuf::new(0, 0, 0)])?;
            turn.finish()
        })?;
        let last = semctl(semid, 0, GETPID)?;
        lesson.claim("a-wait-for-0-also-sets-the-last-pid", last == d.pid(), true);
        d.kill(lesson)?;

        lesson.step("E takes 1 with SEM_UNDO, and is killed when the clock shows another second");
        semctl(semid, 0, SETVAL(1))?;
        let e = lesson.started("E", |turn| {
            semop(semid, &[Sembuf::new(0, -1, SEM_UNDO)])?;
            turn.finish()
        })?;
        let taken = semctl(semid, 0, IPC_STAT)?.sem_otime;
        // sem_otime counts seconds, so two events in the same second look the same. The kernel reads it
        // from a clock that advances in ticks, and that may show the next second some milliseconds late.
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        sleep(Duration::from_millis(1100 - u64::from(now.subsec_millis())));
        e.kill(lesson)?;
        let otime = semctl(semid, 0, IPC_STAT)?.sem_otime;
        lesson.claim("an-undo-sets-sem_otime", otime != taken, true);
        Ok(semctl(semid, 0, IPC_RMID)?)
    })
}

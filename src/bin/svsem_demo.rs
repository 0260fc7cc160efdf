//! A process takes a semaphore by lowering its value, and one semop makes all its changes or none.
//!
//!     cargo run --bin svsem_demo
//!
//! Chapter: lessons/21-system-v-keys. Manual pages: semop(2), semctl(2), semget(2).
//! Previous: svmsg_types. Next: sem_undo.

use ipc_workbook::call::unreported;
use ipc_workbook::lesson;
use ipc_workbook::observe::{Unseen, sysvipc::Table};
use ipc_workbook::sysv::sem::*;
use nix::errno::Errno::EAGAIN;
use std::ffi::c_int;
use std::process::ExitCode;
use std::time::Duration;

/// The two semaphores of the set.
const PRINTER: u16 = 0;
const SHEETS: u16 = 1;

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let key = lesson.key("/svsem_demo")?;

        lesson.step("One identifier for two semaphores");
        let semid = semget(key, 2, IPC_CREAT | IPC_EXCL | 0o600)?;
        let values = semctl(semid, 0, GETALL)?;
        lesson.claim("linux-sets-the-semaphores-of-a-new-set-to-0", format!("{values:?}"), "[0, 0]".into());
        semctl(semid, 0, SETALL(&[1, 2]))?;
        lesson.row(Table::Sem, semid)?;
        let value = |semnum| semctl(semid, i32::from(semnum), GETVAL);

        // ANCHOR: take
        lesson.step("Take the printer");
        lesson.predict("The value was 1. What is it while the printer is taken?", &["2", "1", "0"]);
        semop(semid, &[Sembuf::new(PRINTER, -1, 0)])?;
        lesson.claim("taking-a-semaphore-lowers-its-value", value(PRINTER)?, 0);
        let second = semop(semid, &[Sembuf::new(PRINTER, -1, IPC_NOWAIT)]);
        lesson.claim("a-semop-that-would-lower-a-value-below-0-has-to-wait", second, EAGAIN);
        // ANCHOR_END: take

        // ANCHOR: all
        lesson.step("Take a sheet and the printer in one call");
        let question = "There are 2 sheets; the printer is taken. How many sheets are left after the call?";
        lesson.predict(question, &["1", "2", "0"]);
        let both = [Sembuf::new(SHEETS, -1, IPC_NOWAIT), Sembuf::new(PRINTER, -1, IPC_NOWAIT)];
        let refused = semop(semid, &both);
        lesson.claim("a-semop-that-cannot-do-all-does-nothing", value(SHEETS)?, 2);
        lesson.claim("with-IPC_NOWAIT-the-whole-semop-fails-with-EAGAIN", refused, EAGAIN);
        semop(semid, &[Sembuf::new(PRINTER, 1, 0)])?;
        semop(semid, &both)?;
        let values = semctl(semid, 0, GETALL)?;
        lesson.claim("a-semop-that-can-do-all-does-all", format!("{values:?}"), "[0, 1]".into());
        // ANCHOR_END: all

        lesson.step("B waits until no sheet is left");
        let mut b = lesson.process("B", |turn| {
            let waited = turn.blocking_call(lesson, || semop(semid, &[Sembuf::new(SHEETS, 0, 0)]))?;
            turn.report(&waited)
        })?;
        b.start()?;
        let waiting = until_one_waits(|| semctl(semid, i32::from(SHEETS), GETZCNT));
        semctl(semid, i32::from(SHEETS), GETZCNT)?;
        lesson.claim("GETZCNT-counts-the-processes-that-wait-for-0", waiting, 1);
        semop(semid, &[Sembuf::new(SHEETS, -1, 0)])?;
        lesson.claim("a-process-that-waits-for-0-wakes-up-at-0", &b.resume()?, "success");
        lesson.claim("waiting-for-0-does-not-change-the-value", value(SHEETS)?, 0);
        b.finish()?;

        // ANCHOR: undo
        lesson.step("C takes the printer, and is killed");
        semctl(semid, 0, SETALL(&[1, 0]))?;
        let c = lesson.started("C", |turn| {
            semop(semid, &[Sembuf::new(PRINTER, -1, 0)])?;
            turn.finish()
        })?;
        lesson.predict("C is dead. What is the value of the printer's semaphore?", &["1", "0", "-1"]);
        c.kill(lesson)?;
        lesson.claim("a-semaphore-that-a-killed-process-took-stays-taken", value(PRINTER)?, 0);

        lesson.step("D takes the printer and brings a sheet, with SEM_UNDO, and is killed");
        semctl(semid, 0, SETALL(&[1, 0]))?;
        let d = lesson.started("D", |turn| {
            semop(semid, &[Sembuf::new(PRINTER, -1, SEM_UNDO), Sembuf::new(SHEETS, 1, SEM_UNDO)])?;
            turn.finish()
        })?;
        lesson.predict("D is dead. What is the value of the printer's semaphore?", &["0", "2", "1"]);
        let pid = d.pid();
        semop(semid, &[Sembuf::new(PRINTER, 0, IPC_NOWAIT)])?; // it is 0, so the last pid is A's now
        d.kill(lesson)?;
        lesson.claim("SEM_UNDO-gives-back-what-a-killed-process-took", value(PRINTER)?, 1);
        lesson.claim("SEM_UNDO-takes-back-what-a-killed-process-gave", value(SHEETS)?, 0);
        let last = semctl(semid, i32::from(PRINTER), GETPID)?;
        lesson.claim("after-an-undo-GETPID-returns-the-pid-of-the-killed-process", last == pid, true);
        // ANCHOR_END: undo
        Ok(semctl(semid, 0, IPC_RMID)?)
    })
}

/// Looks until the kernel counts a waiting process. B may not have reached its semop yet.
fn until_one_waits(count: impl Fn() -> ipc_workbook::call::Result<c_int>) -> Result<c_int, Unseen> {
    for _ in 0..2000 {
        match unreported(&count) {
            Ok(0) => std::thread::sleep(Duration::from_millis(1)),
            counted => return counted.map_err(|errno| Unseen(format!("semctl: {errno:?}"))),
        }
    }
    Err(Unseen("after two seconds no process is waiting".into()))
}

//! O_CREAT with O_EXCL creates a semaphore or fails; O_CREAT alone also opens an existing one.
//!
//!     cargo run --bin exclusive_sem
//!
//! Chapter: lessons/11-open-close-unlink. Manual pages: sem_open(3), sem_overview(7).
//! Previous: open_modes. Next: exclusive_race.

use ipc_workbook::lesson;
use ipc_workbook::observe::Kind;
use ipc_workbook::semaphore::*;
use libc::{O_CREAT, O_EXCL};
use nix::errno::Errno::{EEXIST, ENOENT};
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let sem_name = lesson.name(Kind::Semaphore, "/exclusive_sem")?;

        lesson.step("Create the semaphore with O_CREAT and O_EXCL");
        let sem = sem_open(&sem_name, O_CREAT | O_EXCL, 0o600, 1)?;
        lesson.look(&sem)?;
        lesson.step("Make the same call again");
        lesson.predict("The semaphore exists. Does sem_open succeed?", &["success", "EEXIST", "EBUSY"]);
        let again = sem_open(&sem_name, O_CREAT | O_EXCL, 0o600, 1);
        lesson.claim("O_CREAT-with-O_EXCL-fails-if-the-semaphore-exists", again, EEXIST);

        lesson.step("Open the existing semaphore, without O_CREAT");
        let opened = sem_open(&sem_name, 0, 0, 0)?;
        sem_wait(&opened)?;
        lesson.claim("a-later-sem_open-opens-the-same-semaphore", sem_getvalue(&sem)?, 0);
        sem_close(opened)?;

        lesson.step("O_CREAT alone, with another value");
        lesson.predict("The value is 0, and the call passes 5. What is it then?", &["5", "0", "1"]);
        let opened = sem_open(&sem_name, O_CREAT, 0o600, 5)?;
        lesson.claim("O_CREAT-on-an-existing-semaphore-ignores-the-value", sem_getvalue(&opened)?, 0);
        sem_close(opened)?;

        lesson.step("O_EXCL without O_CREAT");
        let opened = sem_open(&sem_name, O_EXCL, 0, 0)?;
        sem_post(&opened)?;
        lesson.claim("O_EXCL-without-O_CREAT-opens-an-existing-semaphore", sem_getvalue(&sem)?, 1);
        sem_close(opened)?;
        sem_close(sem)?;
        sem_unlink(&sem_name)?;
        let missing = sem_open(&sem_name, O_EXCL, 0, 0);
        lesson.claim("O_EXCL-without-O_CREAT-creates-nothing", missing, ENOENT);

        Ok(())
    })
}

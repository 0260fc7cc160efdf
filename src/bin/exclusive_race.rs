//! If several processes create an object at once with O_CREAT and O_EXCL, exactly one succeeds.
//!
//!     cargo run --bin exclusive_race
//!
//! Chapter: lessons/11-open-close-unlink. Manual pages: sem_open(3), sem_overview(7).
//! Previous: exclusive_sem. Next: name_rules.

use ipc_workbook::lesson;
use ipc_workbook::mman::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::semaphore::*;
use ipc_workbook::unistd::close;
use libc::{MAP_SHARED, O_CREAT, O_EXCL, O_RDWR, PROT_READ, PROT_WRITE};
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let [sem_name, shm_name] = lesson.names([Kind::Semaphore, Kind::SharedMemory], "/exclusive_race")?;

        // ANCHOR: race
        lesson.step("Eight processes create the same semaphore at the same moment, a hundred times");
        let fd = shm_open(&shm_name, O_CREAT | O_EXCL | O_RDWR, 0o600)?;
        ftruncate(&fd, 4096)?;
        let board = mmap(None, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, &fd, 0)?;
        close(fd)?;
        let create = || sem_open(&sem_name, O_CREAT | O_EXCL, 0o600, 1);
        let text = "sem_open(name, O_CREAT|O_EXCL, 0600, 1)";
        let (created, too_late) = lesson.race(&board, text, create, || sem_unlink(&sem_name))?;
        lesson.predict("How many of the eight succeed in each race?", &["8", "1", "0"]);
        lesson.claim(
            "exactly-one-of-eight-simultaneous-calls-creates-the-semaphore",
            created,
            "1".to_string(),
        );
        lesson.claim("the-other-seven-get-EEXIST", too_late, "7".to_string());
        // ANCHOR_END: race

        lesson.step("Look at the semaphore of the last race");
        let sem = sem_open(&sem_name, 0, 0, 0)?;
        lesson.claim("the-race-leaves-one-semaphore-with-value-1", lesson.look(&sem)?.fact("value"), 1);

        lesson.step("Remove the semaphore and the shared memory");
        sem_close(sem)?;
        sem_unlink(&sem_name)?;
        munmap(board)?;
        shm_unlink(&shm_name)?;
        Ok(())
    })
}

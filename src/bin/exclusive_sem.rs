//! Of all who create with O_CREAT and O_EXCL, exactly one succeeds.
//!
//!     cargo run --bin exclusive_sem
//!
//! Chapter: lessons/11-open-close-unlink. Manual pages: sem_open(3), sem_overview(7).
//! Previous: open_modes. Next: name_rules.

use ipc_workbook::lesson;
use ipc_workbook::mman::{ftruncate, mmap, munmap, shm_open, shm_unlink};
use ipc_workbook::observe::Kind;
use ipc_workbook::semaphore::*;
use ipc_workbook::unistd::close;
use libc::{MAP_SHARED, O_CREAT, O_EXCL, O_RDWR, PROT_READ, PROT_WRITE};
use nix::errno::Errno::{EEXIST, ENOENT};
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let [sem_name, shm_name] = lesson.names([Kind::Semaphore, Kind::SharedMemory], "/exclusive_sem")?;

        lesson.step("O_CREAT with O_EXCL: this process creates the semaphore, or nobody does");
        let sem = sem_open(&sem_name, O_CREAT | O_EXCL, 0o600, 1)?;
        lesson.look(&sem)?;
        lesson.step("The same call again");
        lesson.predict("The semaphore is there. What does sem_open say?", &["success", "EEXIST", "EBUSY"]);
        let again = sem_open(&sem_name, O_CREAT | O_EXCL, 0o600, 1);
        lesson.claim("O_CREAT-with-O_EXCL-refuses-what-exists", again, EEXIST);

        lesson.step("So it opens the one that is there, without O_CREAT");
        let opened = sem_open(&sem_name, 0, 0, 0)?;
        sem_wait(&opened)?;
        lesson.claim("whoever-comes-later-opens-the-same-semaphore", sem_getvalue(&sem)?, 0);
        sem_close(opened)?;

        lesson.step("O_CREAT alone, with another value");
        lesson.predict("The value is 0 now, and 5 is asked for. What is it then?", &["5", "0", "1"]);
        let opened = sem_open(&sem_name, O_CREAT, 0o600, 5)?;
        lesson.claim("O_CREAT-on-an-existing-semaphore-ignores-the-value", sem_getvalue(&opened)?, 0);
        sem_close(opened)?;

        lesson.step("O_EXCL alone");
        let opened = sem_open(&sem_name, O_EXCL, 0, 0)?;
        lesson.claim("O_EXCL-without-O_CREAT-opens-what-exists", lesson.look(&opened)?.st_nlink(), 1);
        sem_close(opened)?;
        sem_close(sem)?;
        sem_unlink(&sem_name)?;
        let missing = sem_open(&sem_name, O_EXCL, 0, 0);
        lesson.claim("O_EXCL-without-O_CREAT-creates-nothing", missing, ENOENT);

        // ANCHOR: race
        lesson.step("Eight processes wait for the same moment, and then all create it at once");
        let fd = shm_open(&shm_name, O_CREAT | O_EXCL | O_RDWR, 0o600)?;
        ftruncate(&fd, 4096)?;
        let board = mmap(None, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, &fd, 0)?;
        close(fd)?;
        let create = || sem_open(&sem_name, O_CREAT | O_EXCL, 0o600, 1);
        let (succeed, too_late) = lesson.race(&board, "sem_open(name, O_CREAT|O_EXCL, 0600, 1)", create)?;
        lesson.predict("Eight create it at once. How many succeed?", &["8", "1", "0"]);
        lesson.claim("of-eight-at-once-exactly-one-creates-it", succeed, 1);
        lesson.claim("the-other-seven-get-EEXIST", too_late, 7);
        // ANCHOR_END: race
        let sem = sem_open(&sem_name, 0, 0, 0)?;
        lesson.claim("what-they-raced-for-is-one-semaphore-of-value-1", lesson.look(&sem)?.fact("value"), 1);
        sem_close(sem)?;
        sem_unlink(&sem_name)?;
        munmap(board)?;
        shm_unlink(&shm_name)?;
        Ok(())
    })
}

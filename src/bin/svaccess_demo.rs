//! The kernel checks the mode of a semaphore set at each call, and of a segment when you attach it.
//!
//!     cargo run --bin svaccess_demo
//!
//! Chapter: lessons/12-permissions. Manual pages: semop(2), semctl(2), shmop(2), shmctl(2).
//! Previous: access_demo. Next: ownership_demo.

use ipc_workbook::capability::capset;
use ipc_workbook::lesson;
use ipc_workbook::sysv::{sem::*, shm::*};
use nix::errno::Errno::EACCES;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let key = lesson.key("/svaccess_demo")?;

        lesson.step("Set the mode of a System V semaphore set to 0400, then use it");
        capset(0)?; // root would pass all checks; an ordinary user has no capabilities to drop
        let semid = semget(key, 1, IPC_CREAT | IPC_EXCL | 0o600)?;
        semop(semid, &[Sembuf::new(0, 1, 0)])?;
        let mut ds = semctl(semid, 0, IPC_STAT)?;
        ds.sem_perm.mode = 0o400;
        semctl(semid, 0, IPC_SET(&ds))?;
        let altered = semop(semid, &[Sembuf::new(0, 1, 0)]);
        lesson.claim("semop-checks-the-mode-at-each-call", altered, EACCES);
        let value = semctl(semid, 0, GETVAL);
        lesson.claim("the-owner-can-read-a-system-v-semaphore-of-mode-0400", &value, "success");
        let found = semget(key, 1, 0o600); // asks to read and to alter; nothing is created
        lesson.claim("semget-checks-the-permissions-that-its-flags-request", found, EACCES);

        // ANCHOR: segment
        lesson.step("Attach a System V segment, then set its mode to 0000");
        let shmid = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0o600)?;
        let memory = shmat(shmid, None, 0)?;
        let view = shmat(shmid, None, SHM_RDONLY)?; // a second attachment, to read what was written
        let mut ds = shmctl(shmid, IPC_STAT)?;
        ds.shm_perm.mode = 0;
        shmctl(shmid, IPC_SET(&ds))?;
        lesson.predict(
            "The process writes to the attached memory. What happens?",
            &["EACCES", "SIGSEGV", "written"],
        );
        let mut seen = [0; 7];
        memory.write(0, b"written")?;
        view.read(0, &mut seen)?;
        let seen = String::from_utf8_lossy(&seen).into_owned();
        lesson.claim(
            "mode-0000-does-not-stop-a-process-that-has-the-segment-attached",
            seen,
            "written".to_string(),
        );
        let third = shmat(shmid, None, SHM_RDONLY);
        lesson.claim("shmat-checks-the-mode-at-each-call", third, EACCES);
        let stat = shmctl(shmid, IPC_STAT);
        lesson.claim("IPC_STAT-of-a-system-v-segment-of-mode-0000-fails-even-for-the-owner", stat, EACCES);
        lesson.claim("shmget-with-flags-0-checks-no-permission", &shmget(key, 0, 0), "success");
        lesson.claim("shmget-checks-the-permissions-that-its-flags-request", shmget(key, 0, 0o600), EACCES);
        shmctl(shmid, IPC_RMID)?;
        shmdt(memory)?;
        shmdt(view)?;
        // ANCHOR_END: segment
        Ok(semctl(semid, 0, IPC_RMID)?)
    })
}

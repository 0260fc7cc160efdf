//! A removed segment stays while a process is attached; removing a semaphore beside it tells the clients.
//!
//!     cargo run --bin svshm_restart
//!
//! Chapter: lessons/22-server-restart. Manual pages: shmop(2), shmctl(2), semop(2).
//! Previous: svmsg_good_client.

use ipc_workbook::call::Result;
use ipc_workbook::cli::Failure;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Usual, outcome};
use ipc_workbook::observe::sysvipc::Table;
use ipc_workbook::sysv::{sem::*, shm::*};
use nix::errno::Errno::{EINVAL, ENOENT};
use std::process::ExitCode;

const TAKE: [Sembuf; 1] = [Sembuf::new(0, -1, 0)];

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let [shm_key, sem_key] = lesson.keys([0x1234, 0x5678].map(Usual::Number))?;
        let segment = || shmget(shm_key, 4096, IPC_CREAT | IPC_EXCL | 0o600);
        let semaphore = || semget(sem_key, 1, IPC_CREAT | IPC_EXCL | 0o600);
        let fact = |shmid, name| lesson.row(Table::Shm, shmid).and_then(|row| row.fact(name));

        lesson.step("A server creates a segment and a semaphore, and a client finds both");
        let mut server = lesson.process("server", |turn| {
            let memory = shmat(segment()?, None, 0)?;
            semaphore()?;
            memory.write(0, b"from the first server")?;
            turn.finish()
        })?;
        server.turn()?;
        let mut client = lesson.process("client", |turn| {
            let find = || Ok::<_, Failure>((shmat(shmget(shm_key, 0, 0)?, None, 0)?, semget(sem_key, 0, 0)?));
            let (memory, semid) = find()?;
            turn.finish()?;
            let taken = turn.blocking_call(lesson, || semop(semid, &TAKE))?;
            memory.write(0, b"for the first server")?; // it still has the memory
            turn.report(&taken)?;
            shmdt(memory)?;
            turn.finish()?;
            let (memory, semid) = find()?;
            turn.finish()?;
            let taken = turn.blocking_call(lesson, || semop(semid, &TAKE))?;
            turn.report(&taken)?;
            Ok(shmdt(memory)?)
        })?;
        client.turn()?;
        let (old, old_semid) = (shmget(shm_key, 0, 0)?, semget(sem_key, 0, 0)?);
        let _ = lesson.row(Table::Shm, old);

        lesson.step("The server is killed");
        lesson.predict("The server and the client were attached. What is nattch now?", &["2", "0", "1"]);
        server.kill(lesson)?;
        lesson.claim("a-killed-process-is-detached", fact(old, "nattch"), 1);
        let value = semctl(old_semid, 0, GETVAL);
        lesson.claim("a-killed-servers-semaphore-stays", outcome(&value), "success");

        // ANCHOR: segment
        lesson.step("A takes over while the client waits for the semaphore. A replaces the segment first");
        let waiting = client.until_blocked_in(lesson, "semop")?;
        shmctl(old, IPC_RMID)?;
        lesson.claim("a-removed-segment-stays-with-its-last-attachment", fact(old, "nattch"), 1);
        lesson.claim("the-key-of-a-removed-segment-is-free-at-once", shmget(shm_key, 0, 0), ENOENT);
        let new = segment()?;
        let memory = shmat(new, None, 0)?;
        // ANCHOR_END: segment

        // ANCHOR: semaphore
        lesson.step("Then A replaces the semaphore");
        lesson.predict("The client waits in semop. What does it get?", &["EIDRM", "EINVAL", "nothing"]);
        semctl(old_semid, 0, IPC_RMID)?;
        let new_semid = semaphore()?;
        lesson.claim("removing-a-semaphore-ends-a-waiting-semop-with-EIDRM", waiting.resume()?, "EIDRM");
        let mut text = [0xff; 20];
        memory.read(0, &mut text)?;
        lesson.claim("what-the-client-still-writes-is-not-in-the-new-segment", &text, &[0; 20]);
        // ANCHOR_END: semaphore

        lesson.step("The client detaches the old segment, and finds the new one");
        client.turn()?;
        lesson.claim("the-last-detach-destroys-a-removed-segment", shmctl(old, IPC_STAT), EINVAL);
        client.turn()?;
        lesson.claim("the-client-has-the-new-segment", fact(new, "nattch"), 2);

        // ANCHOR: order
        lesson.step("The next restart, in the other order: the semaphore first");
        let waiting = client.until_blocked_in(lesson, "semop")?;
        semctl(new_semid, 0, IPC_RMID)?;
        let _ = waiting.resume()?;
        let found: Result<i32> = shmget(shm_key, 0, 0);
        lesson.claim(
            "with-the-semaphore-gone-the-key-still-leads-to-the-old-segment",
            found == Ok(new),
            true,
        );
        shmctl(new, IPC_RMID)?;
        shmdt(memory)?;
        client.finish()
        // ANCHOR_END: order
    })
}

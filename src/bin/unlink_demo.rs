//! After an unlink the name is free: a new object can have it while the old one still exists.
//!
//!     cargo run --bin unlink_demo
//!
//! Chapter: lessons/13-refcount. Manual pages: sem_unlink(3), mq_unlink(3),
//! shm_unlink(3). Previous: refcount_two_processes. Next: what_counts.

use ipc_workbook::lesson;
use ipc_workbook::mman::{ftruncate, shm_open, shm_unlink};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, mapped_path};
use ipc_workbook::semaphore::*;
use ipc_workbook::unistd::close;
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR, O_WRONLY};
use nix::errno::Errno::EAGAIN;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let [mq_name, sem_name, shm_name] = lesson.names(Kind::ALL, "/unlink_demo")?;

        // ANCHOR: semaphore
        lesson.step("Create a semaphore with the value 5");
        let sem1 = sem_open(&sem_name, O_CREAT | O_EXCL, 0o600, 5)?;
        lesson.claim("a-new-semaphore-has-one-name", lesson.look(&sem1)?.st_nlink(), 1);
        // glibc creates it under a temporary name, then links the real one; /proc shows the temporary name.
        let gone = mapped_path(&sem1).map(|path| path.ends_with(" (deleted)"));
        lesson.claim("proc-maps-shows-a-new-semaphore-as-deleted-although-it-has-its-name", gone, true);

        lesson.step("Unlink its name");
        sem_unlink(&sem_name)?;
        let first = lesson.look(&sem1)?;
        lesson.claim("an-unlinked-semaphore-has-no-name", first.st_nlink(), 0);

        lesson.step("Create a semaphore with the same name, and the value 1");
        lesson.predict("What is the value of the first semaphore now?", &["5", "1", "6"]);
        let sem2 = sem_open(&sem_name, O_CREAT | O_EXCL, 0o600, 1)?;
        let second = lesson.look(&sem2)?;
        lesson.claim("the-unlinked-semaphore-keeps-its-value", sem_getvalue(&sem1)?, 5);
        lesson.claim("the-new-semaphore-with-the-same-name-has-its-own-value", sem_getvalue(&sem2)?, 1);
        lesson.claim(
            "two-semaphores-with-the-same-name-have-different-inodes",
            first.inode == second.inode,
            false,
        );
        // ANCHOR_END: semaphore

        lesson.step("Post the first semaphore, and look at the value of both");
        sem_post(&sem1)?;
        lesson.claim("a-post-reaches-the-unlinked-semaphore", sem_getvalue(&sem1)?, 6);
        lesson.claim("a-post-to-the-old-semaphore-leaves-the-new-one-alone", sem_getvalue(&sem2)?, 1);
        sem_close(sem1)?;
        sem_close(sem2)?;
        sem_unlink(&sem_name)?;

        // ANCHOR: queue
        lesson.step("A server creates a queue, and a client opens it to send");
        let server1 = mq_open(&mq_name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 16)))?;
        let client = mq_open(&mq_name, O_WRONLY | O_NONBLOCK, 0, None)?;

        lesson.step("The server restarts: it unlinks the name, and creates a new queue with the same name");
        mq_unlink(&mq_name)?;
        mq_close(server1)?;
        let server2 = mq_open(&mq_name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 16)))?;

        lesson.step("The client goes on sending");
        lesson.predict("The client sends two messages. How many reach the new queue?", &["2", "1", "0"]);
        mq_send(&client, b"one", 0)?;
        mq_send(&client, b"two", 0)?;
        lesson.claim(
            "messages-to-an-unlinked-queue-do-not-reach-a-new-queue-with-the-same-name",
            mq_getattr(&server2)?.mq_curmsgs,
            0,
        );
        lesson.claim(
            "sending-to-an-unlinked-queue-succeeds-until-it-is-full",
            mq_send(&client, b"three", 0),
            EAGAIN,
        );
        lesson.claim(
            "st_nlink-0-tells-a-client-that-its-queue-is-unlinked",
            lesson.look(&client)?.st_nlink(),
            0,
        );
        // ANCHOR_END: queue
        lesson.claim("st_nlink-of-the-new-queue-is-1", lesson.look(&server2)?.st_nlink(), 1);
        mq_close(client)?;
        mq_close(server2)?;
        mq_unlink(&mq_name)?;

        lesson.step("Create shared memory of one page, unlink its name, and create it again");
        let shm1 = shm_open(&shm_name, O_CREAT | O_EXCL | O_RDWR, 0o600)?;
        ftruncate(&shm1, 4096)?;
        shm_unlink(&shm_name)?;
        let shm2 = shm_open(&shm_name, O_CREAT | O_EXCL | O_RDWR, 0o600)?;
        lesson.predict("The first has 4096 bytes. How many does the second one have?", &["4096", "0", "1"]);
        let (first, second) = (lesson.look(&shm1)?, lesson.look(&shm2)?);
        lesson.claim("new-shared-memory-with-an-old-name-starts-empty", second.fact("st_size"), 0);
        lesson.claim("the-unlinked-shared-memory-keeps-its-size", first.fact("st_size"), 4096);
        lesson.claim(
            "two-shared-memory-objects-with-the-same-name-have-different-inodes",
            first.inode == second.inode,
            false,
        );
        close(shm1)?;
        close(shm2)?;
        shm_unlink(&shm_name)?;
        Ok(())
    })
}

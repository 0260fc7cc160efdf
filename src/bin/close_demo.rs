//! Closing an object ends this process's use of it, and deletes nothing.
//!
//!     cargo run --bin close_demo
//!
//! Chapter: lessons/11-open-close-unlink. Manual pages: mq_close(3), sem_close(3),
//! munmap(2), shm_overview(7). Previous: demo_mq. Next: notify_demo.

use ipc_workbook::mman::{ftruncate, mmap, munmap, shm_open, shm_unlink};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, library_of};
use ipc_workbook::semaphore::*;
use ipc_workbook::signal::SigEvent;
use ipc_workbook::{lesson, unistd::close};
use libc::{MAP_SHARED, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, PROT_READ, PROT_WRITE};
use nix::errno::Errno::ENOENT;
use std::ffi::CStr;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let names = lesson.names_apart(&[
            (Kind::Queue, "/close_demo_mq"),
            (Kind::Semaphore, "/close_demo_sem"),
            (Kind::SharedMemory, "/close_demo_shm"),
        ])?;
        let (mq_name, sem_name, shm_name) = (&names[0], &names[1], &names[2]);

        // ANCHOR: queue
        lesson.step("Send a message to a queue, and close the queue");
        let mq = mq_open(mq_name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
        mq_send(&mq, b"kept", 0)?;
        let queue = lesson.look(&mq)?.inode;
        mq_close(mq)?;
        lesson.claim("after-mq_close-no-process-has-the-queue-open", lesson.look(queue)?.descriptions(), 0);
        lesson.predict("No process has the queue open. How many messages are in it?", &["1", "0", "2"]);
        let mq = mq_open(mq_name, O_RDWR, 0, None)?;
        lesson.claim("a-closed-queue-keeps-its-messages", mq_getattr(&mq)?.mq_curmsgs, 1);
        // ANCHOR_END: queue

        lesson.step("Ask for a notification through one descriptor, and close another one");
        let other = mq_open(mq_name, O_RDONLY, 0, None)?;
        let me = i64::from(std::process::id());
        mq_notify(&mq, Some(&SigEvent::None))?;
        let asked = lesson.look(&mq)?.fact("NOTIFY_PID");
        lesson.claim("NOTIFY_PID-is-the-process-that-called-mq_notify", asked, me);
        lesson.predict("The other descriptor is closed. What is NOTIFY_PID?", &["0", &me.to_string(), "-1"]);
        mq_close(other)?;
        let after = lesson.look(&mq)?.fact("NOTIFY_PID");
        lesson.claim("closing-any-descriptor-of-the-queue-withdraws-the-notification-request", after, 0);
        mq_close(mq)?;
        mq_unlink(mq_name)?;

        lesson.step("Open a semaphore of value 3 twice in one process");
        let sem = sem_open(sem_name, O_CREAT | O_EXCL, 0o600, 3)?;
        let twice = sem_open(sem_name, 0, 0, 0)?;
        let same = sem.as_ptr() == twice.as_ptr();
        lesson.claim("two-sem_open-calls-with-one-name-return-the-same-address", same, true);
        sem_close(twice)?;
        let slashless = CStr::from_bytes_with_nul(&sem_name.to_bytes_with_nul()[1..]).unwrap_or_default();
        let spelled = sem_open(slashless, 0, 0, 0)?;
        let same = sem.as_ptr() == spelled.as_ptr();
        lesson.claim("another-spelling-of-the-name-gives-another-address", same, false);
        sem_close(spelled)?;
        lesson.claim("each-sem_open-needs-its-own-sem_close", lesson.look(&sem)?.mappings(), 1);

        lesson.step("Decrement the semaphore, and close it for the last time");
        sem_wait(&sem)?;
        let inode = lesson.look(&sem)?.inode;
        sem_close(sem)?;
        lesson.claim("the-last-sem_close-unmaps-the-semaphore", lesson.look(inode)?.mappings(), 0);
        lesson.predict("The value was 3, then came one sem_wait. What is it now?", &["3", "2", "0"]);
        let sem = sem_open(sem_name, 0, 0, 0)?;
        lesson.claim("a-closed-semaphore-keeps-its-value", sem_getvalue(&sem)?, 2);
        sem_close(sem)?;
        sem_unlink(sem_name)?;

        // ANCHOR: memory
        lesson.step("Map shared memory, and close its descriptor");
        let fd = shm_open(shm_name, O_CREAT | O_EXCL | O_RDWR, 0o600)?;
        ftruncate(&fd, 4096)?;
        let memory = mmap(None, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, &fd, 0)?;
        close(fd)?;
        memory.write(0, b"Hello from shared memory")?;
        let seen = lesson.look(&memory)?;
        lesson.claim("a-mapping-outlives-its-descriptor", seen.mappings(), 1);
        lesson.claim("after-close-no-descriptor-refers-to-the-memory", seen.descriptors(), 0);

        lesson.step("End the mapping with munmap, and open the memory again");
        munmap(memory)?;
        let fd = shm_open(shm_name, O_RDONLY, 0)?;
        let memory = mmap(None, 4096, PROT_READ, MAP_SHARED, &fd, 0)?;
        let mut text = [0; 24];
        memory.read(0, &mut text)?;
        let wrote = b"Hello from shared memory";
        lesson.claim("shared-memory-keeps-its-bytes-after-close-and-munmap", &text, wrote);

        lesson.step("Look for a function called shm_close");
        lesson.predict("Which library contains shm_close?", &["libc.so.6", "librt.so.1", "none"]);
        lesson.claim("there-is-no-shm_close", library_of(c"shm_close"), "none".to_string());
        // ANCHOR_END: memory

        lesson.step("Unlink the memory: only this removes the name");
        munmap(memory)?;
        close(fd)?;
        shm_unlink(shm_name)?;
        lesson.claim("after-shm_unlink-there-is-no-such-object", shm_open(shm_name, O_RDONLY, 0), ENOENT);
        Ok(())
    })
}

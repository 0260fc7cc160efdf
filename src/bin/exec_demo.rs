//! exec closes the IPC objects of the old program, unless FD_CLOEXEC is cleared, and deletes none.
//!
//!     cargo run --bin exec_demo
//!
//! Chapter: lessons/11-open-close-unlink. Manual pages: execve(2), fcntl(2),
//! mq_overview(7), shm_open(3). Previous: name_lengths. Next: safe_unlink.

use ipc_workbook::fcntl::fcntl;
use ipc_workbook::lesson;
use ipc_workbook::mman::{shm_open, shm_unlink};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::semaphore::*;
use ipc_workbook::unistd::{close, execv};
use libc::{F_GETFD, F_SETFD, FD_CLOEXEC, O_CREAT, O_EXCL, O_RDWR};
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let [mq_name, sem_name, shm_name] = lesson.names(Kind::ALL, "/exec_demo")?;

        lesson.step("Create a queue, a semaphore and shared memory, all without O_CLOEXEC");
        let mq = mq_open(&mq_name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
        let sem = sem_open(&sem_name, O_CREAT | O_EXCL, 0o600, 1)?;
        let shm = shm_open(&shm_name, O_CREAT | O_EXCL | O_RDWR, 0o600)?;
        mq_send(&mq, b"still here", 0)?;
        lesson.predict("FD_CLOEXEC is 1. What is F_GETFD of the queue?", &["0", "1", "2048"]);
        lesson.claim("mq_open-sets-FD_CLOEXEC-unasked", fcntl(&mq, F_GETFD, 0)?, FD_CLOEXEC);
        lesson.claim("shm_open-sets-FD_CLOEXEC-unasked", fcntl(&shm, F_GETFD, 0)?, FD_CLOEXEC);

        lesson.step("fork: B has all three as well");
        let mut b = lesson.process("B", |turn| {
            turn.finish()?;
            Ok(execv(c"/bin/sleep", &[c"sleep", c"3600"])?)
        })?;
        b.turn()?;
        lesson.claim("after-fork-two-descriptors-refer-to-the-queue", lesson.look(&mq)?.descriptors(), 2);
        lesson.claim("after-fork-two-descriptors-refer-to-the-memory", lesson.look(&shm)?.descriptors(), 2);
        lesson.claim("after-fork-two-processes-map-the-semaphore", lesson.look(&sem)?.mappings(), 2);

        lesson.step("exec: B now runs the command sleep");
        b.turn()?;
        lesson.predict("A and B each had a descriptor of the queue. How many are left?", &["1", "2", "0"]);
        lesson.claim("exec-closes-the-descriptor-of-a-queue", lesson.look(&mq)?.descriptors(), 1);
        lesson.claim("exec-closes-the-descriptor-of-shared-memory", lesson.look(&shm)?.descriptors(), 1);
        lesson.claim("exec-unmaps-the-semaphore", lesson.look(&sem)?.mappings(), 1);
        b.kill(lesson)?;

        // ANCHOR: cleared
        lesson.step("The same again, with FD_CLOEXEC cleared before exec");
        let mut c = lesson.process("C", |_| {
            fcntl(&mq, F_SETFD, 0)?;
            fcntl(&shm, F_SETFD, 0)?;
            Ok(execv(c"/bin/sleep", &[c"sleep", c"3600"])?)
        })?;
        c.turn()?;
        lesson.predict("How many descriptors of the queue are there now?", &["1", "0", "2"]);
        let queue = lesson.look(&mq)?;
        lesson.claim("without-FD_CLOEXEC-a-queue-descriptor-survives-exec", queue.descriptors(), 2);
        lesson.claim("the-surviving-descriptor-keeps-its-open-file-description", queue.descriptions(), 1);
        let memory = lesson.look(&shm)?;
        lesson.claim("without-FD_CLOEXEC-a-shared-memory-descriptor-survives-exec", memory.descriptors(), 2);
        lesson.claim("no-mapping-of-a-semaphore-survives-exec", lesson.look(&sem)?.mappings(), 1);
        lesson.claim("each-descriptor-has-its-own-FD_CLOEXEC", fcntl(&mq, F_GETFD, 0)?, FD_CLOEXEC);
        c.kill(lesson)?;
        // ANCHOR_END: cleared

        lesson.step("B and C called exec and were killed. D calls exec and exits. What is left?");
        lesson.claim("a-killed-process-closes-its-descriptors", lesson.look(&mq)?.descriptors(), 1);
        let d = lesson.process("D", |_| {
            fcntl(&mq, F_SETFD, 0)?;
            fcntl(&shm, F_SETFD, 0)?;
            Ok(execv(c"/bin/sleep", &[c"sleep", c"0"])?)
        })?;
        d.end(lesson)?;
        let queue = lesson.look(&mq)?;
        lesson.claim("an-exited-process-closes-its-descriptors", queue.descriptors(), 1);
        lesson.predict("How many messages are in the queue?", &["0", "2", "1"]);
        lesson.claim("exec-and-exit-remove-no-message", queue.fact("mq_curmsgs"), 1);
        lesson.claim("exec-and-exit-unlink-no-queue", queue.st_nlink(), 1);
        lesson.claim("exec-and-exit-unlink-no-semaphore", lesson.look(&sem)?.st_nlink(), 1);
        lesson.claim("exec-and-exit-unlink-no-shared-memory", lesson.look(&shm)?.st_nlink(), 1);
        mq_close(mq)?;
        sem_close(sem)?;
        close(shm)?;
        mq_unlink(&mq_name)?;
        sem_unlink(&sem_name)?;
        shm_unlink(&shm_name)?;
        Ok(())
    })
}

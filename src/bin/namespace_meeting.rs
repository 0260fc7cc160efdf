//! Two processes meet in a queue if they are in one IPC namespace, or if one gives the other a descriptor.
//!
//!     cargo run --bin namespace_meeting
//!
//! Chapter: lessons/36-linux. Manual pages: ipc_namespaces(7), unshare(2), user_namespaces(7).
//! Previous: foreign_mount. Next: namespace_entry.

use ipc_workbook::call::Result as CallResult;
use ipc_workbook::capability::capset;
use ipc_workbook::lesson;
use ipc_workbook::lesson::Lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::sched::unshare;
use ipc_workbook::stat::stat;
use ipc_workbook::sysv::shm::{shmat, shmdt, shmget};
use libc::{CLONE_NEWIPC, IPC_PRIVATE, O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR, ino_t};
use nix::errno::Errno::EPERM;
use nix::unistd::{Pid, getpid, getppid};
use std::ffi::CString;
use std::process::ExitCode;

/// The claims that need a second IPC namespace.
const CLAIMS: [&str; 6] = [
    "in-a-new-user-namespace-a-process-may-create-IPC-namespaces",
    "proc-PID-ns-ipc-has-another-st_ino-in-another-namespace",
    "memory-attached-before-unshare-can-be-used-and-detached-after-it",
    "O_EXCL-creates-a-queue-whose-name-exists-in-another-namespace",
    "a-message-stays-in-the-namespace-of-its-queue",
    "an-inherited-descriptor-sends-to-a-queue-of-another-namespace",
];

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/namespace_meeting")?;
        let create =
            || mq_open(&name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&MqAttr::new(2, 64)));
        lesson.step("A creates a queue, and forks B, which has no capabilities");
        let mq = create()?;
        lesson.look(&mq)?;
        lesson.in_process("B", |_| {
            let same = ipc_of(getpid())? == ipc_of(getppid())?;
            lesson.claim("a-forked-process-is-in-the-IPC-namespace-of-its-parent", same, true);
            capset(0)?; // only root has capabilities to drop
            let refused = unshare(CLONE_NEWIPC);
            lesson.claim("unshare-CLONE_NEWIPC-without-CAP_SYS_ADMIN-fails-with-EPERM", refused, EPERM);
            Ok(())
        })?;

        // ANCHOR: apart
        lesson.step("C creates a user namespace first, and then IPC namespaces");
        let c = lesson.process_in("C", Lesson::rule_apart, &CLAIMS, |turn| {
            let memory = shmat(shmget(IPC_PRIVATE, 4096, 0o600)?, None, 0)?;
            memory.write(0, b"kept")?;
            turn.report(&unshare(CLONE_NEWIPC))?;
            let mut kept = [0; 4];
            memory.read(0, &mut kept)?;
            let detached = shmdt(memory).is_ok();
            let id = "memory-attached-before-unshare-can-be-used-and-detached-after-it";
            lesson.claim(id, detached && kept == *b"kept", true);
            let own = create();
            turn.report(&own)?;
            mq_send(&own?, b"for C", 0)?;
            mq_send(&mq, b"from C", 0)?; // the descriptor that C has inherited
            turn.finish()
        })?;
        // ANCHOR_END: apart
        if let Some(mut c) = c {
            let allowed = c.outcome()?;
            lesson.claim("in-a-new-user-namespace-a-process-may-create-IPC-namespaces", allowed, "success");
            let differ = ipc_of(Pid::from_raw(c.pid()))? != ipc_of(getpid())?;
            lesson.claim("proc-PID-ns-ipc-has-another-st_ino-in-another-namespace", differ, true);

            lesson.step("C creates a queue of the same name, and sends to both queues");
            let created = c.outcome()?;
            let id = "O_EXCL-creates-a-queue-whose-name-exists-in-another-namespace";
            lesson.claim(id, created, "success");
            c.turn()?;
            let count = mq_getattr(&mq)?.mq_curmsgs;
            lesson.predict("C has sent one message to each queue. How many are in A's?", &["0", "1", "2"]);
            lesson.claim("a-message-stays-in-the-namespace-of-its-queue", count, 1);
            let mut buffer = [0; 64];
            let (length, _) = mq_receive(&mq, &mut buffer)?;
            let id = "an-inherited-descriptor-sends-to-a-queue-of-another-namespace";
            lesson.claim(id, &buffer[..length], b"from C");
            c.finish()?;
        }
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Returns the number that identifies the IPC namespace of a process.
fn ipc_of(pid: Pid) -> CallResult<ino_t> {
    let file = CString::new(format!("/proc/{pid}/ns/ipc")).expect("a path has no NUL");
    Ok(stat(&file)?.st_ino)
}

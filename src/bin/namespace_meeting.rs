//! Two processes meet in a queue if they are in one IPC namespace, or if one gives the other a descriptor.
//!
//!     cargo run --bin namespace_meeting
//!
//! Chapter: lessons/36-linux. Manual pages: ipc_namespaces(7), setns(2), user_namespaces(7).
//! Previous: foreign_mount. Next: pod_demo.

use ipc_workbook::call::Result as CallResult;
use ipc_workbook::capability::capset;
use ipc_workbook::lesson;
use ipc_workbook::lesson::Namespaces;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::sched::{setns, unshare};
use ipc_workbook::stat::stat;
use libc::{CLONE_NEWIPC, O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR, ino_t};
use nix::errno::Errno::{EINVAL, EPERM};
use std::ffi::CString;
use std::process::ExitCode;

/// The claims that need a second IPC namespace.
const CLAIMS: [&str; 9] = [
    "in-a-new-user-namespace-a-process-may-create-IPC-namespaces",
    "proc-PID-ns-ipc-has-another-st_ino-in-another-namespace",
    "O_EXCL-creates-a-queue-whose-name-exists-in-another-namespace",
    "a-message-stays-in-the-namespace-of-its-queue",
    "an-inherited-descriptor-sends-to-a-queue-of-another-namespace",
    "setns-of-a-namespace-of-another-kind-fails-with-EINVAL",
    "setns-into-an-IPC-namespace-without-CAP_SYS_ADMIN-fails-with-EPERM",
    "an-open-proc-PID-ns-ipc-keeps-the-namespace-and-its-queues",
    "after-setns-a-name-means-the-queue-of-that-namespace",
];

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/namespace_meeting")?;
        let create =
            || mq_open(&name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&MqAttr::new(2, 64)));
        lesson.step("A creates a queue, and forks B");
        let mq = create()?;
        lesson.look(&mq)?;

        // ANCHOR: apart
        let mut b = lesson.process("B", |turn| {
            turn.finish()?;
            let apart = lesson.rule_apart();
            turn.answer(&apart.clone().map(|()| String::new()))?;
            if apart.is_err() {
                return Ok(());
            }
            turn.report(&unshare(CLONE_NEWIPC))?;
            let own = create();
            turn.report(&own)?;
            mq_send(&own?, b"for B", 0)?;
            mq_send(&mq, b"from B", 0)?; // the descriptor that B has inherited
            turn.finish()
        })?;
        // ANCHOR_END: apart
        b.turn()?;
        let same = ipc_of(b.pid())? == ipc_of(nix::unistd::getpid().as_raw())?;
        lesson.claim("a-forked-process-is-in-the-IPC-namespace-of-its-parent", same, true);

        lesson.step(
            "C has no capabilities, and cannot leave its IPC namespace. B creates a user namespace first",
        );
        lesson.in_process("C", |_| {
            capset(0)?; // only root has capabilities to drop
            let refused = unshare(CLONE_NEWIPC);
            lesson.claim("unshare-CLONE_NEWIPC-without-CAP_SYS_ADMIN-fails-with-EPERM", refused, EPERM);
            Ok(())
        })?;
        if let Err(unseen) = b.answer()? {
            b.finish()?;
            lesson.not_seen(&CLAIMS, &unseen)?;
            mq_close(mq)?;
            return Ok(mq_unlink(&name)?);
        }
        let allowed = b.outcome()?;
        lesson.claim("in-a-new-user-namespace-a-process-may-create-IPC-namespaces", allowed, "success");
        let differ = ipc_of(b.pid())? != ipc_of(nix::unistd::getpid().as_raw())?;
        lesson.claim("proc-PID-ns-ipc-has-another-st_ino-in-another-namespace", differ, true);

        lesson.step("B creates a queue of the same name, and sends to both queues");
        let created = b.outcome()?;
        lesson.claim("O_EXCL-creates-a-queue-whose-name-exists-in-another-namespace", created, "success");
        b.turn()?;
        let count = mq_getattr(&mq)?.mq_curmsgs;
        lesson.predict("B has sent one message to its own queue and one through the inherited descriptor. How many are in A's queue?", &["0", "1", "2"]);
        lesson.claim("a-message-stays-in-the-namespace-of-its-queue", count, 1);
        let mut buffer = [0; 64];
        let (length, _) = mq_receive(&mq, &mut buffer)?;
        let id = "an-inherited-descriptor-sends-to-a-queue-of-another-namespace";
        lesson.claim(id, &buffer[..length], b"from B");

        lesson.step("A opens B's namespaces; D tries to enter them");
        let of_b = Namespaces::of(b.pid())?;
        lesson.in_process("D", |_| {
            let wrong = setns(of_b.user(), CLONE_NEWIPC);
            lesson.claim("setns-of-a-namespace-of-another-kind-fails-with-EINVAL", wrong, EINVAL);
            capset(0)?;
            let refused = setns(of_b.ipc(), CLONE_NEWIPC);
            lesson.claim(
                "setns-into-an-IPC-namespace-without-CAP_SYS_ADMIN-fails-with-EPERM",
                refused,
                EPERM,
            );
            Ok(())
        })?;

        // ANCHOR: alive
        lesson.step("B ends. Its namespace has no process now, but A has its file open");
        b.finish()?;
        lesson.in_process("E", |_| {
            let kept = "an-open-proc-PID-ns-ipc-keeps-the-namespace-and-its-queues";
            let meant = "after-setns-a-name-means-the-queue-of-that-namespace";
            if let Err(unseen) = lesson.join(&of_b, CLONE_NEWIPC) {
                return lesson.not_seen(&[kept, meant], &unseen);
            }
            let found = mq_open(&name, O_RDWR | O_NONBLOCK, 0, None);
            lesson.claim(kept, &found, "success");
            let (length, _) = mq_receive(&found?, &mut buffer)?;
            lesson.claim(meant, &buffer[..length], b"for B");
            Ok(())
        })?;
        // ANCHOR_END: alive
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Returns the number that identifies the IPC namespace of a process.
fn ipc_of(pid: i32) -> CallResult<ino_t> {
    let file = CString::new(format!("/proc/{pid}/ns/ipc")).expect("a path has no NUL");
    Ok(stat(&file)?.st_ino)
}

//! The kernel checks the mode of a POSIX queue when you open it, and of a System V queue at each call.
//!
//!     cargo run --bin access_demo
//!
//! Chapter: lessons/12-permissions. Manual pages: mq_open(3), msgop(2), msgctl(2),
//! capabilities(7). Previous: mode_bits. Next: svaccess_demo.

use ipc_workbook::capability::{CAP_DAC_OVERRIDE, CAP_IPC_OWNER, capset, permitted};
use ipc_workbook::lesson;
use ipc_workbook::lesson::outcome;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen, reaches_ipc_namespace};
use ipc_workbook::stat::fchmod;
use ipc_workbook::sysv::msg::*;
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY};
use nix::errno::Errno::EACCES;
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let name = lesson.name(Kind::Queue, "/access_demo")?;
        let key = lesson.key("/access_demo")?;

        // ANCHOR: open
        lesson.step("Drop all capabilities and create a queue of mode 0444");
        capset(0)?; // root would pass all checks; an ordinary user has no capabilities to drop
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o444, Some(&MqAttr::new(2, 64)))?;
        lesson.look(&mq)?;
        let question = "The creator opens the queue again, for writing. What is the result of mq_open?";
        lesson.predict(question, &["success", "EPERM", "EACCES"]);
        let writer = mq_open(&name, O_WRONLY, 0, None);
        lesson.claim("even-the-owner-cannot-open-a-queue-of-mode-0444-for-writing", writer, EACCES);
        lesson.claim("mode-0444-lets-the-owner-read", &mq_open(&name, O_RDONLY, 0, None), "success");
        let question = "Now mq_send uses the descriptor from the creation. What is the result?";
        lesson.predict(question, &["success", "EACCES", "EBADF"]);
        let sent = mq_send(&mq, b"sent", 0);
        lesson.claim("the-mode-does-not-limit-the-mq_open-that-creates-the-queue", &sent, "success");
        sent?; // the next step needs the message
        // ANCHOR_END: open

        // ANCHOR: revoke
        lesson.step("Set the mode of the queue to 0000");
        fchmod(&mq, 0)?;
        let received = mq_receive(&mq, &mut [0; 64]);
        lesson.claim("mode-0000-does-not-stop-a-process-that-has-the-queue-open", &received, "success");
        let opened = mq_open(&name, O_RDONLY, 0, None);
        lesson.claim("even-the-creator-cannot-open-a-queue-of-mode-0000", opened, EACCES);
        // ANCHOR_END: revoke

        // ANCHOR: messages
        lesson.step("Send to a System V queue, then set its mode to 0000");
        let msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0o600)?;
        msgsnd(msqid, 1, b"sent", IPC_NOWAIT)?;
        let mut ds = msgctl(msqid, IPC_STAT)?;
        ds.msg_perm.mode = 0;
        msgctl(msqid, IPC_SET(&ds))?;
        let question = "The process still has the identifier. What is the result of msgrcv?";
        lesson.predict(question, &["EACCES", "EIDRM", "success"]);
        let received = msgrcv(msqid, &mut [0; 64], 0, IPC_NOWAIT);
        lesson.claim("msgrcv-checks-the-mode-at-each-call", received, EACCES);
        let sent = msgsnd(msqid, 1, b"more", IPC_NOWAIT);
        lesson.claim("msgsnd-checks-the-mode-at-each-call", sent, EACCES);
        let stat = msgctl(msqid, IPC_STAT);
        lesson.claim("IPC_STAT-of-a-system-v-queue-of-mode-0000-fails-even-for-the-owner", stat, EACCES);
        lesson.claim("msgget-checks-the-permissions-that-its-flags-request", msgget(key, 0o600), EACCES);
        let removed = msgctl(msqid, IPC_RMID);
        lesson.claim("the-owner-may-remove-a-system-v-queue-of-mode-0000", &removed, "success");
        // ANCHOR_END: messages

        // ANCHOR: root
        lesson.step("Try two of root's capabilities, one at a time");
        let msqid = msgget(key, IPC_CREAT | IPC_EXCL)?; // mode 0000, like the POSIX queue
        let posix = || outcome(&mq_open(&name, O_RDONLY, 0, None));
        let system_v = || outcome(&msgsnd(msqid, 1, b"sent", IPC_NOWAIT));
        let opened = with(CAP_DAC_OVERRIDE, posix);
        lesson.claim("CAP_DAC_OVERRIDE-opens-a-posix-queue-of-mode-0000", opened, "success");
        let id = "CAP_DAC_OVERRIDE-does-not-allow-msgsnd-to-a-system-v-queue-of-mode-0000";
        lesson.claim(id, with(CAP_DAC_OVERRIDE, system_v), "EACCES");
        let sent = with(CAP_IPC_OWNER, system_v);
        lesson.claim("CAP_IPC_OWNER-sends-to-a-system-v-queue-of-mode-0000", sent, "success");
        let opened = with(CAP_IPC_OWNER, posix);
        lesson.claim("CAP_IPC_OWNER-does-not-open-a-posix-queue-of-mode-0000", opened, "EACCES");
        msgctl(msqid, IPC_RMID)?;
        // ANCHOR_END: root
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// The result of a call that is made with this capability alone.
fn with(capability: u32, call: impl Fn() -> Result<String, Unseen>) -> Result<String, Unseen> {
    let none = |why: &str| Unseen(format!("this needs root's capabilities, and {why}"));
    match permitted().unwrap_or(0) {
        0 => return Err(none("this user has none")),
        permitted if permitted & capability == 0 => return Err(none("this one is not among them")),
        _ => reaches_ipc_namespace()?,
    }
    capset(capability).map_err(|errno| none(&format!("capset failed with {errno:?}")))?;
    let got = call();
    capset(0).map_err(|errno| none(&format!("capset failed with {errno:?}")))?;
    got
}

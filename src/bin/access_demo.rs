//! A POSIX queue asks for permission when it is opened, a System V queue at each call.
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
        lesson.step("Lay down what capabilities there are, and create a queue of mode 0444");
        capset(0)?; // an ordinary user has none; root would never be refused
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o444, Some(&MqAttr::new(2, 64)))?;
        lesson.look(&mq)?;
        lesson.predict(
            "Its creator opens it again, to write. What does mq_open say?",
            &["success", "EPERM", "EACCES"],
        );
        let writer = mq_open(&name, O_WRONLY, 0, None);
        lesson.claim("mode-0444-refuses-even-the-owner-who-would-write", writer, EACCES);
        lesson.claim("mode-0444-lets-the-owner-read", &mq_open(&name, O_RDONLY, 0, None), "success");
        lesson.predict("And does the descriptor from the creation send?", &["success", "EACCES", "EBADF"]);
        let sent = mq_send(&mq, b"sent", 0);
        lesson.claim("a-queue-just-created-is-open-as-asked-whatever-its-mode", &sent, "success");
        sent?; // the next step needs the message
        // ANCHOR_END: open

        // ANCHOR: revoke
        lesson.step("Take every permission away");
        fchmod(&mq, 0)?;
        let received = mq_receive(&mq, &mut [0; 64]);
        lesson.claim("a-queue-open-already-asks-for-no-permission", &received, "success");
        lesson.claim("mode-0000-shuts-its-own-creator-out", mq_open(&name, O_RDONLY, 0, None), EACCES);
        // ANCHOR_END: revoke

        // ANCHOR: messages
        lesson.step("A System V queue: a message goes in, then every permission is taken away");
        let msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0o600)?;
        msgsnd(msqid, 1, b"sent", IPC_NOWAIT)?;
        let mut ds = msgctl(msqid, IPC_STAT)?;
        ds.msg_perm.mode = 0;
        msgctl(msqid, IPC_SET(&ds))?;
        lesson.predict("It has the identifier still. What does msgrcv say?", &["EACCES", "EIDRM", "success"]);
        let received = msgrcv(msqid, &mut [0; 64], 0, IPC_NOWAIT);
        lesson.claim("a-system-v-queue-asks-for-permission-at-each-receive", received, EACCES);
        let sent = msgsnd(msqid, 1, b"more", IPC_NOWAIT);
        lesson.claim("a-system-v-queue-asks-for-permission-at-each-send", sent, EACCES);
        lesson.claim("mode-0000-hides-a-system-v-queue-from-its-owner", msgctl(msqid, IPC_STAT), EACCES);
        lesson.claim("msgget-asks-for-the-permissions-in-its-flags", msgget(key, 0o600), EACCES);
        lesson.claim("the-owner-may-remove-what-it-may-not-use", &msgctl(msqid, IPC_RMID), "success");
        // ANCHOR_END: messages

        // ANCHOR: root
        lesson.step("What lets root pass: one capability for POSIX, another for System V");
        let msqid = msgget(key, IPC_CREAT | IPC_EXCL)?; // mode 0000, as the POSIX queue has
        let posix = || outcome(&mq_open(&name, O_RDONLY, 0, None));
        let system_v = || outcome(&msgsnd(msqid, 1, b"sent", IPC_NOWAIT));
        let opened = with(CAP_DAC_OVERRIDE, posix);
        lesson.claim("CAP_DAC_OVERRIDE-opens-a-posix-queue-of-mode-0000", opened, "success");
        let sent = with(CAP_DAC_OVERRIDE, system_v);
        lesson.claim("CAP_DAC_OVERRIDE-sends-to-no-system-v-queue-of-mode-0000", sent, "EACCES");
        let sent = with(CAP_IPC_OWNER, system_v);
        lesson.claim("CAP_IPC_OWNER-sends-to-a-system-v-queue-of-mode-0000", sent, "success");
        let opened = with(CAP_IPC_OWNER, posix);
        lesson.claim("CAP_IPC_OWNER-opens-no-posix-queue-of-mode-0000", opened, "EACCES");
        msgctl(msqid, IPC_RMID)?;
        // ANCHOR_END: root
        mq_close(mq)?;
        mq_unlink(&name)?;
        Ok(())
    })
}

/// What a call gives a process that has this one capability.
fn with(capability: u32, call: impl Fn() -> Result<String, Unseen>) -> Result<String, Unseen> {
    let none = |why: &str| Unseen(format!("this needs root's capabilities, and {why}"));
    if permitted().unwrap_or(0) & capability == 0 {
        return Err(none(if permitted().unwrap_or(0) == 0 {
            "this user has none"
        } else {
            "this one is not among them"
        }));
    }
    reaches_ipc_namespace()?;
    capset(capability).map_err(|errno| none(&format!("capset says {errno:?}")))?;
    let got = call();
    capset(0).map_err(|errno| none(&format!("capset says {errno:?}")))?;
    got
}

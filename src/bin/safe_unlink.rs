//! mq_unlink removes the name of whichever queue has it now, even if that queue is not yours.
//!
//!     cargo run --bin safe_unlink
//!
//! Chapter: lessons/11-open-close-unlink. Manual pages: mq_unlink(3), fstat(2).
//! Previous: exec_demo.

use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen, find};
use ipc_workbook::stat::fstat;
use libc::{O_CREAT, O_EXCL, O_RDWR, O_WRONLY};
use nix::errno::Errno::{EEXIST, ENOENT};
use std::ffi::CStr;
use std::process::ExitCode;

const CREATE: i32 = O_CREAT | O_EXCL | O_RDWR;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/safe_unlink")?;
        let attr = MqAttr::new(2, 64);

        lesson.step("Unlink a name that no queue has, then the name of a queue, then that name again");
        lesson.predict("No queue has the name. Does mq_unlink succeed?", &["success", "ENOENT", "EINVAL"]);
        lesson.claim("unlinking-a-name-that-does-not-exist-is-ENOENT", mq_unlink(&name), ENOENT);
        mq_close(mq_open(&name, CREATE, 0o600, Some(&attr))?)?;
        lesson.claim("unlink-needs-no-open-descriptor", removed(&name)?, true);
        lesson.claim("a-second-unlink-finds-nothing", removed(&name)?, false);

        // B is forked before A has anything that B could inherit.
        lesson.step("Server A creates its queue, and a client opens the queue");
        let mut b = lesson.process("B", |turn| {
            // ANCHOR: careless
            let polite = mq_open(&name, CREATE, 0o600, Some(&attr));
            lesson.claim("O_EXCL-without-unlink-does-not-disturb-a-running-server", polite, EEXIST);
            turn.finish()?;
            let cleanup = mq_unlink(&name);
            lesson.claim("unlink-takes-the-name-from-a-running-server", &cleanup, "success");
            let mine = mq_open(&name, CREATE, 0o600, Some(&attr));
            lesson.claim("after-an-unlink-O_EXCL-does-not-stop-a-second-server", &mine, "success");
            let mine = mine?;
            // ANCHOR_END: careless
            turn.finish()?;
            mq_close(mine)?;
            Ok(())
        })?;
        let mine = mq_open(&name, CREATE, 0o600, Some(&attr))?;
        let client = mq_open(&name, O_WRONLY, 0, None)?;
        lesson.look(&mine)?;

        lesson.step("B, a second server for the same name, creates with O_EXCL and does not unlink");
        b.turn()?;

        lesson.step("B unlinks the name first, and then creates with O_EXCL");
        b.turn()?;

        lesson.step("A new client opens the name, and both clients send");
        let newcomer = mq_open(&name, O_WRONLY, 0, None)?;
        let of_b = lesson.look(&newcomer)?.inode;
        mq_send(&client, b"to A", 0)?;
        mq_send(&newcomer, b"to B", 0)?;
        lesson.predict("Each client has sent a message. How many are in A's queue?", &["2", "1", "0"]);
        lesson.claim("two-clients-of-one-name-reach-two-queues", lesson.look(&mine)?.fact("mq_curmsgs"), 1);
        mq_close(client)?;
        mq_close(newcomer)?;

        lesson.step("A ends and cleans up. Should it unlink the name?");
        lesson.predict("How many names does A's queue have?", &["0", "1", "2"]);
        let names = lesson.look(&mine)?.st_nlink();
        lesson.claim("st_nlink-0-shows-that-the-queue-has-lost-its-name", names, 0);
        remove_if_mine(&mine, &name)?;
        let there = find(Kind::Queue, &name).map(|found| found.is_some_and(|found| found.inode == of_b));
        let there = there.map_err(|errno| Unseen(format!("mq_open: {errno:?}")));
        lesson.claim("a-cleanup-that-checks-st_nlink-keeps-the-name-of-the-other-queue", there, true);
        mq_close(mine)?;

        lesson.step("B ends. Its queue still has its name, and the same cleanup removes it");
        b.finish()?;
        let theirs = mq_open(&name, O_RDWR, 0, None)?;
        let names = lesson.look(&theirs)?.st_nlink();
        lesson.claim("st_nlink-1-shows-that-the-queue-still-has-its-name", names, 1);
        remove_if_mine(&theirs, &name)?;
        lesson.claim("after-the-cleanup-the-name-is-free", mq_open(&name, O_RDWR, 0, None), ENOENT);
        mq_close(theirs)?;
        Ok(())
    })
}

// ANCHOR: functions
/// The mq open/close/unlink tutorial's safe_unlink: it is no error if there is nothing to remove.
fn removed(name: &CStr) -> nix::Result<bool> {
    match mq_unlink(name) {
        Ok(()) => Ok(true),
        Err(ENOENT) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// Removes the name, unless this queue has already lost it. Another process can take the
/// name between fstat and mq_unlink: no call does both in one step.
fn remove_if_mine(mq: &Mqd, name: &CStr) -> nix::Result<bool> {
    if fstat(mq)?.st_nlink == 0 { Ok(false) } else { removed(name) }
}
// ANCHOR_END: functions

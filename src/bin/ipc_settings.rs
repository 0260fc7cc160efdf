//! Other settings choose the next identifier, and set the limits and the defaults of POSIX queues.
//!
//!     cargo run --bin ipc_settings
//!
//! Chapter: lessons/23-connectionless. Manual pages: proc_sys_kernel(5), mq_overview(7).
//! Previous: sysv_limits.

use ipc_workbook::call::Result;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{
    Group, Seen, beyond, kernel_is_at_least, new_queue, new_segment, new_set, number,
};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen, limit};
use ipc_workbook::stat::stat;
use libc::{O_CREAT, O_EXCL, O_RDWR};
use std::ffi::{CStr, c_long};
use std::process::ExitCode;

/// B's queues: one within a limit, and one beyond it.
const WITHIN: &CStr = c"/within";
const BEYOND: &CStr = c"/beyond";

#[rustfmt::skip] // a table is easier to read with one experiment on each line
const GROUPS: [Group; 2] = [
    ("Settings that limit nothing", "msg_next_id is 4242. Which identifier does the next queue get?", ["0", "4242", "4243"], &[
        ("kernel/msg_next_id", "4242", "4242", "msg_next_id-is-the-identifier-of-the-next-queue", &|| number(new_queue())),
        ("kernel/sem_next_id", "4242", "4242", "sem_next_id-is-the-identifier-of-the-next-set", &|| number(new_set(1))),
        ("kernel/shm_next_id", "4242", "4242", "shm_next_id-is-the-identifier-of-the-next-segment", &|| number(new_segment(1))),
        ("kernel/msg_next_id", "4242", "0444", "msg_next_id-can-be-written-although-its-mode-is-0444", &mode),
        ("kernel/auto_msgmni", "1", "32000", "auto_msgmni-leaves-msgmni-alone", &|| limit("kernel/msgmni")),
    ]),
    ("POSIX queues", "queues_max is 1. What does mq_open return for a second queue?", ["ENOSPC", "EMFILE", "ENFILE"], &[
        ("fs/mqueue/queues_max", "1", "ENOSPC", "more-posix-queues-than-queues_max-fail-with-ENOSPC", &|| opens((1, 1), (1, 1))),
        ("fs/mqueue/msg_max", "2", "EINVAL", "mq_maxmsg-above-msg_max-is-EINVAL", &|| opens((2, 1), (3, 1))),
        ("fs/mqueue/msgsize_max", "128", "EINVAL", "mq_msgsize-above-msgsize_max-is-EINVAL", &|| opens((1, 128), (1, 129))),
        ("fs/mqueue/msg_default", "3", "3", "msg_default-is-mq_maxmsg-where-none-is-given", &|| number(defaults().map(|d| d.mq_maxmsg))),
        ("fs/mqueue/msgsize_default", "256", "256", "msgsize_default-is-mq_msgsize-where-none-is-given", &|| number(defaults().map(|d| d.mq_msgsize))),
    ]),
];

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/ipc_settings")?;
        lesson.step("A creates a queue in this namespace; no setting of B changes it");
        let mq = open(&name, Some(MqAttr::new(2, 64)))?;
        lesson.look(&mq)?;
        lesson.try_limits(&GROUPS, &[WITHIN, BEYOND])?;
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// The file has just been written. Since Linux 5.19 its mode is 0444, and capabilities decide who can write.
fn mode() -> Seen {
    if !kernel_is_at_least(5, 19) {
        return Err(Unseen("before Linux 5.19 its mode was 0644".into()));
    }
    number(stat(c"/proc/sys/kernel/msg_next_id").map(|file| format!("{:04o}", file.st_mode & 0o777)))
}

fn open(name: &CStr, attr: Option<MqAttr>) -> Result<Mqd> {
    mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0o600, attr.as_ref())
}

fn opens(first: (c_long, c_long), second: (c_long, c_long)) -> Seen {
    let attr = |(mq_maxmsg, mq_msgsize)| Some(MqAttr::new(mq_maxmsg, mq_msgsize));
    beyond(&open(WITHIN, attr(first)), &open(BEYOND, attr(second)))
}

fn defaults() -> Result<MqAttr> {
    mq_getattr(&open(WITHIN, None)?)
}

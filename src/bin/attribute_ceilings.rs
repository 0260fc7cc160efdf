//! The kernel limits attributes twice: settings limit new queues, and constants limit the settings.
//!
//!     cargo run --bin attribute_ceilings
//!
//! Chapter: lessons/31-attributes. Manual pages: mq_overview(7), mq_open(3), getrlimit(2).
//! Previous: nonblock_flag. Next: ceiling_privilege.

use ipc_workbook::call::Result;
use ipc_workbook::fcntl;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Group, Seen, beyond, number, outcome};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen, limit};
use ipc_workbook::resource::setrlimit;
use ipc_workbook::unistd::write;
use libc::{O_CREAT, O_EXCL, O_RDWR, O_WRONLY};
use nix::sys::resource::Resource::RLIMIT_MSGQUEUE;
use std::ffi::CStr;
use std::process::ExitCode;

const MSG_MAX: &CStr = c"/proc/sys/fs/mqueue/msg_max";
const MSGSIZE_MAX: &CStr = c"/proc/sys/fs/mqueue/msgsize_max";

/// B's queue.
const QUEUE: &CStr = c"/queue";

#[rustfmt::skip] // a table is easier to read with one experiment on each line
const GROUPS: [Group; 3] = [
    ("A default above its ceiling", "msg_default is 20, msg_max is 10. What is mq_maxmsg of a queue without attr?", ["20", "10", "EINVAL"], &[
        ("fs/mqueue/msg_default", "20", "10", "a-msg_default-above-msg_max-is-reduced-to-msg_max", &|| number(defaults().map(|attr| attr.mq_maxmsg))),
        ("fs/mqueue/msgsize_default", "16384", "8192", "a-msgsize_default-above-msgsize_max-is-reduced-to-msgsize_max", &|| number(defaults().map(|attr| attr.mq_msgsize))),
    ]),
    ("The ceilings of the ceilings", "msg_max is 65536. What happens to 65537?", ["success", "EINVAL", "EPERM"], &[
        ("fs/mqueue/msg_max", "65536", "EINVAL", "msg_max-cannot-be-set-above-65536", &|| put(MSG_MAX, b"65537")),
        ("fs/mqueue/msg_max", "65536", "65536", "msg_max-can-be-set-to-65536", &|| limit("fs/mqueue/msg_max")),
        ("fs/mqueue/msg_max", "1", "EINVAL", "msg_max-cannot-be-set-to-0", &|| put(MSG_MAX, b"0")),
        ("fs/mqueue/msgsize_max", "16777216", "EINVAL", "msgsize_max-cannot-be-set-above-16777216", &|| put(MSGSIZE_MAX, b"16777217")),
        ("fs/mqueue/msgsize_max", "128", "EINVAL", "msgsize_max-cannot-be-set-below-128", &|| put(MSGSIZE_MAX, b"127")),
        ("fs/mqueue/queues_max", "0", "ENOSPC", "with-queues_max-0-no-queue-can-be-created", &|| beyond(&Ok(()), &open(None))),
    ]),
    ("A lower ceiling, and a queue that exists", "The queue has room for 5 messages, and msg_max falls to 2. What is mq_maxmsg?", ["5", "2", "10"], &[
        ("fs/mqueue/msg_max", "5", "5", "a-lower-msg_max-leaves-existing-queues-unchanged", &|| after(MSG_MAX, b"2", |mq| number(mq_getattr(mq).map(|attr| attr.mq_maxmsg)))),
        ("fs/mqueue/msgsize_max", "512", "success", "a-queue-still-accepts-messages-above-a-lower-msgsize_max", &|| after(MSGSIZE_MAX, b"128", |mq| outcome(&mq_send(mq, &[0; 512], 0)))),
    ]),
];

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/attribute_ceilings")?;
        lesson.step("A creates a queue, before any limit falls");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 64)))?;
        lesson.look(&mq)?;
        lesson.try_limits(&GROUPS, &[QUEUE])?;

        // ANCHOR: rlimit
        lesson.step("A's queue needs nothing more of RLIMIT_MSGQUEUE");
        setrlimit(RLIMIT_MSGQUEUE, 0)?;
        lesson.predict("RLIMIT_MSGQUEUE is 0 now. Does mq_send succeed?", &["EMFILE", "ENOMEM", "success"]);
        let sent = mq_send(&mq, b"there is room", 0);
        lesson.claim("RLIMIT_MSGQUEUE-does-not-stop-mq_send", &sent, "success");
        let second = mq_open(&name, O_RDWR, 0, None);
        lesson.claim("RLIMIT_MSGQUEUE-does-not-stop-the-opening-of-an-existing-queue", &second, "success");
        mq_close(second?)?;
        // ANCHOR_END: rlimit
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

fn open(attr: Option<MqAttr>) -> Result<Mqd> {
    mq_open(QUEUE, O_CREAT | O_EXCL | O_RDWR, 0o600, attr.as_ref())
}

fn defaults() -> Result<MqAttr> {
    mq_getattr(&open(None)?)
}

/// Writes a setting, and returns `success` or the errno.
fn put(file: &CStr, value: &[u8]) -> Seen {
    outcome(&fcntl::open(file, O_WRONLY, 0).and_then(|file| write(&file, value)))
}

/// Creates a queue, writes a lower ceiling, and looks at the queue again.
fn after(file: &CStr, value: &[u8], look: impl FnOnce(&Mqd) -> Seen) -> Seen {
    let queue = open(Some(MqAttr::new(5, 512)));
    let lowered = put(file, value)?;
    match queue {
        Ok(queue) if lowered == "success" => look(&queue),
        other => Err(Unseen(format!("mq_open: {}, write: {lowered}", outcome(&other)?))),
    }
}

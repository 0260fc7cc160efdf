//! `<sys/msg.h>`: message queues.

mod control;
mod get;
mod listener;
mod messages;

use super::*;
use ipc_workbook::call::Errno::*;
use ipc_workbook::observe::wait_until_blocked_in;
use ipc_workbook::sysv::msg::*;

const SENDING: &[c_long] = &[libc::SYS_msgsnd];
const RECEIVING: &[c_long] = &[libc::SYS_msgrcv];

/// Creates a queue with the key [`KEY`].
fn queue(mode: c_int) -> c_int {
    msgget(KEY, IPC_CREAT | IPC_EXCL | mode).expect("msgget")
}

fn remove(msqid: c_int) {
    msgctl(msqid, IPC_RMID).expect("IPC_RMID");
}

/// Creates a queue with the messages a (type 300), b (100), c (200) and d (100).
fn four_messages() -> c_int {
    let msqid = queue(0o600);
    for (mtype, mtext) in [(300, b"a"), (100, b"b"), (200, b"c"), (100, b"d")] {
        msgsnd(msqid, mtype, mtext, 0).expect("msgsnd");
    }
    msqid
}

/// Receives a message, and returns its text and type.
fn received(msqid: c_int, msgtyp: c_long, msgflg: c_int) -> Result<(String, c_long)> {
    let mut mtext = [0; 64];
    let (length, mtype) = msgrcv(msqid, &mut mtext, msgtyp, msgflg | IPC_NOWAIT)?;
    Ok((String::from_utf8_lossy(&mtext[..length]).into_owned(), mtype))
}

/// Fills the queue to its last byte.
fn full(msqid: c_int) {
    let mut ds = msgctl(msqid, IPC_STAT).expect("IPC_STAT");
    ds.msg_qbytes = 10;
    msgctl(msqid, IPC_SET(&ds)).expect("IPC_SET");
    msgsnd(msqid, 1, &[b'x'; 10], IPC_NOWAIT).expect("msgsnd");
}

/// Returns whether the kernel has `MSG_COPY`, for which it must support checkpoints.
fn copies() -> bool {
    let can = std::fs::exists("/proc/sys/kernel/msg_next_id").unwrap_or(false);
    if !can {
        skip("this kernel has no MSG_COPY");
    }
    can
}

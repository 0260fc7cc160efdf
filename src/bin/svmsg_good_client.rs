//! A client that handles EINVAL and EIDRM, and compares identifiers, survives every restart.
//!
//!     cargo run --bin svmsg_good_client
//!
//! Chapter: lessons/22-server-restart. Manual pages: msgop(2), msgget(2).
//! Previous: svmsg_bad_client. Next: svshm_restart.

use ipc_workbook::call::{Errno, Result};
use ipc_workbook::lesson;
use ipc_workbook::lesson::outcome;
use ipc_workbook::observe::sysvipc::Table;
use ipc_workbook::sysv::msg::*;
use nix::errno::Errno::{EIDRM, EINVAL, ENOENT};
use std::ffi::c_long;
use std::process::ExitCode;

const REQUEST: c_long = 1;
const ANSWER: c_long = 2;

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let key = lesson.key("/svmsg_good_client")?;
        let new_queue = || msgget(key, IPC_CREAT | IPC_EXCL | 0o600);

        lesson.step("A server's queue, and a client that asks for its identifier");
        let first = new_queue()?;
        let mut client = lesson.process("client", |turn| {
            let mut msqid = msgget(key, 0)?;
            turn.finish()?;
            let answer = turn.blocking_call(lesson, || msgrcv(msqid, &mut [0; 16], ANSWER, 0))?;
            if let Err(errno) = answer {
                reconnect(key, &mut msqid, errno)?;
            }
            turn.report(&answer)?;
            for mtype in [REQUEST, REQUEST, 0, REQUEST] {
                turn.report(&send(key, &mut msqid, mtype))?;
            }
            Ok(())
        })?;
        client.turn()?;

        lesson.step("The server is restarted while the client waits");
        let waiting = client.until_blocked_in(lesson, "msgrcv")?;
        msgctl(first, IPC_RMID)?;
        let second = new_queue()?;
        let woken = waiting.resume()?;
        client.start()?;
        let sent = client.reported()?;
        let got = woken.and_then(|woken| Ok(format!("{woken}, then {}", outcome(&sent)?)));
        lesson.claim("after-EIDRM-the-good-client-reconnects", got, "EIDRM, then success");

        lesson.step("The server is restarted while the client does something else");
        msgctl(second, IPC_RMID)?;
        let third = new_queue()?;
        lesson.predict("How many requests reach the new queue?", &["1", "0", "2"]);
        client.start()?;
        client.reported()?.ok();
        let qnum = lesson.row(Table::Msg, third).and_then(|row| row.fact("qnum"));
        lesson.claim("after-EINVAL-from-a-stale-identifier-the-good-client-reconnects", qnum, 1);

        lesson.step("EINVAL has other causes: a message of type 0");
        client.start()?;
        let sent = client.reported()?;
        let found = if msgget(key, 0)? == third { "the same identifier" } else { "another identifier" };
        let got = outcome(&sent).map(|told| format!("{told}, and {found}"));
        lesson.claim("EINVAL-with-the-same-identifier-is-no-restart", got, "EINVAL, and the same identifier");

        lesson.step("The server removes its queue, and does not come back");
        msgctl(third, IPC_RMID)?;
        client.start()?;
        lesson.claim("while-the-server-is-away-msgget-fails-with-ENOENT", client.reported()?, ENOENT);
        client.finish()
    })
}

// ANCHOR: send
/// Either errno may mean a restart. Another identifier under the same key proves it.
fn reconnect(key: key_t, msqid: &mut i32, errno: Errno) -> Result<()> {
    let new = match errno {
        EINVAL | EIDRM => msgget(key, 0)?,
        other => return Err(other),
    };
    if new == *msqid {
        return Err(errno); // the queue is there: the mistake is in the call
    }
    *msqid = new;
    Ok(())
}

fn send(key: key_t, msqid: &mut i32, mtype: c_long) -> Result<()> {
    match msgsnd(*msqid, mtype, b"request", IPC_NOWAIT) {
        Err(errno) => {
            reconnect(key, msqid, errno)?;
            msgsnd(*msqid, mtype, b"request", IPC_NOWAIT)
        }
        sent => sent,
    }
}
// ANCHOR_END: send

//! A client that handles only EIDRM keeps using the identifier of a removed queue.
//!
//!     cargo run --bin svmsg_bad_client
//!
//! Chapter: lessons/22-server-restart. Manual pages: msgop(2), msgget(2).
//! Previous: removed_while_waiting. Next: svmsg_good_client.

use ipc_workbook::call::Result;
use ipc_workbook::lesson;
use ipc_workbook::observe::sysvipc::Table;
use ipc_workbook::sysv::msg::*;
use nix::errno::Errno::{EIDRM, EINVAL};
use std::ffi::c_long;
use std::process::ExitCode;

const REQUEST: c_long = 1;
const ANSWER: c_long = 2;

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let key = lesson.key("/svmsg_bad_client")?;
        let new_queue = || msgget(key, IPC_CREAT | IPC_EXCL | 0o600);

        lesson.step("A server's queue, and a client that asks for its identifier once");
        let first = new_queue()?;
        let mut client = lesson.process("client", |turn| {
            let mut msqid = msgget(key, 0)?;
            turn.finish()?;
            // The client waits for an answer. EIDRM wakes it.
            let answer = turn.blocking_call(lesson, || msgrcv(msqid, &mut [0; 16], ANSWER, 0))?;
            match answer {
                Err(EIDRM) => msqid = msgget(key, 0)?,
                other => drop(other?),
            }
            turn.report(&answer)?;
            loop {
                turn.report(&send(key, &mut msqid))?;
            }
        })?;
        client.turn()?;

        lesson.step("The server is restarted while the client waits, as in the server restart tutorial");
        let waiting = client.until_blocked_in(lesson, "msgrcv")?;
        msgctl(first, IPC_RMID)?;
        let second = new_queue()?;
        lesson.claim("a-client-that-waited-gets-EIDRM", waiting.resume()?, "EIDRM");
        client.start()?;
        let _ = client.reported()?;
        let qnum = lesson.row(Table::Msg, second).and_then(|row| row.fact("qnum"));
        lesson.claim("a-client-that-was-told-EIDRM-reconnects-and-its-request-arrives", qnum, 1);

        lesson.step("The server is restarted while the client does something else");
        msgctl(second, IPC_RMID)?;
        let third = new_queue()?;
        lesson.predict("What does the client's next msgsnd return?", &["EIDRM", "success", "EINVAL"]);
        client.start()?;
        lesson.claim("a-client-that-did-not-wait-gets-EINVAL", client.reported()?, EINVAL);

        lesson.step("The client tries again, with the same identifier");
        client.start()?;
        lesson.claim("trying-again-with-the-stale-identifier-changes-nothing", client.reported()?, EINVAL);
        let qnum = lesson.row(Table::Msg, third).and_then(|row| row.fact("qnum"));
        lesson.claim("nothing-reaches-the-new-queue", qnum, 0);
        client.kill(lesson)?;
        msgctl(third, IPC_RMID)?;
        Ok(())
    })
}

// ANCHOR: send
/// Sends as the server restart tutorial's client does: only EIDRM means a restart.
fn send(key: key_t, msqid: &mut i32) -> Result<()> {
    match msgsnd(*msqid, REQUEST, b"request", IPC_NOWAIT) {
        Err(EIDRM) => {
            *msqid = msgget(key, 0)?;
            msgsnd(*msqid, REQUEST, b"request", IPC_NOWAIT)
        }
        other => other,
    }
}
// ANCHOR_END: send

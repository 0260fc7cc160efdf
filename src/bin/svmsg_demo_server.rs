//! A restarted server removes its old queue and creates a new one, which has another identifier.
//!
//!     cargo run --bin svmsg_demo_server
//!     cargo run --bin svmsg_demo_server -- --alone    # answers until Ctrl-C; then, in another terminal: svmsg_demo_client -- --alone
//!
//! Chapter: lessons/22-server-restart. Manual pages: msgget(2), msgop(2), msgctl(2).
//! Next: svmsg_demo_client.

use ipc_workbook::lesson;
use ipc_workbook::lesson::{serve_alone, switch, take_over_queue};
use ipc_workbook::observe::sysvipc::Table;
use ipc_workbook::sysv::msg::*;
use nix::errno::Errno::EEXIST;
use std::ffi::c_long;
use std::process::ExitCode;

/// The type of a request. The text of a request begins with the type of its answer.
const REQUEST: c_long = 1;
const HELP: &str = "Play the server only: take over the queue of a killed server, and answer \
                    svmsg_demo_client until Ctrl-C. Without this flag, the lesson plays the client \
                    and starts the servers";

fn main() -> ExitCode {
    lesson!(keys, [switch("alone", HELP)], |lesson| {
        if lesson.is_set("alone") {
            return serve_alone(lesson, lesson.key_to_take_over("/svmsg_demo")?);
        }
        let key = lesson.key("/svmsg_demo")?;
        let queued = |msqid| lesson.row(Table::Msg, msqid).and_then(|row| row.fact("qnum"));

        // ANCHOR: killed
        lesson.step("A server answers a request, and is then killed with SIGKILL");
        let mut server = lesson.process("server", |turn| {
            let msqid = take_over_queue(lesson, key)?;
            turn.finish()?;
            msgrcv(msqid, &mut [0; 64], REQUEST, 0)?;
            msgsnd(msqid, 2, b"HELLO", 0)?;
            turn.finish()
        })?;
        server.turn()?;
        let old = msgget(key, 0)?;
        msgsnd(old, REQUEST, b"2 hello", 0)?;
        server.turn()?;
        msgrcv(old, &mut [0; 64], 2, IPC_NOWAIT)?;
        server.kill(lesson)?;
        lesson.predict("No server is running now. What does msgsnd return?", &["EIDRM", "EPIPE", "success"]);
        let sent = msgsnd(old, REQUEST, b"2 anybody?", IPC_NOWAIT);
        lesson.claim("the-queue-of-a-killed-server-still-accepts-requests", &sent, "success");
        lesson.claim("a-request-to-a-killed-server-waits-in-the-queue", queued(old), 1);
        // ANCHOR_END: killed

        lesson.step("A second server starts");
        lesson.predict("With IPC_EXCL, what does msgget return?", &["EEXIST", "ENOENT", "success"]);
        let exclusive = msgget(key, IPC_CREAT | IPC_EXCL | 0o600);
        lesson.claim("msgget-with-IPC_EXCL-fails-with-EEXIST-if-an-old-queue-is-left", exclusive, EEXIST);
        let mut server = lesson.process("server", |turn| {
            let msqid = take_over_queue(lesson, key)?;
            turn.finish()?;
            let request = turn.blocking_call(lesson, || msgrcv(msqid, &mut [0; 64], REQUEST, 0))?;
            turn.report(&request)
        })?;
        server.turn()?;
        let new = msgget(key, 0)?;
        lesson.claim("the-key-leads-to-another-identifier-now", new == old, false);
        lesson.claim("a-waiting-request-is-removed-with-the-old-queue", queued(new), 0);

        // ANCHOR: living
        lesson.step("A third server starts while the second one is running and waits for requests");
        let waiting = server.until_blocked_in(lesson, "msgrcv")?;
        let mut third = lesson.process("third", |turn| {
            take_over_queue(lesson, key)?;
            turn.finish()
        })?;
        lesson.predict("The second one waits in msgrcv. What does it get?", &["ENOMSG", "EIDRM", "nothing"]);
        third.turn()?;
        let woken = waiting.resume()?;
        lesson.claim("a-new-server-also-removes-the-queue-of-a-running-server", woken, "EIDRM");
        server.finish()?;
        third.kill(lesson)?;
        // ANCHOR_END: living

        lesson.step("A server creates its queue without IPC_EXCL");
        let left = msgget(key, 0)?;
        msgsnd(left, REQUEST, b"2 from before", IPC_NOWAIT)?;
        let taken = msgget(key, IPC_CREAT | 0o600)?;
        lesson.claim("msgget-with-IPC_CREAT-alone-returns-the-old-identifier", taken == left, true);
        lesson.claim("msgget-with-IPC_CREAT-alone-finds-the-old-requests", queued(taken), 1);
        msgctl(taken, IPC_RMID)?;
        Ok(())
    })
}

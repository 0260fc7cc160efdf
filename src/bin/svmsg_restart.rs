//! A killed server loses requests, and its client cannot tell whether they were done.
//!
//!     cargo run --bin svmsg_restart
//!
//! Chapter: lessons/22-server-restart. Manual pages: msgop(2), msgctl(2), signal(7).
//! Previous: svmsg_demo_client. Next: svmsg_restart_load.

use ipc_workbook::cli::Failure;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Outcome, Process, replace_queue};
use ipc_workbook::sysv::{msg::*, sem::*};
use nix::errno::Errno::EINVAL;
use std::ffi::c_long;
use std::process::ExitCode;

const REQUEST: c_long = 1;
const ANSWER: c_long = 2;

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let key = lesson.key("/svmsg_restart")?;

        lesson.step("A server, and a semaphore that outlives it; each request asks to raise the semaphore");
        let semid = semget(key, 1, IPC_CREAT | IPC_EXCL | 0o600)?;
        let mut server = start_server(lesson, key)?;

        // ANCHOR: points
        lesson.step("Restart 1: the server is killed while there is no request");
        let msqid = msgget(key, 0)?;
        msgsnd(msqid, REQUEST, b"raise", 0)?;
        server.turns(3)?; // it takes the request, does the work, and answers
        msgrcv(msqid, &mut [0; 16], ANSWER, 0)?;
        let (lost, server) = restart(lesson, key, server, 0)?;
        lesson.claim("between-requests-nothing-is-lost", lost, 0);
        let next = msgsnd(msqid, REQUEST, b"raise", 0);
        lesson.claim("after-a-restart-between-requests-the-next-msgsnd-fails-with-EINVAL", next, EINVAL);

        lesson.step("Restart 2: the server is killed while a request waits in the queue");
        lesson.predict("How many messages are removed with the old queue?", &["1", "0", "2"]);
        let mut client = start_client(lesson, key)?;
        let waiting = client.until_blocked_in(lesson, "msgrcv")?;
        let (lost, server) = restart(lesson, key, server, 0)?;
        lesson.claim("a-request-in-the-queue-is-lost-with-it", lost, 1);
        lesson.claim("a-client-whose-request-was-queued-gets-EIDRM", waiting.resume()?, "EIDRM");
        client.finish()?;

        lesson.step("Restart 3: the server is killed after it receives a request, before it does the work");
        lesson.predict("How many messages are removed with the old queue?", &["2", "1", "0"]);
        let mut client = start_client(lesson, key)?;
        let waiting = client.until_blocked_in(lesson, "msgrcv")?;
        let (lost, server) = restart(lesson, key, server, 1)?;
        lesson.claim("a-request-that-the-server-has-received-is-in-no-queue", lost, 0);
        lesson.claim("a-client-whose-request-was-received-gets-EIDRM", waiting.resume()?, "EIDRM");
        lesson.claim("a-request-that-was-only-received-is-not-done", semctl(semid, 0, GETVAL)?, 1);
        client.finish()?;

        lesson.step("Restart 4: the server is killed after it does the work, before it answers");
        let mut client = start_client(lesson, key)?;
        let waiting = client.until_blocked_in(lesson, "msgrcv")?;
        let (_, server) = restart(lesson, key, server, 2)?;
        lesson.claim("a-client-whose-request-was-done-also-gets-EIDRM", waiting.resume()?, "EIDRM");
        lesson.claim("work-done-before-the-kill-stays-done", semctl(semid, 0, GETVAL)?, 2);
        client.finish()?;

        lesson.step("Restart 5: the server is killed after its answer, before the client receives it");
        let msqid = msgget(key, 0)?;
        msgsnd(msqid, REQUEST, b"raise", 0)?;
        let (lost, server) = restart(lesson, key, server, 3)?;
        lesson.claim("an-answer-in-the-queue-is-lost-with-it", lost, 1);
        let answer = msgrcv(msqid, &mut [0; 16], ANSWER, 0);
        lesson.claim("a-client-whose-answer-was-lost-gets-EINVAL", answer, EINVAL);
        // ANCHOR_END: points
        server.kill(lesson)?;
        msgctl(msgget(key, 0)?, IPC_RMID)?;
        Ok(semctl(semid, 0, IPC_RMID)?)
    })
}

// ANCHOR: serve
/// A server that takes over the key. It does one step in each turn.
fn start_server(lesson: &Lesson, key: key_t) -> Outcome<Process> {
    lesson.started("server", |turn| {
        let msqid = replace_queue(key)?;
        turn.finish()?;
        msgrcv(msqid, &mut [0; 16], REQUEST, 0)?;
        turn.finish()?;
        semop(semget(key, 1, 0)?, &[Sembuf::new(0, 1, 0)])?; // the work
        turn.finish()?;
        msgsnd(msqid, ANSWER, b"raised", 0)?;
        turn.finish()
    })
}

/// Lets the server do `things` steps, kills it, and starts another one. Returns how many messages were
/// in the old queue and are not in the new one, and the new server.
fn restart(lesson: &Lesson, key: key_t, mut server: Process, things: u16) -> Outcome<(c_long, Process)> {
    let queued = || Ok::<_, Failure>(msgctl(msgget(key, 0)?, IPC_STAT)?.msg_qnum.cast_signed());
    server.turns(things)?;
    server.kill(lesson)?;
    let before = queued()?;
    let server = start_server(lesson, key)?;
    Ok((before - queued()?, server))
}
// ANCHOR_END: serve

/// A client that sends a request and waits for the answer.
fn start_client(lesson: &Lesson, key: key_t) -> Outcome<Process> {
    lesson.process("client", |turn| {
        let msqid = msgget(key, 0)?;
        msgsnd(msqid, REQUEST, b"raise", 0)?;
        let answer = turn.blocking_call(lesson, || msgrcv(msqid, &mut [0; 16], ANSWER, 0))?;
        turn.report(&answer)
    })
}

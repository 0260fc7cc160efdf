//! Restarts cost requests, or have some done twice, unless the server knows what was done before.
//!
//!     cargo run --bin svmsg_restart_load
//!
//! Chapter: lessons/22-server-restart. Manual pages: msgop(2), msgctl(2), shmop(2).
//! Previous: svmsg_restart. Next: stale_id_demo.

use ipc_workbook::cli::Failure;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Process, take_over};
use ipc_workbook::sysv::{msg::*, shm::*};
use nix::errno::Errno::EINVAL;
use std::ffi::c_long;
use std::process::ExitCode;

const REQUESTS: u16 = 1000;
const REQUEST: c_long = 1;
const ANSWER: c_long = 2;

// ANCHOR: schedule
/// The servers are killed at requests 91, 182, up to 910, at five points in turn: so many of
/// four things have happened then. The server takes the request, does the work, and answers;
/// the client receives the answer.
fn killed_after(request: u16) -> Option<u16> {
    let restart = request / 91;
    (request.is_multiple_of(91) && restart <= 10).then(|| [3, 4, 0, 1, 2][usize::from(restart % 5)])
}
// ANCHOR_END: schedule

/// What became of the requests.
#[derive(Default)]
struct Count {
    sent: u64,
    received: u64,
    in_queues: u64,
    in_hand: u64,
    done: u64,
    twice: u64,
}

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let key = lesson.key("/svmsg_restart_load")?;

        lesson.step("A queue that an earlier server has left, and a segment that outlives whoever is killed");
        msgget(key, IPC_CREAT | IPC_EXCL | 0o600)?;
        let shmid = shmget(key, usize::from(REQUESTS) + 1, IPC_CREAT | IPC_EXCL | 0o600)?;
        let work = shmat(shmid, None, 0)?;

        // ANCHOR: counts
        lesson.step("A thousand requests and ten restarts. The client asks once for each request");
        let count = lesson.muted(|| play(lesson, key, &work, false, false))?;
        lesson.predict("How many of the 1000 requests were not answered?", &["10", "8", "4"]);
        lesson.claim("eight-of-ten-restarts-cost-a-request", count.sent - count.received, 8);
        let lost = count.in_queues + count.in_hand;
        lesson.claim("sent-is-answered-and-lost", count.received + lost, count.sent);
        lesson.claim("half-of-what-the-client-holds-for-lost-was-done", count.done - count.received, 4);
        show(lesson, &count);
        // ANCHOR_END: counts

        // ANCHOR: again
        lesson.step("The same, but the client asks again when no answer came");
        let count = lesson.muted(|| play(lesson, key, &work, true, false))?;
        lesson.claim("who-asks-again-is-answered-in-the-end", count.received, REQUESTS.into());
        lesson.predict("How many requests were done twice?", &["0", "4", "8"]);
        lesson.claim("who-asks-again-has-some-requests-done-twice", count.twice, 4);
        show(lesson, &count);
        // ANCHOR_END: again

        // ANCHOR: ids
        lesson.step("The same, and the server knows by its number what it has done already");
        let count = lesson.muted(|| play(lesson, key, &work, true, true))?;
        lesson.claim("with-request-ids-all-are-answered", count.received, REQUESTS.into());
        lesson.claim("with-request-ids-none-is-done-twice", count.twice, 0);
        show(lesson, &count);
        // ANCHOR_END: ids
        shmdt(work)?;
        shmctl(shmid, IPC_RMID)?;
        Ok(msgctl(msgget(key, 0)?, IPC_RMID)?)
    })
}

// ANCHOR: ask
/// The client, and one server after the other.
fn play(
    lesson: &Lesson,
    key: key_t,
    work: &Attached,
    asks_again: bool,
    knows_ids: bool,
) -> Result<Count, Failure> {
    let mut times = [0; REQUESTS as usize + 1]; // how often the work of each request was done
    work.write(0, &times)?;
    let mut server = start_server(lesson, key, work, knows_ids, 0)?;
    let mut count = Count::default();
    let mut restart = |server: Process, request| {
        server.kill(lesson)?;
        count.in_queues += msgctl(msgget(key, 0)?, IPC_STAT)?.msg_qnum;
        start_server(lesson, key, work, knows_ids, request)
    };
    let mut msqid = msgget(key, 0)?;
    for request in 1..=REQUESTS {
        let mut killed_after = killed_after(request);
        let mut answered = false;
        while !answered {
            let send = |msqid| msgsnd(msqid, REQUEST, &request.to_le_bytes(), 0);
            match send(msqid) {
                Err(EINVAL) => {
                    msqid = msgget(key, 0)?; // it was not sent, and is sent to the new queue
                    send(msqid)?;
                }
                sent => sent?,
            }
            let things = killed_after.unwrap_or(4);
            if things > 0 {
                server.turn()?;
            }
            if things < 4 {
                server = restart(server, request)?;
            }
            let answer = msgrcv(msqid, &mut [0; 2], ANSWER, IPC_NOWAIT);
            if killed_after == Some(4) {
                server = restart(server, request)?;
            }
            match answer {
                Ok(_) => answered = true,
                Err(EINVAL) => msqid = msgget(key, 0)?,
                Err(errno) => return Err(errno.into()),
            }
            count.sent += 1;
            count.in_hand += u64::from(things == 1 || things == 2);
            count.received += u64::from(answered);
            if !asks_again {
                break;
            }
            killed_after = None; // once for each request
        }
    }
    server.kill(lesson)?;
    work.read(0, &mut times)?;
    for times in times {
        count.done += u64::from(times);
        count.twice += u64::from(times == 2);
    }
    Ok(count)
}
// ANCHOR_END: ask

// ANCHOR: serve
/// A server that takes over the key, and has a turn for each request. At the first after
/// `latest` at which the schedule kills it, it does no more than the schedule says.
fn start_server(
    lesson: &Lesson,
    key: key_t,
    work: &Attached,
    knows_ids: bool,
    latest: u16,
) -> Result<Process, Failure> {
    let mut server = lesson.process("server", |turn| {
        let create = || msgget(key, IPC_CREAT | IPC_EXCL | 0o600);
        let msqid = take_over(create, || msgget(key, 0), |old| Ok(msgctl(old, IPC_RMID)?))?;
        let mut request = [0; 2];
        let mut times = [0];
        loop {
            turn.finish()?;
            msgrcv(msqid, &mut request, REQUEST, 0)?;
            let number = u16::from_le_bytes(request);
            let things = killed_after(number).filter(|_| number > latest).unwrap_or(3);
            work.read(number.into(), &mut times)?;
            if things >= 2 && (times == [0] || !knows_ids) {
                work.write(number.into(), &[times[0] + 1])?; // the work, and the note of it, in one step
            }
            if things >= 3 {
                msgsnd(msqid, ANSWER, &request, 0)?;
            }
        }
    })?;
    server.turn()?;
    Ok(server)
}
// ANCHOR_END: serve

fn show(lesson: &Lesson, count: &Count) {
    let Count { sent, received, in_queues, in_hand, done, twice } = count;
    lesson.note(&format!("requests sent {sent} · answers received {received} · done {done}, twice {twice}"));
    lesson.note(&format!("removed with a queue {in_queues} · in the hand of a killed server {in_hand}"));
}

//! What a killed server's queue held, and what the server had in hand, is lost; its client cannot tell which.
//!
//!     cargo run --bin svmsg_restart
//!
//! Chapter: lessons/22-server-restart. Manual pages: msgop(2), msgctl(2), signal(7).
//! Previous: svmsg_demo_client. Next: stale_id_demo.

use ipc_workbook::call::{Errno, Result as CallResult};
use ipc_workbook::cli::Failure;
use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Outcome, Process, Turn, outcome, take_over};
use ipc_workbook::observe::{Unseen, is_exiting};
use ipc_workbook::signal::kill;
use ipc_workbook::sysv::{msg::*, shm::*};
use nix::errno::Errno::{EIDRM, EINVAL};
use nix::sys::signal::Signal::SIGKILL;
use std::ffi::c_long;
use std::process::ExitCode;

const REQUESTS: i32 = 1000;
const RESTARTS: i32 = 10;
const REQUEST: c_long = 1;
const ANSWER: c_long = 2;
/// The client's last request, after which the server ends by itself.
const LAST: i32 = 0;

// ANCHOR: schedule
/// Where a server is killed.
#[derive(Clone, Copy, PartialEq)]
enum Point {
    /// The request is answered, the answer is received, and the client asks nothing yet.
    Idle,
    /// The request lies in the queue.
    Queued,
    /// The server has taken the request, and done nothing.
    Taken,
    /// The server has done what the request asks, and not answered.
    Done,
    /// The server has answered, and the answer lies in the queue.
    Unread,
}
use Point::{Done, Idle, Queued, Taken, Unread};

/// The schedule: the servers are killed at requests 91, 182, up to 910, at these points in turn.
fn death(request: i32) -> Option<Point> {
    let restart = request / 91;
    if request % 91 != 0 || !(1..=RESTARTS).contains(&restart) {
        return None;
    }
    Some(match restart % 5 {
        1 => Idle,
        2 => Queued,
        3 => Taken,
        4 => Done,
        _ => Unread,
    })
}
// ANCHOR_END: schedule

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let key = lesson.key("/svmsg_restart")?;

        lesson.step("A server and a client. Both count in a segment, which outlives whoever is killed");
        let mut drama = Drama::begin(lesson, key, Policy { asks_again: false, knows_ids: false })?;

        // ANCHOR: points
        lesson.step("Restart 1: the server is killed while no request is on its way");
        let (lost, told) = drama.restart()?;
        lesson.claim("between-requests-nothing-is-lost", lost, 0);
        lesson.claim("a-client-between-requests-is-told-by-its-next-msgsnd", told, "EINVAL");

        lesson.step("Restart 2: killed while a request waits in the queue");
        lesson.predict("How many messages go with the old queue?", &["1", "0", "2"]);
        let (lost, told) = drama.restart()?;
        lesson.claim("a-request-in-the-queue-is-lost-with-it", lost, 1);
        lesson.claim("a-client-whose-request-was-queued-is-told-EIDRM", told, "EIDRM");

        lesson.step("Restart 3: killed with a request in hand, and nothing done");
        lesson.predict("How many messages go with the old queue?", &["2", "1", "0"]);
        let (lost, told) = drama.restart()?;
        lesson.claim("a-request-in-hand-is-in-no-queue", lost, 0);
        lesson.claim("a-client-whose-request-was-taken-is-told-EIDRM", told, "EIDRM");

        lesson.step("Restart 4: killed when the work is done, before the answer");
        let (_, told) = drama.restart()?;
        lesson.claim("a-client-whose-request-was-done-is-told-EIDRM-too", told, "EIDRM");

        lesson.step("Restart 5: killed after the answer, which the client has not received yet");
        let (lost, told) = drama.restart()?;
        lesson.claim("an-answer-in-the-queue-is-lost-with-it", lost, 1);
        lesson.claim("a-client-whose-answer-was-lost-is-told-EINVAL", told, "EINVAL");
        // ANCHOR_END: points

        // ANCHOR: counts
        lesson.step("Five more restarts at the same points, and the rest of the thousand requests");
        let count = lesson.muted(|| drama.end())?;
        let (sent, received) = (count[SENT], count[RECEIVED]);
        let lost = count[IN_QUEUES] + (count[TAKEN] - count[ANSWERED]); // and in hand
        tell(lesson, &count);
        lesson.predict("How many of the 1000 requests were not answered?", &["10", "8", "4"]);
        lesson.claim("eight-of-ten-restarts-cost-a-request", sent - received, 8);
        lesson.claim("sent-is-answered-and-lost", received + lost, sent);
        lesson.claim("half-of-what-the-client-holds-for-lost-was-done", count[DONE] - received, 4);
        // ANCHOR_END: counts

        // ANCHOR: again
        lesson.step("The same, but the client asks again when no answer came");
        let policy = Policy { asks_again: true, knows_ids: false };
        let count = lesson.muted(|| Drama::begin(lesson, key, policy)?.end())?;
        tell(lesson, &count);
        lesson.claim("who-asks-again-is-answered-in-the-end", count[RECEIVED], REQUESTS);
        lesson.predict("How many requests were done twice?", &["0", "4", "8"]);
        lesson.claim("who-asks-again-has-some-requests-done-twice", count[TWICE], 4);
        // ANCHOR_END: again

        // ANCHOR: ids
        lesson.step("The same, and the server knows by its number what it has done already");
        let policy = Policy { asks_again: true, knows_ids: true };
        let count = lesson.muted(|| Drama::begin(lesson, key, policy)?.end())?;
        tell(lesson, &count);
        lesson.claim("with-request-ids-all-are-answered", count[RECEIVED], REQUESTS);
        lesson.claim("with-request-ids-none-is-done-twice", count[TWICE], 0);
        Ok(())
        // ANCHOR_END: ids
    })
}

fn tell(lesson: &Lesson, count: &[i32; DONE_OF]) {
    let [sent, received, taken, answered, in_queues, done, twice] = count;
    lesson.note(&format!("requests sent {sent} · taken {taken} · done {done}, twice {twice} · answered {answered} · answers received {received} · messages removed with a queue {in_queues}"));
}

#[derive(Clone, Copy)]
struct Policy {
    asks_again: bool,
    knows_ids: bool,
}

/// Where in the segment the counts lie. From `DONE_OF` on it has one for each request.
const SENT: usize = 0;
const RECEIVED: usize = 1;
const TAKEN: usize = 2;
const ANSWERED: usize = 3;
const IN_QUEUES: usize = 4;
const DONE: usize = 5;
const TWICE: usize = 6;
const DONE_OF: usize = 7;

/// A segment of counts.
struct Book {
    shmid: i32,
    memory: Attached,
}

impl Book {
    fn get(&self, at: usize) -> CallResult<i32> {
        let mut count = [0; 4];
        self.memory.read(4 * at, &mut count)?;
        Ok(i32::from_le_bytes(count))
    }

    fn add(&self, at: usize, n: i32) -> CallResult<()> {
        self.memory.write(4 * at, &(self.get(at)? + n).to_le_bytes())
    }
}

// ANCHOR: serve
/// Removes the old queue, with what it still holds, and makes a new one.
fn replace_queue(key: key_t, book: &Book) -> Result<i32, Failure> {
    let create = || msgget(key, IPC_CREAT | IPC_EXCL | 0o600);
    let find = || msgget(key, 0);
    take_over(create, find, |old| {
        let held = msgctl(old, IPC_STAT)?.msg_qnum;
        msgctl(old, IPC_RMID)?;
        Ok(book.add(IN_QUEUES, i32::try_from(held).unwrap_or(i32::MAX))?)
    })
}

/// Serves until it is to be killed (true), or until the client has no more requests.
fn serve(msqid: i32, book: &Book, knows_ids: bool, killed_at: i32) -> CallResult<bool> {
    let mut request = [0; 4];
    loop {
        msgrcv(msqid, &mut request, REQUEST, 0)?;
        let id = i32::from_le_bytes(request);
        let is = |point| id == killed_at && death(id) == Some(point);
        if id == LAST {
            return Ok(false);
        }
        book.add(TAKEN, 1)?;
        if is(Taken) {
            return Ok(true);
        }
        let done = DONE_OF + usize::try_from(id).unwrap_or(0);
        if !knows_ids || book.get(done)? == 0 {
            book.add(done, 1)?; // the work, and the note that it is done, in one step
            book.add(DONE, 1)?;
            book.add(TWICE, i32::from(book.get(done)? == 2))?;
        }
        if is(Done) {
            return Ok(true);
        }
        msgsnd(msqid, ANSWER, &request, 0)?;
        book.add(ANSWERED, 1)?;
        let next_is_queued = id + 1 == killed_at && death(id + 1) == Some(Queued);
        if is(Idle) || is(Unread) || next_is_queued {
            return Ok(true);
        }
    }
}
// ANCHOR_END: serve

// ANCHOR: ask
fn ask_all(turn: &mut Turn, key: key_t, book: &Book, asks_again: bool) -> Outcome {
    let mut msqid = msgget(key, 0)?;
    for id in 1..=REQUESTS {
        let mut answered = false;
        for attempt in 1.. {
            // What msgsnd refuses was not sent; it is sent to the new queue.
            while let Err(errno) = msgsnd(msqid, REQUEST, &id.to_le_bytes(), 0) {
                msqid = reconnect(turn, key, msqid, errno)?;
            }
            book.add(SENT, 1)?;
            if attempt == 1 && death(id) == Some(Unread) {
                turn.finish()?; // until the server is dead
            }
            match msgrcv(msqid, &mut [0; 4], ANSWER, 0) {
                Ok(_) => answered = true,
                Err(errno) => msqid = reconnect(turn, key, msqid, errno)?,
            }
            if answered || !asks_again {
                break;
            }
        }
        book.add(RECEIVED, i32::from(answered))?;
        if death(id) == Some(Idle) {
            turn.finish()?;
        }
    }
    Ok(())
}

fn reconnect(turn: &mut Turn, key: key_t, old: i32, errno: Errno) -> Result<i32, Failure> {
    if !matches!(errno, EINVAL | EIDRM) || msgget(key, 0) == Ok(old) {
        return Err(errno.into()); // the queue is there: it was no restart
    }
    turn.report::<()>(&Err(errno))?;
    Ok(msgget(key, 0)?)
}
// ANCHOR_END: ask

// ANCHOR: drama
/// One client, and one server after the other.
struct Drama<'a> {
    lesson: &'a Lesson,
    key: key_t,
    book: Book,
    policy: Policy,
    client: Process,
    server: Option<Process>,
    restarts: i32,
}

impl<'a> Drama<'a> {
    fn begin(lesson: &'a Lesson, key: key_t, policy: Policy) -> Result<Self, Failure> {
        let shmid = shmget(key, 4 * (DONE_OF + 1 + 1000), IPC_CREAT | IPC_EXCL | 0o600)?;
        let book = Book { shmid, memory: shmat(shmid, None, 0)? };
        let mut server = start_server(lesson, key, &book, policy, 1)?;
        let mut client = lesson.process("client", |turn| {
            lesson.muted(|| {
                let asked = ask_all(turn, key, &book, policy.asks_again);
                // Whatever has happened, no server is left waiting. One failure is tried again.
                let last = |msqid| msgsnd(msqid, REQUEST, &LAST.to_le_bytes(), IPC_NOWAIT);
                let _ = (0..2).any(|_| msgget(key, 0).and_then(last).is_ok());
                asked
            })
        })?;
        server.start()?;
        client.start()?;
        Ok(Drama { lesson, key, book, policy, client, server: Some(server), restarts: 0 })
    }

    /// The server is killed and the next one takes over: how many messages went with the
    /// old queue, and what errno the client got, if it was seen where it should be.
    fn restart(&mut self) -> Result<(i32, Result<String, Unseen>), Failure> {
        self.restarts += 1;
        let before = self.book.get(IN_QUEUES)?;
        self.end_server()?;
        // Until the client is where the schedule wants it, the old queue stays.
        let holds = matches!(death(91 * self.restarts), Some(Idle | Unread));
        let waits = if holds { Ok(()) } else { self.client.wait_until_blocked_in(self.lesson, "msgrcv") };
        if holds || is_exiting(self.client.pid()) {
            let _ = self.client.reported()?;
        }
        let mut server = start_server(self.lesson, self.key, &self.book, self.policy, self.restarts + 1)?;
        if holds {
            self.client.start()?;
        }
        let told = self.client.reported()?;
        server.start()?;
        self.client.start()?;
        self.server = Some(server);
        Ok((self.book.get(IN_QUEUES)? - before, waits.and_then(|()| outcome(&told))))
    }

    fn end_server(&mut self) -> Outcome {
        self.server.take().map_or(Ok(()), |server| server.end(self.lesson).map(drop))
    }

    /// Plays on to the end of the schedule and of the requests, and returns all counts.
    fn end(mut self) -> Result<[i32; DONE_OF], Failure> {
        while self.restarts < RESTARTS {
            let _ = self.restart()?;
        }
        self.end_server()?;
        self.client.finish()?;
        let mut counts = [0; DONE_OF];
        for (at, count) in counts.iter_mut().enumerate() {
            *count = self.book.get(at)?;
        }
        shmctl(self.book.shmid, IPC_RMID)?;
        shmdt(self.book.memory)?;
        Ok(counts)
    }
}

/// The server that is killed at restart number `restart`; after the last one it is not killed.
fn start_server(
    lesson: &Lesson,
    key: key_t,
    book: &Book,
    policy: Policy,
    restart: i32,
) -> Result<Process, Failure> {
    let mut server = lesson.process("server", |turn| {
        let msqid = replace_queue(key, book)?;
        turn.finish()?;
        lesson.muted(|| {
            if serve(msqid, book, policy.knows_ids, 91 * restart)? {
                kill(nix::unistd::getpid().as_raw(), SIGKILL)?;
            }
            Ok(msgctl(msqid, IPC_RMID)?)
        })
    })?;
    server.turn()?;
    Ok(server)
}
// ANCHOR_END: drama

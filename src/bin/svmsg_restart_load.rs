//! After restarts, requests are lost or done twice, unless the server remembers which ones it has done.
//!
//!     cargo run --bin svmsg_restart_load
//!
//! Chapter: lessons/22-server-restart. Manual pages: msgop(2), msgctl(2), shmop(2).
//! Previous: svmsg_restart. Next: stale_id_demo.

use ipc_workbook::lesson;
use ipc_workbook::lesson::numbered_requests::{Client, serve};
use ipc_workbook::lesson::{Lesson, Outcome};
use ipc_workbook::observe::wide;
use ipc_workbook::sysv::{msg::*, shm::*};
use std::process::ExitCode;

const REQUESTS: u16 = 1000;

// ANCHOR: schedule
/// Ten servers are killed, each during its 91st request. Each number says how many of four things happen
/// before: the server takes the request, does the work, and answers; the client receives the answer.
const KILLED_AFTER: [u16; 10] = [4, 0, 1, 2, 3, 4, 0, 1, 2, 3];
// ANCHOR_END: schedule

/// What happened to the requests.
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

        lesson.step("A queue that an earlier server left, and a segment that outlives each killed server");
        msgget(key, IPC_CREAT | IPC_EXCL | 0o600)?;
        let shmid = shmget(key, usize::from(REQUESTS) + 1, IPC_CREAT | IPC_EXCL | 0o600)?;
        let work = shmat(shmid, None, 0)?;

        lesson.step("A thousand requests and ten restarts. The client sends each request once");
        let count = lesson.muted(|| play(lesson, key, &work, false, false))?;
        lesson.predict("How many of the 1000 requests get no answer?", &["10", "8", "4"]);
        lesson.claim("eight-of-ten-restarts-lose-a-request", count.sent - count.received, 8);
        let lost = count.in_queues + count.in_hand;
        lesson.claim("answered-and-lost-requests-add-up-to-those-sent", count.received + lost, count.sent);
        lesson.claim("half-of-the-unanswered-requests-were-done", count.done - count.received, 4);
        show(lesson, &count);

        lesson.step("The same, but the client sends a request again when it gets no answer");
        let count = lesson.muted(|| play(lesson, key, &work, true, false))?;
        lesson.claim("a-client-that-asks-again-gets-every-answer", count.received, REQUESTS.into());
        lesson.predict("How many requests are done twice?", &["0", "4", "8"]);
        lesson.claim("if-the-client-asks-again-some-requests-are-done-twice", count.twice, 4);
        show(lesson, &count);

        lesson.step("The same, and the server remembers the numbers of the requests that it has done");
        let count = lesson.muted(|| play(lesson, key, &work, true, true))?;
        lesson.claim("with-request-numbers-every-request-is-answered", count.received, REQUESTS.into());
        lesson.claim("with-request-numbers-no-request-is-done-twice", count.twice, 0);
        show(lesson, &count);
        shmdt(work)?;
        shmctl(shmid, IPC_RMID)?;
        Ok(msgctl(msgget(key, 0)?, IPC_RMID)?)
    })
}

// ANCHOR: ask
/// Plays the client, and one server after the other.
fn play(lesson: &Lesson, key: key_t, work: &Attached, asks_again: bool, knows_ids: bool) -> Outcome<Count> {
    let mut times = [0; REQUESTS as usize + 1]; // how often the work of each request was done
    work.write(0, &times)?;
    let start_server = || lesson.started("server", |turn| serve(turn, key, work, knows_ids));
    let mut server = start_server()?;
    let mut client = Client::connect(key)?;
    let (mut in_queues, mut in_hand) = (0, 0);
    for (restart, things) in (1..).zip(KILLED_AFTER) {
        let disturbed = 91 * restart;
        client.send(disturbed - 90..disturbed)?; // ninety at once
        server.turn()?;
        client.receive(90)?;
        client.send(disturbed..disturbed + 1)?;
        server.turns(things.min(3))?;
        client.receive(things / 4)?; // the fourth thing
        server.kill(lesson)?;
        in_hand += u64::from(things == 1 || things == 2);
        in_queues += wide(msgctl(msgget(key, 0)?, IPC_STAT)?.msg_qnum);
        server = start_server()?;
        if things < 4 {
            client.receive(1)?; // the queue is removed, and no answer will come
        }
        if things < 4 && asks_again {
            client.send(disturbed..disturbed + 1)?;
            server.turns(3)?;
            client.receive(1)?;
        }
    }
    client.send(REQUESTS - 89..REQUESTS + 1)?; // and the last ninety
    server.turn()?;
    client.receive(90)?;
    server.kill(lesson)?;
    work.read(0, &mut times)?;
    let done = times.iter().copied().map(u64::from).sum();
    let twice = times.iter().map(|times| u64::from(*times == 2)).sum();
    Ok(Count { sent: client.sent, received: client.received, in_queues, in_hand, done, twice })
}
// ANCHOR_END: ask

fn show(lesson: &Lesson, count: &Count) {
    let Count { sent, received, in_queues, in_hand, done, twice } = count;
    lesson.note(&format!("sent {sent} · answered {received} · work done {done} · done twice {twice}"));
    lesson.note(&format!("removed with a queue {in_queues} · received and not answered {in_hand}"));
}

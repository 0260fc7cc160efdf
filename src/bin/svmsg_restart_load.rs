//! Restarts cost requests, or have some done twice, unless the server knows what was done before.
//!
//!     cargo run --bin svmsg_restart_load
//!
//! Chapter: lessons/22-server-restart. Manual pages: msgop(2), msgctl(2), shmop(2).
//! Previous: svmsg_restart. Next: stale_id_demo.

use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Outcome, Turn, take_over};
use ipc_workbook::sysv::{msg::*, shm::*};
use nix::errno::Errno::{self, EINVAL};
use std::ffi::c_long;
use std::ops::Range;
use std::process::ExitCode;

const REQUESTS: u16 = 1000;
const REQUEST: c_long = 1;
const ANSWER: c_long = 2;

// ANCHOR: schedule
/// Ten servers are killed, each in its 91st request, when so many of four things have happened: the
/// server has taken the request, has done the work, has answered; the client has received the answer.
const KILLED_AFTER: [u16; 10] = [4, 0, 1, 2, 3, 4, 0, 1, 2, 3];
// ANCHOR_END: schedule

/// What the client knows, and what became of its requests.
#[derive(Default)]
struct Client {
    key: key_t,
    msqid: i32,
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

        lesson.step("A thousand requests and ten restarts. The client asks once for each request");
        let count = lesson.muted(|| play(lesson, key, &work, false, false))?;
        lesson.predict("How many of the 1000 requests were not answered?", &["10", "8", "4"]);
        lesson.claim("eight-of-ten-restarts-cost-a-request", count.sent - count.received, 8);
        let lost = count.in_queues + count.in_hand;
        lesson.claim("sent-is-answered-and-lost", count.received + lost, count.sent);
        lesson.claim("half-of-what-the-client-holds-for-lost-was-done", count.done - count.received, 4);
        show(lesson, &count);

        lesson.step("The same, but the client asks again when no answer came");
        let count = lesson.muted(|| play(lesson, key, &work, true, false))?;
        lesson.claim("who-asks-again-is-answered-in-the-end", count.received, REQUESTS.into());
        lesson.predict("How many requests were done twice?", &["0", "4", "8"]);
        lesson.claim("who-asks-again-has-some-requests-done-twice", count.twice, 4);
        show(lesson, &count);

        lesson.step("The same, and the server knows by its number what it has done already");
        let count = lesson.muted(|| play(lesson, key, &work, true, true))?;
        lesson.claim("with-request-ids-all-are-answered", count.received, REQUESTS.into());
        lesson.claim("with-request-ids-none-is-done-twice", count.twice, 0);
        show(lesson, &count);
        shmdt(work)?;
        shmctl(shmid, IPC_RMID)?;
        Ok(msgctl(msgget(key, 0)?, IPC_RMID)?)
    })
}

// ANCHOR: ask
/// The client, and one server after the other.
fn play(lesson: &Lesson, key: key_t, work: &Attached, again: bool, ids: bool) -> Outcome<Client> {
    let mut times = [0; REQUESTS as usize + 1]; // how often the work of each request was done
    work.write(0, &times)?;
    let start_server = || lesson.started("server", |turn| serve(turn, key, work, ids));
    let mut server = start_server()?;
    let mut client = Client { key, msqid: msgget(key, 0)?, ..Client::default() };
    for (restart, things) in (1..).zip(KILLED_AFTER) {
        let disturbed = 91 * restart;
        client.send(disturbed - 90..disturbed)?;
        server.turn()?;
        client.receive(90)?;
        client.send(disturbed..disturbed + 1)?;
        server.turns(things.min(3))?;
        client.receive(things / 4)?;
        server.kill(lesson)?;
        client.in_hand += u64::from(things == 1 || things == 2);
        client.in_queues += msgctl(msgget(key, 0)?, IPC_STAT)?.msg_qnum;
        server = start_server()?;
        if things < 4 {
            client.receive(1)?; // the queue is gone, and the answer will not come
        }
        if things < 4 && again {
            client.send(disturbed..disturbed + 1)?;
            server.turns(3)?;
            client.receive(1)?;
        }
    }
    client.send(REQUESTS - 89..REQUESTS + 1)?;
    server.turn()?;
    client.receive(90)?;
    server.kill(lesson)?;
    work.read(0, &mut times)?;
    client.done = times.iter().copied().map(u64::from).sum();
    client.twice = times.iter().map(|times| u64::from(*times == 2)).sum();
    Ok(client)
}

impl Client {
    fn send(&mut self, requests: Range<u16>) -> Outcome {
        for request in requests {
            let send = |msqid| msgsnd(msqid, REQUEST, &request.to_le_bytes(), IPC_NOWAIT);
            if let Err(errno) = send(self.msqid) {
                self.reconnect(errno)?;
                send(self.msqid)?; // the first one was not sent
            }
            self.sent += 1;
        }
        Ok(())
    }

    fn receive(&mut self, answers: u16) -> Outcome {
        for _ in 0..answers {
            match msgrcv(self.msqid, &mut [0; 2], ANSWER, IPC_NOWAIT) {
                Ok(_) => self.received += 1,
                Err(errno) => self.reconnect(errno)?,
            }
        }
        Ok(())
    }

    fn reconnect(&mut self, errno: Errno) -> Outcome {
        match errno {
            EINVAL => self.msqid = msgget(self.key, 0)?,
            other => return Err(other.into()),
        }
        Ok(())
    }
}
// ANCHOR_END: ask

/// A server takes over the key. In each turn it answers all requests that wait; for one that waits alone
/// it has a turn for each thing that it does.
fn serve(turn: &mut Turn, key: key_t, work: &Attached, ids: bool) -> Outcome {
    let create = || msgget(key, IPC_CREAT | IPC_EXCL | 0o600);
    let msqid = take_over(create, || msgget(key, 0), |old| Ok(msgctl(old, IPC_RMID)?))?;
    let (mut request, mut times) = ([0; 2], [0]);
    loop {
        turn.finish()?;
        let waiting = msgctl(msqid, IPC_STAT)?.msg_qnum;
        let finish_turn = |turn: &mut Turn| if waiting == 1 { turn.finish() } else { Ok(()) };
        for _ in 0..waiting {
            msgrcv(msqid, &mut request, REQUEST, 0)?;
            finish_turn(turn)?;
            let number = u16::from_le_bytes(request).into();
            work.read(number, &mut times)?;
            if times == [0] || !ids {
                work.write(number, &[times[0] + 1])?; // the work, and the note of it, in one step
            }
            finish_turn(turn)?;
            msgsnd(msqid, ANSWER, &request, 0)?;
        }
    }
}

fn show(lesson: &Lesson, client: &Client) {
    let Client { sent, received, in_queues, in_hand, done, twice, .. } = client;
    lesson.note(&format!("requests sent {sent} · answers received {received} · done {done}, twice {twice}"));
    lesson.note(&format!("removed with a queue {in_queues} · in the hand of a killed server {in_hand}"));
}

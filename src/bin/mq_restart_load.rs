//! Eight clients make a thousand requests, twenty processes are killed, and each request is answered once.
//!
//!     cargo run --bin mq_restart_load
//!     cargo run --bin mq_restart_load -- --full    # ten thousand requests
//!
//! Chapter: lessons/32-sending-and-receiving. Manual pages: mq_send(3), mq_receive(3), kill(2).
//! Previous: mq_client.

use ipc_workbook::lesson;
use ipc_workbook::lesson::killed_requests::Killed::{Client, ClientAndSuccessor, Server};
use ipc_workbook::lesson::killed_requests::{Board, CLIENTS, Count, Killed, Load, endings_of_reply_queues};
use ipc_workbook::lesson::{Journal, Outcome, switch};
use ipc_workbook::mman::*;
use ipc_workbook::mqueue::mq_unlink;
use ipc_workbook::observe::Kind;
use ipc_workbook::unistd::close;
use libc::{MAP_SHARED, O_CREAT, O_EXCL, O_RDWR, PROT_READ, PROT_WRITE, off_t};
use std::process::ExitCode;

const HELP: &str = "Make ten thousand requests in place of a thousand";

// ANCHOR: schedule
/// Where processes are killed: five servers, and five clients. The lesson goes through the list twice.
/// Between two of these moments, eight clients make requests undisturbed.
const MOMENTS: [Killed; 9] = [
    Server(1),
    Client(0),
    Server(2),
    Client(3),
    Server(3),
    Client(5),
    Server(4),
    ClientAndSuccessor,
    Server(5),
];
// ANCHOR_END: schedule

fn main() -> ExitCode {
    lesson!([switch("full", HELP)], |lesson| {
        let requests = if lesson.is_set("full") { 10_000 } else { 1000 };
        let queues = endings_of_reply_queues();
        let mut wanted = vec![(Kind::SharedMemory, ""), (Kind::SharedMemory, "-tickets")];
        wanted.extend(queues.iter().map(|ending| (Kind::Queue, &**ending)));
        let names = lesson.name_and_endings("/mq_restart_load", &wanted)?;
        let (service, journal, tickets) = (&names[0], &names[1], &names[2]);

        lesson.step("A board in shared memory, on which the clients note their tickets");
        let fd = shm_open(tickets, O_CREAT | O_EXCL | O_RDWR, 0o600)?;
        let length = 4 * (requests as usize + 1);
        ftruncate(&fd, off_t::try_from(length).unwrap_or(off_t::MAX))?;
        let memory = mmap(None, length, PROT_READ | PROT_WRITE, MAP_SHARED, &fd, 0)?;
        close(fd)?;
        lesson.look(&memory)?;
        let board = Board { lesson, service, requests, tickets: &memory };

        lesson.step("Eight clients make the requests; ten servers and ten clients are killed");
        lesson.predict("How many requests get no answer?", &["0", "10", "20"]);
        let count = lesson.muted(|| play(board))?;
        let journal_now = lesson.muted(|| Journal::open(service, requests as usize))?;
        let noted = lesson.muted(|| board.all_tickets(tickets))?;
        let unanswered = noted.iter().filter(|(_, ticket)| *ticket == 0).count();
        lesson.claim("twenty-kills-leave-no-request-without-an-answer", unanswered, 0);
        let is_wrong =
            |(request, ticket): &&(u32, u32)| journal_now.ticket(&request.to_string()) != Some(*ticket);
        lesson.claim(
            "each-client-has-the-ticket-of-its-own-request",
            noted.iter().filter(is_wrong).count(),
            0,
        );
        lesson.predict("How many requests are done twice?", &["0", "6", "14"]);
        lesson.claim(
            "twenty-kills-make-no-request-be-done-twice",
            i64::from(journal_now.done()) - i64::from(requests),
            0,
        );

        lesson.step("What the kills have cost");
        let Count { sent, kills, waited, left } = count;
        lesson.note(&format!(
            "requests {requests} · sent {sent} · work done {} · killed {kills}",
            journal_now.done()
        ));
        lesson.claim(
            "fourteen-of-twenty-kills-make-a-client-send-a-request-again",
            i64::from(sent) - i64::from(requests),
            14,
        );
        lesson.claim("two-killed-servers-leave-eight-requests-each-to-the-next", waited, 16);
        lesson.predict("Ten clients were killed. How many of their queues are left?", &["10", "2", "0"]);
        lesson.claim("the-next-server-cannot-know-of-a-client-that-died-before-its-first-request", left, 2);
        munmap(memory)?;
        for object in [journal, tickets] {
            shm_unlink(object)?;
        }
        Ok(mq_unlink(service)?)
    })
}

// ANCHOR: play
fn play(board: Board<'_>) -> Outcome<Count> {
    let mut load = Load::start(board)?;
    let between = board.requests / CLIENTS / 20;
    for (n, killed) in MOMENTS.iter().chain(&MOMENTS).enumerate() {
        for _ in 0..between {
            load.round()?;
        }
        load.kill(*killed, n % CLIENTS as usize)?;
    }
    load.finish()
}
// ANCHOR_END: play

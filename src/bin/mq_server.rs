//! A server with a queue for the requests survives SIGKILL at any call, and so do its clients.
//!
//!     cargo run --bin mq_server
//!     cargo run --bin mq_server -- --alone    # answers until Ctrl-C; then, in another terminal: mq_client -- --alone
//!
//! Chapter: lessons/32-sending-and-receiving. Manual pages: mq_send(3), mq_receive(3), kill(2),
//! mq_overview(7).
//! Previous: killed_waiters. Next: mq_client.

use ipc_workbook::lesson;
use ipc_workbook::lesson::request_reply::{Client, SIZE, Server, reply_queue};
use ipc_workbook::lesson::{Journal, Lesson, Name, Outcome, Process, answer_requests_alone, switch};
use ipc_workbook::mman::shm_unlink;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use ipc_workbook::signal::kill;
use libc::{O_NONBLOCK, O_RDONLY, O_WRONLY};
use nix::errno::Errno::{ENOENT, ESRCH, ETIMEDOUT};
use nix::sys::signal::Signal::SIGKILL;
use nix::sys::time::TimeSpec;
use std::process::ExitCode;

const HELP: &str = "Play the server only: take over the queue and the journal of a killed server, and answer \
                    mq_client until Ctrl-C. Without this flag, the lesson plays servers and clients, and \
                    kills them";
const RECORDS: usize = 64;
/// A deadline in 1970: a call that would have to wait fails at once.
const NO_WAIT: TimeSpec = TimeSpec::new(1, 0);

fn main() -> ExitCode {
    lesson!([switch("alone", HELP)], |lesson| {
        if lesson.is_set("alone") {
            return answer_requests_alone(lesson, &lesson.name_to_leave(Kind::Queue, "/mq_service")?);
        }
        let wanted = [(Kind::SharedMemory, ""), (Kind::Queue, "-A"), (Kind::Queue, "-C")];
        let names = lesson.name_and_endings("/mq_server", &wanted)?;
        let service = &names[0];

        // ANCHOR: waits
        lesson.step("A server waits for a request, and is killed with SIGKILL");
        let mut server = start_server(lesson, service)?;
        server.start()?;
        let waited = server.wait_until_blocked_in(lesson, "mq_receive");
        let client = Client::connect(service, "A")?;
        server.kill(lesson)?;
        client.send("1", &NO_WAIT)?;
        lesson.look(&client.requests)?;
        let waiting = || Ok::<_, nix::Error>(mq_getattr(&client.requests)?.mq_curmsgs);
        lesson.predict("The server died while it waited. How many requests wait now?", &["0", "1", "2"]);
        let queued = waiting()?;
        lesson.claim(
            "a-request-that-comes-after-a-waiting-server-was-killed-is-queued",
            waited.map(|()| queued),
            1,
        );
        // ANCHOR_END: waits

        // ANCHOR: work
        lesson.step("The next server is killed after it has received the request");
        let mut server = start_server(lesson, service)?;
        server.turn()?;
        server.kill(lesson)?;
        lesson.claim("a-request-does-not-return-to-the-queue-when-its-receiver-is-killed", waiting()?, 0);

        lesson.step("The client asks again; the third server is killed after the work, before the reply");
        client.send("1", &NO_WAIT)?;
        let mut server = start_server(lesson, service)?;
        server.turns(2)?;
        server.kill(lesson)?;
        let journal = lesson.muted(|| Journal::open(service, RECORDS))?;
        lesson.claim("a-store-into-shared-memory-survives-SIGKILL-right-after-it", journal.done(), 1);

        lesson.step("The client asks again; the fourth server knows this id");
        client.send("1", &NO_WAIT)?;
        let mut server = start_server(lesson, service)?;
        server.turns(5)?;
        let mut reply = [0; SIZE];
        let (length, _) = mq_receive(&client.replies, &mut reply)?;
        lesson.claim(
            "the-fourth-server-replies-with-the-ticket-of-the-third",
            &reply[..length],
            b"id 1 ticket 1",
        );
        let journal = lesson.muted(|| Journal::open(service, RECORDS))?;
        lesson.predict("The request was sent three times. How often was it done?", &["1", "2", "3"]);
        lesson.claim("a-request-that-was-sent-three-times-is-done-once", journal.done(), 1);
        // ANCHOR_END: work

        // ANCHOR: dead
        lesson.step("Client C makes three requests, and is killed while it waits for a reply");
        let mut c = lesson.process("C", |_| {
            let client = Client::connect(service, "C")?;
            for id in ["2", "3", "4"] {
                client.send(id, &NO_WAIT)?;
            }
            mq_receive(&client.replies, &mut [0; SIZE])?;
            client.disconnect()
        })?;
        c.start()?;
        let _ = c.wait_until_blocked_in(lesson, "mq_receive");
        kill(c.pid(), SIGKILL)?;
        lesson.predict(
            "The parent has not waited for C. What does kill(C, 0) return?",
            &["ESRCH", "EPERM", "success"],
        );
        let zombie = kill(c.pid(), None);
        lesson.claim(
            "kill-with-0-succeeds-for-a-killed-process-until-its-parent-waits-for-it",
            &zombie,
            "success",
        );
        let pid = c.pid();
        c.end(lesson)?;
        lesson.claim("kill-with-0-fails-with-ESRCH-after-the-parent-has-waited", kill(pid, None), ESRCH);

        lesson.step("The server answers C's first two requests. C's queue has room for two");
        server.turns(4)?;
        let sent = server.outcome()?;
        lesson.claim("mq_send-to-the-queue-of-a-killed-client-succeeds-while-there-is-room", sent, "success");
        server.turns(5)?;
        let c_queue = reply_queue(service, "C")?;
        let full = mq_open(&c_queue, O_WRONLY, 0, None)?;
        let sent = mq_timedsend(&full, b"id 4 ticket 4", 0, &NO_WAIT);
        lesson.claim("a-full-queue-whose-only-reader-was-killed-still-makes-a-sender-wait", sent, ETIMEDOUT);
        mq_close(full)?;

        lesson.step("It answers the third request: the queue is full, and C is dead");
        server.turns(4)?;
        let sent = server.outcome()?;
        lesson.claim("with-O_NONBLOCK-a-dead-client-costs-its-server-one-EAGAIN", sent, "EAGAIN");
        let gone = mq_open(&c_queue, O_RDONLY | O_NONBLOCK, 0, None);
        lesson.claim("another-process-can-unlink-the-queue-of-a-dead-client", gone, ENOENT);
        // ANCHOR_END: dead
        server.kill(lesson)?;
        client.disconnect()?;
        shm_unlink(&names[1])?;
        Ok(mq_unlink(service)?)
    })
}

// ANCHOR: server
/// A server that makes one call in each turn, so that it can be killed between any two calls.
fn start_server(lesson: &Lesson, service: &Name) -> Outcome<Process> {
    lesson.started("server", |turn| {
        let mut server = Server::start(service, RECORDS)?;
        let mut sent = Ok(());
        loop {
            turn.report(&sent)?;
            sent = server.answer_one(|| turn.finish())?;
        }
    })
}
// ANCHOR_END: server

//! A server with a queue for the requests can be killed at any call: no request is lost or done twice.
//!
//!     cargo run --bin mq_server
//!     cargo run --bin mq_server -- --alone    # answers until Ctrl-C; then, in another terminal: mq_client -- --alone
//!
//! Chapter: lessons/32-sending-and-receiving. Manual pages: mq_send(3), mq_receive(3), mmap(2),
//! mq_overview(7).
//! Previous: killed_waiters. Next: mq_dead_client.

use ipc_workbook::lesson;
use ipc_workbook::lesson::request_reply::{Client, SIZE, Server};
use ipc_workbook::lesson::stepped_server::RECORDS;
use ipc_workbook::lesson::{Journal, answer_requests_alone, switch};
use ipc_workbook::mman::shm_unlink;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use nix::sys::time::TimeSpec;
use std::process::ExitCode;

const HELP: &str = "Play the server only: take over the queue and the journal of a killed server, and answer \
                    mq_client until Ctrl-C. Without this flag, the lesson plays servers and clients, and \
                    kills them";
/// A deadline in 1970: a call that would have to wait fails at once.
const NO_WAIT: TimeSpec = TimeSpec::new(1, 0);

fn main() -> ExitCode {
    lesson!([switch("alone", HELP)], |lesson| {
        if lesson.is_set("alone") {
            return answer_requests_alone(lesson, &lesson.name_to_leave(Kind::Queue, "/mq_service")?);
        }
        let wanted = [(Kind::SharedMemory, ""), (Kind::Queue, "-A")];
        let names = lesson.name_and_endings("/mq_server", &wanted)?;
        let service = &names[0];

        // ANCHOR: waits
        lesson.step("A server waits for a request, and is killed with SIGKILL");
        let mut server = lesson.started("server", |turn| {
            let mut server = Server::start(service, RECORDS)?;
            turn.finish()?;
            server.answer_one(|| Ok(())).map(drop)
        })?;
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
        let mut server = lesson.stepped_server(service)?;
        server.turn()?;
        server.kill(lesson)?;
        lesson.claim("a-request-does-not-return-to-the-queue-when-its-receiver-is-killed", waiting()?, 0);

        lesson.step("The client asks again; the third server is killed after the work, before the reply");
        client.send("1", &NO_WAIT)?;
        let mut server = lesson.stepped_server(service)?;
        server.turns(2)?;
        server.kill(lesson)?;
        let journal = lesson.muted(|| Journal::open(service, RECORDS))?;
        lesson.claim("a-store-into-shared-memory-survives-SIGKILL-right-after-it", journal.done(), 1);

        lesson.step("The client asks again; the fourth server knows this id");
        client.send("1", &NO_WAIT)?;
        let mut server = lesson.stepped_server(service)?;
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

        server.kill(lesson)?;
        client.disconnect()?;
        shm_unlink(&names[1])?;
        Ok(mq_unlink(service)?)
    })
}

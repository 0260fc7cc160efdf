//! A client learns of its server's death from nothing but a timeout, and makes its request again.
//!
//!     cargo run --bin mq_client
//!     cargo run --bin mq_client -- --alone    # after: mq_server -- --alone
//!
//! Chapter: lessons/32-sending-and-receiving. Manual pages: mq_send(3), mq_receive(3), mq_unlink(3).
//! Previous: mq_dead_client. Next: mq_restart_load.

use ipc_workbook::lesson;
use ipc_workbook::lesson::request_reply::{Client, SIZE};
use ipc_workbook::lesson::{outcome, request_alone, switch};
use ipc_workbook::mman::shm_unlink;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::Kind;
use libc::{O_CREAT, O_EXCL, O_RDONLY};
use nix::errno::Errno::ETIMEDOUT;
use nix::sys::time::TimeSpec;
use std::process::ExitCode;

const HELP: &str = "Play the client only: make ten requests to mq_server --alone, one each second, and make a \
                    request again if no reply comes. Without this flag, the lesson plays both";
/// A deadline in 1970: a call that would have to wait fails at once. `--alone` waits for two seconds.
const NO_WAIT: TimeSpec = TimeSpec::new(1, 0);

fn main() -> ExitCode {
    lesson!([switch("alone", HELP)], |lesson| {
        if lesson.is_set("alone") {
            return request_alone(lesson, &lesson.name_as_it_is(Kind::Queue, "/mq_service")?);
        }
        let wanted = [(Kind::SharedMemory, ""), (Kind::Queue, "-A")];
        let names = lesson.name_and_endings("/mq_client", &wanted)?;
        let service = &names[0];

        // ANCHOR: timeout
        lesson.step("A server takes a request, and does not answer yet; the client's wait ends");
        let mut server = lesson.stepped_server(service)?;
        let client = Client::connect(service, "A")?;
        lesson.look(&client.replies)?;
        client.send("1", &NO_WAIT)?;
        server.turn()?;
        let from_a_slow_server = outcome(&client.receive("1", &NO_WAIT));

        lesson.step("The server is killed; the client asks again");
        server.kill(lesson)?;
        let sent = client.send("1", &NO_WAIT);
        lesson.claim("after-the-death-of-a-server-mq_send-to-its-queue-still-succeeds", &sent, "success");
        sent?;
        lesson.predict(
            "The server is dead. What does the client's mq_timedreceive return?",
            &["ETIMEDOUT", "EPIPE", "EBADF"],
        );
        let received = client.receive("1", &NO_WAIT);
        let from_a_dead_server = outcome(&received);
        lesson.claim("mq_timedreceive-fails-with-ETIMEDOUT-when-the-server-is-dead", received, ETIMEDOUT);
        let same = from_a_slow_server.and_then(|slow| Ok(slow == from_a_dead_server?));
        lesson.claim("the-errno-does-not-tell-a-dead-server-from-a-slow-one", same, true);
        // ANCHOR_END: timeout

        // ANCHOR: restarted
        lesson.step("The client asks once more, and then the server is started again");
        client.send("1", &NO_WAIT)?;
        let mut server = lesson.stepped_server(service)?;
        let queued = mq_getattr(&client.requests)?.mq_curmsgs;
        lesson.claim("a-request-that-was-sent-twice-is-in-the-queue-twice", queued, 2);
        server.turns(5)?;
        let ticket = client.receive("1", &NO_WAIT);
        lesson.claim("a-new-server-answers-a-request-from-before-its-start", &ticket, "success");
        server.turns(5)?;

        lesson.step("The second reply to request 1 comes late: before the one to request 2");
        client.send("2", &NO_WAIT)?;
        server.turns(5)?;
        lesson.predict(
            "The client waits for the reply to request 2. Which message comes first?",
            &["\"id 1 ticket 1\"", "\"id 2 ticket 2\""],
        );
        let mut reply = [0; SIZE];
        let (length, _) = mq_receive(&client.replies, &mut reply)?;
        lesson.claim("a-late-reply-is-received-before-the-next-one", &reply[..length], b"id 1 ticket 1");
        let ticket = client.receive("2", &NO_WAIT);
        lesson.claim("a-descriptor-from-before-the-restart-reaches-the-new-server", &ticket, "success");
        server.kill(lesson)?;
        // ANCHOR_END: restarted

        // ANCHOR: replaced
        lesson.step("Another design: the server unlinks the old queue, and creates a new one");
        mq_unlink(service)?;
        let attr = MqAttr::new(2, 64);
        let new = mq_open(service, O_CREAT | O_EXCL | O_RDONLY, 0o600, Some(&attr))?;
        lesson.predict(
            "The client uses its old descriptor. What does mq_timedsend return?",
            &["success", "EIDRM", "ENOENT"],
        );
        let sent = client.send("3", &NO_WAIT);
        lesson.claim("a-client-of-a-replaced-posix-queue-gets-no-error", &sent, "success");
        lesson.look(&client.requests)?; // st_nlink is 0: its name is gone
        // ANCHOR_END: replaced
        mq_close(new)?;
        client.disconnect()?;
        shm_unlink(&names[1])?;
        Ok(mq_unlink(service)?)
    })
}

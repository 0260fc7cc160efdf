//! A client learns from an errno that its server was restarted.
//!
//!     cargo run --bin svmsg_demo_client
//!     cargo run --bin svmsg_demo_client -- --alone    # after: svmsg_demo_server -- --alone
//!
//! Chapter: lessons/22-server-restart. Manual pages: msgget(2), msgop(2).
//! Previous: svmsg_demo_server. Next: svmsg_restart.

use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Outcome, Process, Turn, ask_alone, replace_queue, switch};
use ipc_workbook::observe::sysvipc::Table;
use ipc_workbook::sysv::msg::*;
use nix::errno::Errno::{EINVAL, ENOENT};
use std::ffi::c_long;
use std::process::ExitCode;

/// The type of a request. The text of a request begins with the type of its answer.
const REQUEST: c_long = 1;
const HELP: &str = "Play the client only: ask the server of svmsg_demo_server --alone ten times, once a \
                    second, and reconnect when it is restarted. Without this flag, the lesson starts \
                    both";

fn main() -> ExitCode {
    lesson!(keys, [switch("alone", HELP)], |lesson| {
        if lesson.is_set("alone") {
            return ask_alone(lesson, || lesson.key_as_it_is("/svmsg_demo"));
        }
        let key = lesson.key("/svmsg_demo")?;

        lesson.step("The client starts before the server");
        lesson.predict("Without IPC_CREAT, what does msgget return?", &["EINVAL", "ENOENT", "success"]);
        lesson.claim("a-client-that-starts-before-its-server-gets-ENOENT", msgget(key, 0), ENOENT);

        lesson.step("A server starts; the client finds its queue, asks, and gets an answer");
        let mut server = start_server(lesson, key)?;
        let mut client = lesson.process("client", |turn| play_client(lesson, turn, key))?;
        client.turn()?;
        server.turn()?;
        client.turn()?;

        // ANCHOR: waiting
        lesson.step("The server is killed, and the client sends another request");
        server.kill(lesson)?;
        let waiting = client.until_blocked_in(lesson, "msgrcv")?;
        let old = msgget(key, 0)?;
        let _ = lesson.row(Table::Msg, old); // its request is there

        lesson.step("The server is started again while the client waits");
        let mut server = start_server(lesson, key)?;
        lesson.predict("The client waits in msgrcv. What does it return?", &["EINVAL", "EIDRM", "success"]);
        lesson.claim("the-msgrcv-of-a-waiting-client-fails-with-EIDRM", waiting.resume()?, "EIDRM");
        client.turn()?;
        server.turn()?;
        client.turn()?;
        let new = msgget(key, 0)?;
        let _ = lesson.row(Table::Msg, new);
        lesson.claim("the-client-is-connected-to-another-queue", new == old, false);
        // ANCHOR_END: waiting

        lesson.step("The server is killed and started once more, while the client does something else");
        server.kill(lesson)?;
        let mut server = start_server(lesson, key)?;
        lesson.predict("What does the client's next msgsnd return?", &["EINVAL", "success", "EIDRM"]);
        client.start()?;
        lesson.claim("the-next-msgsnd-of-the-client-fails-with-EINVAL", client.reported()?, EINVAL);
        client.turn()?;
        server.turn()?;
        client.finish()?;
        server.kill(lesson)?;
        Ok(msgctl(msgget(key, 0)?, IPC_RMID)?)
    })
}

/// What the client does, one step in each turn.
fn play_client(lesson: &Lesson, turn: &mut Turn, key: key_t) -> Outcome {
    let receive = |msqid| msgrcv(msqid, &mut [0; 64], 2, 0);
    let ask = |msqid, text: &[u8]| msgsnd(msqid, REQUEST, text, 0);
    let msqid = msgget(key, 0)?;
    ask(msqid, b"2 one")?;
    turn.finish()?;
    receive(msqid)?;
    turn.finish()?;

    ask(msqid, b"2 two")?; // no server is running to take it
    let answer = turn.blocking_call(lesson, || receive(msqid))?;
    turn.report(&answer)?;
    let msqid = msgget(key, 0)?;
    ask(msqid, b"2 two")?; // the first one was removed with the old queue
    turn.finish()?;
    receive(msqid)?;
    turn.finish()?;

    turn.report(&ask(msqid, b"2 three"))?;
    let msqid = msgget(key, 0)?;
    ask(msqid, b"2 three")?; // the first one was not sent
    turn.finish()?;
    receive(msqid)?;
    Ok(())
}

/// A process that takes over the key, as svmsg_demo_server does, and answers one request.
fn start_server(lesson: &Lesson, key: key_t) -> Outcome<Process> {
    lesson.started("server", |turn| {
        let msqid = replace_queue(key)?;
        turn.finish()?;
        msgrcv(msqid, &mut [0; 64], REQUEST, 0)?;
        msgsnd(msqid, 2, b"answer", 0)?;
        turn.finish()
    })
}

//! The service of `request_reply` as two programs in two terminals. mq_server and mq_client do this when they
//! are started with `--alone`.

use super::name::Name;
use super::request_reply::{Client, Server};
use super::speak::{Lesson, Outcome};
use crate::cli::Failure;
use crate::observe::Kind;
use nix::errno::Errno::{EAGAIN, ETIMEDOUT};
use nix::sys::time::TimeSpec;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

/// So many different requests fit into the journal.
const RECORDS: usize = 4096;

/// Runs the server until Ctrl-C. If it is killed with SIGKILL, the next one takes over.
pub fn answer_requests_alone(lesson: &Lesson, service: &Name) -> Outcome {
    lesson.step("Create the queue and the journal, or take over those of a killed server");
    let mut server = Server::start(service, RECORDS)?;
    lesson.adopt(service);
    lesson.adopt(&service.with_ending(Kind::SharedMemory, "")?);
    lesson.step("Answer each request, until Ctrl-C");
    loop {
        match server.answer_one(|| Ok(()))? {
            Ok(()) => {}
            Err(EAGAIN) => lesson.note("The client's queue is full. This reply is dropped."),
            Err(_) => lesson.note("The client has removed its queue. It no longer wants the reply."),
        }
    }
}

/// Runs the client: makes ten requests, one each second. Without a reply it sends the request again.
pub fn request_alone(lesson: &Lesson, service: &Name) -> Outcome {
    lesson.step("Open the server's queue, and create one for the replies");
    let pid = nix::unistd::getpid();
    let client = Client::connect(service, &pid.to_string())?;
    // Another process may get the same pid later. The time makes its ids different.
    let started = now().as_secs();
    for n in 1..=10 {
        lesson.step(&format!("Request {n}"));
        ask(lesson, &client, &format!("{pid}.{started}.{n}"))?;
        sleep(Duration::from_secs(1));
    }
    client.disconnect()
}

/// Sends a request until there is a reply, each time with the same id.
fn ask(lesson: &Lesson, client: &Client, id: &str) -> Outcome {
    for _ in 0..30 {
        let deadline = TimeSpec::from(now() + Duration::from_secs(2));
        match client.send(id, &deadline).and_then(|()| client.receive(id, &deadline)) {
            Err(ETIMEDOUT) => {
                lesson.note("No reply in two seconds. The client sends the same request again.");
            }
            Err(errno) => return Err(errno.into()),
            Ok(_) => return Ok(()),
        }
    }
    Err(Failure::Machine("no server has answered for a minute; run mq_server --alone".into()))
}

/// Returns the time since 1970, on the clock of the calls with a timeout.
fn now() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

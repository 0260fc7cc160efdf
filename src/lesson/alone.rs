//! svmsg_demo of the server restart tutorial, as two programs in two terminals. svmsg_demo_server and
//! svmsg_demo_client do this when they are started with `--alone`.

use super::speak::{Lesson, Outcome};
use super::take_over::take_over_queue;
use crate::call::Result as CallResult;
use crate::cli::Failure;
use crate::sysv::msg::{key_t, msgget, msgrcv, msgsnd};
use nix::errno::Errno::{EIDRM, EINVAL, ENOENT};
use std::ffi::c_long;
use std::thread::sleep;
use std::time::Duration;

/// The type of a request. Its text begins with the type that the client wants for the answer.
const REQUEST: c_long = 1;

/// Runs the server: takes over the key, then answers requests until Ctrl-C.
pub fn serve_alone(lesson: &Lesson, key: key_t) -> Outcome {
    lesson.step("Create the queue; first remove one that an earlier server left behind");
    let msqid = take_over_queue(lesson, key)?;
    lesson.step("Answer each request, until Ctrl-C");
    loop {
        answer(msqid).map_err(|errno| match errno {
            EINVAL | EIDRM => Failure::Machine(format!(
                "msgrcv: {errno:?}: somebody has removed the queue {msqid}; start the server again"
            )),
            errno => Failure::from(errno),
        })?;
    }
}

/// Receives one request such as `2 hello`, and answers it with a message of type 2: `HELLO`.
fn answer(msqid: i32) -> CallResult<()> {
    let mut text = [0; 64];
    let (length, _) = msgrcv(msqid, &mut text, REQUEST, 0)?;
    let text = String::from_utf8_lossy(&text[..length]).into_owned();
    let (client, request) = text.split_once(' ').unwrap_or(("2", ""));
    msgsnd(msqid, client.parse().unwrap_or(2), request.to_uppercase().as_bytes(), 0)
}

/// Runs the client: sends ten requests, one each second. If the server is killed before it answers, the
/// client sends the request again. It calls `key` again each time, since a new server may use another key.
pub fn ask_alone(lesson: &Lesson, key: impl Fn() -> Outcome<key_t>) -> Outcome {
    lesson.step("Look for the server's queue");
    let first = key()?;
    let mut msqid = msgget(first, 0).map_err(|errno| match errno {
        ENOENT => Failure::Machine(format!(
            "msgget: ENOENT: there is no queue with the key {first:#x}; run svmsg_demo_server --alone first"
        )),
        errno => Failure::from(errno),
    })?;
    let answer_type = c_long::from(nix::unistd::getpid().as_raw()) + 1; // only this client's; never REQUEST
    for n in 1..=10 {
        lesson.step(&format!("Request {n}"));
        while let Err(errno) = ask(msqid, answer_type, n) {
            if !matches!(errno, EINVAL | EIDRM) {
                return Err(errno.into());
            }
            match msgget(key()?, 0) {
                // The queue is the same, so the server has not restarted and a retry would fail too.
                Ok(same) if same == msqid => return Err(errno.into()),
                Ok(new) => {
                    lesson.note(&format!("The server was restarted. The queue was {msqid}, now {new}."));
                    msqid = new;
                }
                Err(ENOENT) => {
                    lesson.note("The server's queue is gone. The client looks for a new one in a second.");
                    sleep(Duration::from_secs(1));
                }
                Err(errno) => return Err(errno.into()),
            }
        }
        sleep(Duration::from_secs(1));
    }
    Ok(())
}

fn ask(msqid: i32, answer_type: c_long, n: i32) -> CallResult<(usize, c_long)> {
    msgsnd(msqid, REQUEST, format!("{answer_type} request {n}").as_bytes(), 0)?;
    msgrcv(msqid, &mut [0; 64], answer_type, 0)
}

//! The server restart tutorial's svmsg_demo as two programs, each alone in a terminal of its own: what
//! svmsg_demo_server and svmsg_demo_client do with `--alone`.

use super::speak::{Lesson, Outcome};
use super::take_over::take_over_queue;
use crate::call::Result as CallResult;
use crate::cli::Failure;
use crate::sysv::msg::{key_t, msgget, msgrcv, msgsnd};
use nix::errno::Errno::{EIDRM, EINVAL, ENOENT};
use std::ffi::c_long;
use std::thread::sleep;
use std::time::Duration;

/// The type of a request; its text begins with the type that the answer is to have.
const REQUEST: c_long = 1;

/// The server: takes over the key, and answers each request until Ctrl-C.
pub fn serve_alone(lesson: &Lesson, key: key_t) -> Outcome {
    lesson.step("Create the queue, in place of one that an earlier server has left");
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

/// Takes one request, `2 hello`, and answers it, with a message of type 2: `HELLO`.
fn answer(msqid: i32) -> CallResult<()> {
    let mut text = [0; 64];
    let (length, _) = msgrcv(msqid, &mut text, REQUEST, 0)?;
    let text = String::from_utf8_lossy(&text[..length]).into_owned();
    let (client, request) = text.split_once(' ').unwrap_or(("2", ""));
    msgsnd(msqid, client.parse().unwrap_or(2), request.to_uppercase().as_bytes(), 0)
}

/// The client: asks ten times, once a second. What is sent to a server that is killed before it
/// answers is sent once more. A new server may have another `key`, so it is asked for again.
pub fn ask_alone(lesson: &Lesson, key: impl Fn() -> Outcome<key_t>) -> Outcome {
    lesson.step("Look for the server's queue");
    let first = key()?;
    let mut msqid = msgget(first, 0).map_err(|errno| match errno {
        ENOENT => Failure::Machine(format!(
            "msgget: ENOENT: there is no queue with the key {first:#x}; run svmsg_demo_server --alone first"
        )),
        errno => Failure::from(errno),
    })?;
    let answer_type = c_long::from(nix::unistd::getpid().as_raw()) + 1; // no other client's, and not REQUEST
    for n in 1..=10 {
        lesson.step(&format!("Request {n}"));
        while let Err(errno) = ask(msqid, answer_type, n) {
            if !matches!(errno, EINVAL | EIDRM) {
                return Err(errno.into());
            }
            match msgget(key()?, 0) {
                // The same queue: it was no restart, and asking again would change nothing.
                Ok(same) if same == msqid => return Err(errno.into()),
                Ok(new) => {
                    lesson.note(&format!("The server was restarted. The queue was {msqid}, now {new}."));
                    msqid = new;
                }
                Err(ENOENT) => {
                    lesson.note("The server's queue is gone. Looking for a new one in a second.");
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

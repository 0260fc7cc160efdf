//! A System V queue cannot be polled. A process that forwards its messages into a pipe helps, at a price.
//!
//!     cargo run --bin sysv_forwarder
//!
//! Chapter: lessons/35-many-queues-at-once. Manual pages: sysvipc(7), msgop(2), poll(2), pipe(7).
//! Previous: sigio_demo.

use ipc_workbook::call::Result;
use ipc_workbook::lesson;
use ipc_workbook::observe::sysvipc::Table;
use ipc_workbook::poll::{PollFd, poll};
use ipc_workbook::sysv::msg::*;
use ipc_workbook::unistd::{close, pipe, read, write};
use libc::{POLLIN, key_t};
use nix::errno::Errno::ENOMSG;
use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::process::ExitCode;

fn main() -> ExitCode {
    lesson!(keys, |lesson| {
        let key = lesson.key("/sysv_forwarder")?;

        // ANCHOR: number
        lesson.step("Ask poll about a message queue identifier");
        lesson.muted(|| pass_over_descriptors(key))?;
        let msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0o600)?;
        msgsnd(msqid, 1, b"hello", 0)?;
        let mut fds = [PollFd::of_number(msqid, POLLIN)];
        poll(&mut fds, 0)?;
        lesson.predict("The queue has a message. What is revents?", &["0", "POLLIN", "POLLNVAL"]);
        lesson.claim("poll-reports-POLLNVAL-for-a-msqid", fds[0].revents_text(), "POLLNVAL".to_string());
        // ANCHOR_END: number
        msgrcv(msqid, &mut [0; 64], 0, 0)?;

        // ANCHOR: forward
        lesson.step("B waits for messages of the System V queue, and writes each of them into a pipe");
        let (from_b, to_a) = pipe()?;
        let mut b = lesson.process("B", |turn| {
            for _ in 0..2 {
                let mut message = [0; 64];
                let received = turn.blocking_call(lesson, || msgrcv(msqid, &mut message, 0, 0))?;
                turn.report(&received)?;
                let (length, mtype) = received?;
                let mut record = mtype.to_ne_bytes().to_vec();
                record.extend_from_slice(&message[..length]);
                turn.report(&write(&to_a, &record))?;
            }
            Ok(())
        })?;
        close(to_a)?;
        let waiting = b.until_blocked_in(lesson, "msgrcv")?;
        lesson.claim("the-pipe-is-not-readable-before-a-message-comes", readable(&from_b)?, "0".to_string());
        msgsnd(msqid, 5, b"hello", 0)?;
        lesson.claim("a-message-wakes-the-forwarder", waiting.resume()?, "success");
        let left = lesson.row(Table::Msg, msqid).and_then(|row| row.fact("qnum"));
        lesson.claim("the-forwarder-has-taken-the-message-from-the-queue", left, 0);
        b.outcome()?.ok();
        lesson.predict("B has written into the pipe. What is revents?", &["0", "POLLIN", "POLLHUP"]);
        lesson.claim("a-forwarded-message-makes-the-pipe-readable", readable(&from_b)?, "POLLIN".to_string());
        let mut record = [0; 72];
        let length = read(&from_b, &mut record)?;
        lesson.claim(
            "the-record-in-the-pipe-has-the-type-and-the-text",
            &record[..length],
            b"\x05\0\0\0\0\0\0\0hello",
        );
        // ANCHOR_END: forward

        lesson.step("B is killed between msgrcv and write");
        let waiting = b.until_blocked_in(lesson, "msgrcv")?;
        msgsnd(msqid, 1, b"important", 0)?;
        waiting.resume()?.ok();
        b.kill(lesson)?;
        let again = msgrcv(msqid, &mut [0; 64], 0, IPC_NOWAIT);
        lesson.claim("a-message-that-a-killed-forwarder-had-taken-is-not-in-the-queue", again, ENOMSG);
        lesson.predict("What is revents of the pipe?", &["POLLIN", "POLLHUP", "POLLIN|POLLHUP"]);
        lesson.claim(
            "the-pipe-of-a-killed-forwarder-has-POLLHUP-and-no-message",
            readable(&from_b)?,
            "POLLHUP".to_string(),
        );
        Ok(msgctl(msqid, IPC_RMID)?)
    })
}

/// Asks whether the pipe can be read, without waiting.
fn readable(pipe: &OwnedFd) -> Result<String> {
    let mut fds = [PollFd::new(pipe.as_fd(), POLLIN)];
    poll(&mut fds, 0)?;
    Ok(fds[0].revents_text())
}

/// Creates and removes queues until the next identifier is not the number of a descriptor. The identifiers of
/// a new namespace begin with 0, 1 and 2: such a number would prove nothing here.
fn pass_over_descriptors(key: key_t) -> Result<()> {
    loop {
        let msqid = msgget(key, IPC_CREAT | IPC_EXCL | 0o600)?;
        msgctl(msqid, IPC_RMID)?;
        if fs::symlink_metadata(format!("/proc/self/fd/{msqid}")).is_err() {
            return Ok(());
        }
    }
}

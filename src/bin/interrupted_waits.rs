//! A signal ends a wait in mq_receive or mq_send, or sends the process to the end of the line.
//!
//!     cargo run --bin interrupted_waits
//!
//! Chapter: lessons/32-sending-and-receiving. Manual pages: mq_receive(3), mq_send(3), signal(7).
//! Previous: nice_values. Next: killed_waiters.

use ipc_workbook::lesson;
use ipc_workbook::lesson::Turn;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, wait_until_blocked_in, wait_until_stopped};
use ipc_workbook::signal::{kill, sigaction};
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR};
use nix::sys::signal::SaFlags;
use nix::sys::signal::Signal::{SIGCONT, SIGSTOP, SIGUSR1};
use std::process::ExitCode;

const ENDS: SaFlags = SaFlags::empty();
const RESTARTS: SaFlags = SaFlags::SA_RESTART;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/interrupted_waits")?;
        // The calls of A never wait: its descriptor has O_NONBLOCK. The other processes have one that waits.
        let attr = MqAttr::new(1, 64);
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&attr))?;
        let theirs = mq_open(&name, O_RDWR, 0, None)?;
        lesson.look(&mq)?;
        let mut buffer = [0; 64];
        let receiver = |turn: &mut Turn| turn.receive(lesson, &theirs);

        lesson.step("B has a handler without SA_RESTART, and waits");
        let mut b = lesson.process("B", |turn| {
            sigaction(SIGUSR1, ENDS)?;
            receiver(turn)
        })?;
        let b = b.until_blocked_in(lesson, "mq_receive")?;
        kill(b.pid(), SIGUSR1)?;
        lesson.predict("What does the mq_receive of B return?", &["success", "EINTR", "EAGAIN"]);
        lesson.claim("a-handler-without-SA_RESTART-ends-mq_receive-with-EINTR", b.answer()?, "EINTR");

        // ANCHOR: restart
        lesson.step("C has a handler with SA_RESTART, and waits first; D waits second");
        let mut first = lesson.process("C", |turn| {
            sigaction(SIGUSR1, RESTARTS)?;
            receiver(turn)
        })?;
        let mut second = lesson.process("D", receiver)?;
        let first = first.until_blocked_in(lesson, "mq_receive")?;
        let second = second.until_blocked_in(lesson, "mq_receive")?;
        kill(first.pid(), SIGUSR1)?;
        let again = wait_until_blocked_in(first.pid(), "mq_receive");
        mq_send(&mq, b"message 1", 0)?;
        mq_send(&mq, b"message 2", 0)?;
        lesson.predict("Which message does C receive?", &["message 1", "message 2", "EINTR"]);
        let (to_c, to_d) = (again.clone().and(first.answer()?), again.and(second.answer()?));
        lesson.claim("mq_receive-waits-again-after-a-handler-with-SA_RESTART", to_c, "message 2");
        lesson.claim("a-restarted-mq_receive-waits-behind-the-others", to_d, "message 1");
        // ANCHOR_END: restart

        // ANCHOR: stop
        lesson.step("E is stopped while it waits");
        let mut e = lesson.process("E", receiver)?;
        let e = e.until_blocked_in(lesson, "mq_receive")?;
        kill(e.pid(), SIGSTOP)?;
        let stopped = wait_until_stopped(e.pid());
        mq_send(&mq, b"message 3", 0)?;
        lesson.predict("Is the message in the queue (1), or has E got it (0)?", &["1", "0"]);
        let there = stopped.and(Ok(mq_getattr(&mq)?.mq_curmsgs));
        lesson.claim("a-stopped-process-is-not-given-a-message", there, 1);
        kill(e.pid(), SIGCONT)?;
        lesson.claim("a-stop-does-not-end-mq_receive", e.answer()?, "message 3");
        // ANCHOR_END: stop

        lesson.step("The queue is full, F waits to send, and its handler runs");
        mq_send(&mq, b"of A", 0)?;
        let mut f = lesson.process("F", |turn| {
            sigaction(SIGUSR1, ENDS)?;
            turn.send(lesson, &theirs, b"of F", 0)
        })?;
        let f = f.until_blocked_in(lesson, "mq_send")?;
        kill(f.pid(), SIGUSR1)?;
        lesson.claim("a-handler-without-SA_RESTART-ends-mq_send-with-EINTR", f.answer()?, "EINTR");
        mq_receive(&mq, &mut buffer)?;
        let there = mq_getattr(&mq)?.mq_curmsgs;
        lesson.claim("a-message-that-mq_send-refused-with-EINTR-is-not-added", there, 0);

        lesson.step("G and H wait to send, and the handler of G runs, with SA_RESTART");
        mq_send(&mq, b"of A", 0)?;
        let mut first = lesson.process("G", |turn| {
            sigaction(SIGUSR1, RESTARTS)?;
            turn.send(lesson, &theirs, b"of G", 0)
        })?;
        let mut second = lesson.process("H", |turn| turn.send(lesson, &theirs, b"of H", 0))?;
        let first = first.until_blocked_in(lesson, "mq_send")?;
        let second = second.until_blocked_in(lesson, "mq_send")?;
        kill(first.pid(), SIGUSR1)?;
        let again = wait_until_blocked_in(first.pid(), "mq_send");
        mq_receive(&mq, &mut buffer)?;
        let _ = second.answer()?;
        let (length, _) = mq_receive(&mq, &mut buffer)?;
        let next = again.clone().map(|_| String::from_utf8_lossy(&buffer[..length]).into_owned());
        lesson.claim("a-restarted-mq_send-waits-behind-the-others", next, "of H");
        let sent = again.and(first.answer()?);
        lesson.claim("mq_send-waits-again-after-a-handler-with-SA_RESTART", sent, "success");
        mq_close(mq)?;
        mq_close(theirs)?;
        Ok(mq_unlink(&name)?)
    })
}

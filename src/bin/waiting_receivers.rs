//! A message goes straight to the receiver that has waited longest, be it a process or a thread.
//!
//!     cargo run --bin waiting_receivers
//!
//! Chapter: lessons/32-sending-and-receiving. Manual pages: mq_receive(3), mq_overview(7).
//! Previous: priority_order. Next: waiting_senders.

use ipc_workbook::lesson;
use ipc_workbook::lesson::{Lesson, Outcome, Turn};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, wait_until_blocked_in};
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_RDWR};
use nix::errno::Errno::EAGAIN;
use nix::unistd::gettid;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering::SeqCst};
use std::thread;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/waiting_receivers")?;
        // The calls of A never wait: its descriptor has O_NONBLOCK. The other processes have one that waits.
        let attr = MqAttr::new(4, 64);
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&attr))?;
        let theirs = mq_open(&name, O_RDWR, 0, None)?;
        lesson.look(&mq)?;
        let receiver = |turn: &mut Turn| turn.receive(lesson, &theirs);

        // ANCHOR: three
        lesson.step("B, C and D wait for a message, one after the other");
        let mut b = lesson.process("B", receiver)?;
        let mut c = lesson.process("C", receiver)?;
        let mut d = lesson.process("D", receiver)?;
        let b = b.until_blocked_in(lesson, "mq_receive")?;
        let c = c.until_blocked_in(lesson, "mq_receive")?;
        let d = d.until_blocked_in(lesson, "mq_receive")?;

        lesson.step("A sends four messages: priorities 1 5 1 5");
        mq_send(&mq, b"first", 1)?;
        mq_send(&mq, b"second", 5)?;
        mq_send(&mq, b"third", 1)?;
        let handed_over = mq_getattr(&mq)?.mq_curmsgs;
        lesson.claim("a-message-for-a-waiting-receiver-does-not-enter-the-queue", handed_over, 0);
        let taken = mq_receive(&mq, &mut [0; 64]);
        lesson.claim("no-other-receiver-can-take-a-message-that-was-handed-over", taken, EAGAIN);
        mq_send(&mq, b"fourth", 5)?;
        let left = mq_getattr(&mq)?.mq_curmsgs;
        lesson.claim("a-message-enters-the-queue-if-no-receiver-waits", left, 1);
        lesson.predict("Which message does B receive?", &["first", "second", "fourth"]);
        lesson.claim("the-receiver-that-waits-longest-gets-the-first-message", b.answer()?, "first");
        lesson.claim("a-high-priority-does-not-choose-the-receiver", c.answer()?, "second");
        lesson.claim("each-waiting-receiver-gets-one-message", d.answer()?, "third");
        // ANCHOR_END: three
        mq_receive(&mq, &mut [0; 64])?;

        lesson.step("E has two threads: the second one waits first");
        let mut e = lesson
            .process("E", |turn| receive_in_two_threads(lesson, turn, mq_open(&name, O_RDONLY, 0, None)?))?;
        let e = e.until_blocked_in(lesson, "mq_receive")?;
        mq_send(&mq, b"message 1", 0)?;
        let left = mq_getattr(&mq)?.mq_curmsgs;
        mq_send(&mq, b"message 2", 0)?;
        lesson.claim("a-thread-that-waits-is-given-a-message-like-a-process", left, 0);
        let received = e.answer()?;
        lesson.claim(
            "each-waiting-thread-of-a-process-gets-a-message-of-its-own",
            received,
            "message 1, then message 2",
        );
        mq_close(mq)?;
        mq_close(theirs)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Lets a second thread wait for a message, and then this one. Answers with what each of them received.
fn receive_in_two_threads(lesson: &Lesson, turn: &mut Turn, mq: Mqd) -> Outcome {
    let (mq, thread) = (Arc::new(mq), Arc::new(AtomicI32::new(0)));
    let (shared, its_id) = (Arc::clone(&mq), Arc::clone(&thread));
    // A thread has no listener, so its call is not reported.
    let second = thread::spawn(move || {
        its_id.store(gettid().as_raw(), SeqCst);
        let mut buffer = [0; 64];
        let (length, _) = mq_receive(&shared, &mut buffer).ok()?;
        Some(text(&buffer[..length]))
    });
    while thread.load(SeqCst) == 0 {
        thread::yield_now();
    }
    let waits = wait_until_blocked_in(thread.load(SeqCst), "mq_receive");
    let mut buffer = [0; 64];
    let (length, _) = turn.blocking_call(lesson, || mq_receive(&mq, &mut buffer))??;
    let first = second.join().ok().flatten().unwrap_or("nothing".into());
    turn.answer(&waits.map(|_| format!("{first}, then {}", text(&buffer[..length]))))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

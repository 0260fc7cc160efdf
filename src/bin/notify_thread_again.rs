//! If the process registers again before the function of SIGEV_THREAD returns, it can run twice at once.
//!
//!     cargo run --bin notify_thread_again
//!
//! Chapter: lessons/34-notification. Manual pages: mq_notify(3), sigevent(3type), pthreads(7).
//! Previous: notify_thread.

use ipc_workbook::lesson;
use ipc_workbook::lesson::{Outcome, Turn};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, netlink_sockets};
use ipc_workbook::signal::{SigEvent, SigVal};
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

/// Tells the main thread the value of each call. A function of SIGEV_THREAD has no other data than statics.
static TOLD: OnceLock<Sender<i32>> = OnceLock::new();
/// A call of the function returns only when the main thread has released this lock.
static GATE: Mutex<()> = Mutex::new(());

extern "C" fn notified(value: SigVal) {
    if let Some(told) = TOLD.get() {
        let _ = told.send(value.sival_int());
    }
    drop(GATE.lock());
}

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/notify_thread_again")?;
        let flags = O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK;
        let mq = mq_open(&name, flags, 0o600, Some(&MqAttr::new(4, 64)))?;
        lesson.look(&mq)?;
        let mut b = lesson.process("B", |turn| receiver(turn, &mq))?;

        // ANCHOR: twice
        lesson.step("B registers, and A sends a message; the function is called, and does not return yet");
        b.turn()?;
        mq_send(&mq, b"first", 0)?;
        b.turn()?;

        lesson.step("B registers again, and A sends again");
        b.turn()?;
        mq_send(&mq, b"second", 0)?;
        lesson.predict("Is the second call made before the first one returns?", &["true", "false"]);
        lesson.claim("two-calls-of-the-function-can-run-at-the-same-time", b.answer()?, "true");
        lesson.claim("a-second-registration-makes-no-second-socket", b.answer()?, "1");
        // ANCHOR_END: twice

        lesson.step("B removes a registration, registers again, and A sends a message");
        b.turn()?;
        mq_send(&mq, b"third", 0)?;
        lesson.claim("the-helper-thread-survives-the-removal-of-a-registration", b.answer()?, "4");

        lesson.step("A registers with SIGEV_NONE, and B wants to be registered with SIGEV_THREAD");
        mq_notify(&mq, Some(&SigEvent::None))?;
        lesson.claim("SIGEV_THREAD-gets-EBUSY-too-if-another-process-is-registered", b.outcome()?, "EBUSY");
        b.finish()?;
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// What B does. The lesson's first process has one thread only, so that it can fork.
fn receiver(turn: &mut Turn, mq: &Mqd) -> Outcome {
    let (tell, told) = channel();
    let _ = TOLD.set(tell);
    let gate = GATE.lock();
    mq_notify(mq, Some(&by_thread(1)))?;
    turn.finish()?;
    let first = next_call(&told);
    mq_receive(mq, &mut [0; 64])?;
    turn.finish()?;

    mq_notify(mq, Some(&by_thread(2)))?;
    turn.finish()?;
    let second = next_call(&told);
    turn.answer(&Ok((first == 1 && second == 2).to_string()))?;
    turn.answer(&netlink_sockets().map(|number| number.to_string()))?;
    drop(gate);

    mq_receive(mq, &mut [0; 64])?;
    mq_notify(mq, Some(&by_thread(3)))?;
    mq_notify(mq, None)?;
    mq_notify(mq, Some(&by_thread(4)))?;
    turn.finish()?;
    turn.answer(&Ok(next_call(&told).to_string()))?;
    turn.report(&mq_notify(mq, Some(&by_thread(5))))
}

/// Asks for a call of `notified`.
fn by_thread(value: i32) -> SigEvent {
    SigEvent::Thread { sigev_notify_function: notified, sigev_value: SigVal::new(value) }
}

/// Waits until the function is called, at most five seconds. Returns the value, or 0 if it was not called.
fn next_call(told: &Receiver<i32>) -> i32 {
    let tenth = Duration::from_millis(100);
    (0..50).find_map(|_| told.recv_timeout(tenth).ok()).unwrap_or_default()
}

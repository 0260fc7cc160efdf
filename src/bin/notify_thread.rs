//! With SIGEV_THREAD glibc calls a function in a new thread; the kernel only writes to a socket of glibc.
//!
//!     cargo run --bin notify_thread
//!
//! Chapter: lessons/34-notification. Manual pages: mq_notify(3), sigevent(3type), netlink(7).
//! Previous: notify_waiting_sender. Next: notify_thread_again.

use ipc_workbook::lesson;
use ipc_workbook::lesson::{Outcome, Turn};
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, netlink_sockets, queue_status, threads};
use ipc_workbook::signal::{SigEvent, SigVal, sigprocmask};
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR, SIGEV_THREAD};
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::{getpid, gettid};
use std::process::{ExitCode, id};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// What the function tells the main thread. A function of SIGEV_THREAD has no other data than statics.
static TOLD: OnceLock<Sender<Call>> = OnceLock::new();

/// One call of the function. All members are 0 if it was not called.
#[derive(Default)]
struct Call {
    value: i32,
    pid: i32,
    tid: i32,
    accepts_the_signal: bool,
}

extern "C" fn notified(value: SigVal) {
    let mask = SigSet::thread_get_mask().unwrap_or(SigSet::empty());
    let call = Call {
        value: value.sival_int(),
        pid: getpid().as_raw(),
        tid: gettid().as_raw(),
        accepts_the_signal: !mask.contains(Signal::SIGUSR1),
    };
    if let Some(told) = TOLD.get() {
        let _ = told.send(call);
    }
}

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/notify_thread")?;
        let flags = O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK;
        let mq = mq_open(&name, flags, 0o600, Some(&MqAttr::new(4, 64)))?;
        lesson.look(&mq)?;
        let mut b = lesson.process("B", |turn| receiver(turn, &mq))?;

        // ANCHOR: register
        lesson.step("B registers with SIGEV_THREAD, and no message is there yet");
        lesson.predict("How many threads does B have afterwards?", &["1", "2", "3"]);
        lesson.claim("the-first-SIGEV_THREAD-registration-makes-a-helper-thread", b.answer()?, "2");
        lesson.claim("the-first-SIGEV_THREAD-registration-makes-a-netlink-socket", b.answer()?, "1");
        let notify = lesson.show("queue", "NOTIFY", queue_status(&mq, "NOTIFY"));
        lesson.claim("NOTIFY-is-2-for-SIGEV_THREAD", notify, i64::from(SIGEV_THREAD));
        // ANCHOR_END: register

        lesson.step("A sends a message, and glibc calls the function in B");
        mq_send(&mq, b"first", 0)?;
        lesson.claim("the-function-gets-the-value-of-the-registration", b.answer()?, "7");
        lesson.claim("the-function-runs-in-the-registered-process", b.answer()?, "true");
        lesson.predict("B had two threads. Does the function run in a third one?", &["true", "false"]);
        lesson.claim("the-function-runs-in-a-new-thread", b.answer()?, "true");
        lesson.predict("B has blocked SIGUSR1. Could it arrive in that thread?", &["true", "false"]);
        lesson.claim("the-thread-of-the-function-blocks-no-signal", b.answer()?, "true");
        b.finish()?;
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// What B does. The lesson's first process has one thread only, so that it can fork.
fn receiver(turn: &mut Turn, mq: &Mqd) -> Outcome {
    let (tell, told) = channel();
    let _ = TOLD.set(tell);
    sigprocmask(Signal::SIGUSR1)?;
    let event = SigEvent::Thread { sigev_notify_function: notified, sigev_value: SigVal::new(7) };
    mq_notify(mq, Some(&event))?;
    let threads = threads();
    turn.answer(&threads.clone().map(|threads| threads.len().to_string()))?;
    turn.answer(&netlink_sockets().map(|number| number.to_string()))?;

    let call = next_call(&told);
    turn.answer(&Ok(call.value.to_string()))?;
    turn.answer(&Ok((call.pid == id().cast_signed()).to_string()))?;
    turn.answer(&threads.map(|threads| (call.tid != 0 && !threads.contains(&call.tid)).to_string()))?;
    turn.answer(&Ok(call.accepts_the_signal.to_string()))
}

/// Waits until the function is called, at most five seconds.
fn next_call(told: &Receiver<Call>) -> Call {
    let tenth = Duration::from_millis(100);
    (0..50).find_map(|_| told.recv_timeout(tenth).ok()).unwrap_or_default()
}

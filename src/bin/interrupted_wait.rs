//! A signal interrupts a wait with a timeout, but it never moves the date at which the wait ends.
//!
//!     cargo run --bin interrupted_wait
//!
//! Chapter: lessons/33-timeouts. Manual pages: signal(7), mq_receive(3), proc_pid_syscall(5).
//! Previous: deadline_not_duration. Next: stopped_wait.

use ipc_workbook::lesson;
use ipc_workbook::lesson::outcome;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen, memory_of, text_of};
use ipc_workbook::signal::{kill, sigaction};
use libc::{O_CREAT, O_EXCL, O_RDWR, time_t};
use nix::sys::signal::SaFlags;
use nix::sys::signal::Signal::SIGUSR1;
use nix::sys::time::TimeSpec;
use std::process::ExitCode;

/// A date in 2038: the last one in 32 bits.
const FAR: TimeSpec = TimeSpec::new(2_147_483_647, 0);

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/interrupted_wait")?;
        lesson.step("B has a handler without SA_RESTART, and waits until 2038; A sends the signal");
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 16)))?;
        lesson.look(&mq)?;
        let mut b = lesson.process("B", |turn| {
            sigaction(SIGUSR1, SaFlags::empty())?;
            let waited = turn.blocking_call(lesson, || mq_timedreceive(&mq, &mut [0; 16], &FAR))?;
            turn.report(&waited)?;
            let waited = turn.blocking_call(lesson, || mq_timedsend(&mq, b"third", 0, &FAR))?;
            turn.report(&waited)
        })?;
        let waiting = b.until_blocked_in(lesson, "mq_timedreceive")?;
        kill(waiting.pid(), SIGUSR1)?;
        lesson.claim("a-handler-ends-mq_timedreceive-with-EINTR", waiting.interrupted()?, "EINTR");

        lesson.step("The queue is full, B waits until 2038 to send, and A sends the signal again");
        mq_send(&mq, b"one", 0)?;
        mq_send(&mq, b"two", 0)?;
        let waiting = b.until_blocked_in(lesson, "mq_timedsend")?;
        kill(waiting.pid(), SIGUSR1)?;
        lesson.claim("a-handler-ends-mq_timedsend-with-EINTR", waiting.interrupted()?, "EINTR");
        let left = mq_getattr(&mq)?.mq_curmsgs;
        lesson.claim("an-interrupted-mq_timedsend-leaves-no-message", left, 2);
        b.finish()?;
        mq_receive(&mq, &mut [0; 16])?;
        mq_receive(&mq, &mut [0; 16])?;

        // ANCHOR: restart
        lesson.step("C has a handler with SA_RESTART, and waits until 2038; A sends the signal");
        let mut c = lesson.process("C", |turn| {
            sigaction(SIGUSR1, SaFlags::SA_RESTART)?;
            let waited = turn.blocking_call(lesson, || mq_timedreceive(&mq, &mut [0; 16], &FAR))?;
            turn.report(&waited)
        })?;
        c.start()?;
        let first = c.wait_until_blocked_in(lesson, "mq_timedreceive");
        kill(c.pid(), SIGUSR1)?;
        let again = first.and(c.wait_until_blocked_in(lesson, "mq_timedreceive"));
        lesson.predict(
            "What is tv_sec of the timeout with which the call waits now?",
            &["0", "3", "2147483647"],
        );
        let tv_sec = again.clone().and(timeout_of(c.pid()));
        lesson.claim("with-SA_RESTART-the-call-waits-again-until-the-same-date", tv_sec, FAR.tv_sec());
        mq_send(&mq, b"for C", 0)?;
        let waited = again.and(outcome(&c.resume()?));
        lesson.claim("with-SA_RESTART-a-wait-goes-on-after-the-handler", waited, "success");
        // ANCHOR_END: restart
        c.finish()?;
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Reads tv_sec of the timeout with which the process waits. In /proc/PID/syscall the address of the timeout
/// follows the number of the call and four other arguments.
fn timeout_of(pid: i32) -> Result<time_t, Unseen> {
    let call = text_of(format!("/proc/{pid}/syscall")).unwrap_or_default();
    let address = call.split(' ').nth(5).and_then(|address| address.strip_prefix("0x"));
    let address = address.and_then(|address| u64::from_str_radix(address, 16).ok());
    let mut tv_sec = [0; size_of::<time_t>()];
    match address.map(|address| memory_of(pid, address, &mut tv_sec)) {
        Some(n) if n == tv_sec.len() => Ok(time_t::from_ne_bytes(tv_sec)),
        _ => Err(Unseen(format!("/proc/{pid}/mem shows no timeout"))),
    }
}

//! A registration belongs to one process: fork does not copy it, and exit, SIGKILL and exec end it.
//!
//!     cargo run --bin notify_withdrawn
//!
//! Chapter: lessons/34-notification. Manual pages: mq_notify(3), fork(2), execve(2), signalfd(2).
//! Previous: notify_slot. Next: notify_close.

use ipc_workbook::call::Result;
use ipc_workbook::fcntl::fcntl;
use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen, queue_status};
use ipc_workbook::signal::{SigEvent, SigVal, kill, signal, sigprocmask};
use ipc_workbook::signalfd::{read as read_signal, signalfd};
use ipc_workbook::unistd::execv;
use libc::{F_SETFD, O_CREAT, O_EXCL, O_RDWR, SFD_CLOEXEC, SFD_NONBLOCK};
use nix::sys::signal::Signal::{SIGUSR1, SIGUSR2};
use std::process::ExitCode;

type Seen<T> = std::result::Result<T, Unseen>;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/notify_withdrawn")?;
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(4, 64)))?;
        lesson.look(&mq)?;
        let notify_pid = || lesson.show("queue", "NOTIFY_PID", queue_status(&mq, "NOTIFY_PID"));
        let still = |pid: i32| notify_pid().map(|now| now == i64::from(pid));

        lesson.step("B registers and exits; C registers and is killed");
        let b = lesson.started("B", |turn| {
            register(&mq)?;
            turn.finish()
        })?;
        let before = still(b.pid());
        b.finish()?;
        lesson.claim("exit-ends-the-registration", gone(before, notify_pid()), true);
        let c = lesson.started("C", |turn| {
            register(&mq)?;
            turn.finish()
        })?;
        let before = still(c.pid());
        c.kill(lesson)?;
        lesson.claim("SIGKILL-ends-the-registration", gone(before, notify_pid()), true);

        // ANCHOR: exec
        lesson.step("D registers, and executes another program");
        let mut d = lesson.started("D", |turn| {
            register(&mq)?;
            turn.finish()?;
            Ok(execv(c"/bin/sleep", &[c"sleep", c"3600"])?)
        })?;
        let before = still(d.pid());
        d.turn()?;
        lesson.claim("exec-ends-the-registration", gone(before, notify_pid()), true);
        d.kill(lesson)?;

        lesson.step("E clears FD_CLOEXEC first, so that exec does not close the descriptor");
        let mut e = lesson.process("E", |_| {
            signal(SIGUSR1)?; // exec would keep a signal ignored
            signal(SIGUSR2)?;
            register(&mq)?;
            fcntl(&mq, F_SETFD, 0)?;
            Ok(execv(c"/bin/sleep", &[c"sleep", c"3600"])?)
        })?;
        e.turn()?;
        lesson.predict("Is E still registered?", &["true", "false"]);
        lesson.claim("without-FD_CLOEXEC-a-registration-survives-exec", still(e.pid()), true);
        mq_send(&mq, b"for E", 0)?;
        let after = notify_pid();
        kill(e.pid(), SIGUSR2)?;
        lesson.predict("SIGUSR1 and SIGUSR2 both end sleep. Which one did?", &["SIGUSR1", "SIGUSR2"]);
        lesson.claim("the-program-after-exec-gets-no-signal", e.end(lesson)?, "SIGUSR2".to_string());
        lesson.claim("a-message-uses-up-a-registration-that-survived-exec", after, 0);
        mq_receive(&mq, &mut [0; 64])?;
        // ANCHOR_END: exec

        // ANCHOR: fork
        lesson.step("A blocks SIGUSR1, registers, and forks F; then F sends a message");
        sigprocmask(SIGUSR1)?;
        let signals = signalfd(&[SIGUSR1], SFD_CLOEXEC | SFD_NONBLOCK)?;
        register(&mq)?;
        let mut child = lesson.started("F", |turn| {
            mq_send(&mq, b"from F", 0)?;
            turn.finish()?;
            turn.report(&read_signal(&signals)) // each process reads its own signals from this descriptor
        })?;
        read_signal(&signals)?;
        lesson.predict(
            "A has got the signal. F has the same descriptors. What does its read return?",
            &["success", "EAGAIN", "EBADF"],
        );
        lesson.claim("fork-does-not-copy-the-registration", child.outcome()?, "EAGAIN");
        child.finish()?;
        // ANCHOR_END: fork
        mq_close(mq)?;
        Ok(mq_unlink(&name)?)
    })
}

/// Asks for SIGUSR1.
fn register(mq: &Mqd) -> Result<()> {
    let event = SigEvent::Signal { sigev_signo: SIGUSR1 as i32, sigev_value: SigVal::new(0) };
    mq_notify(mq, Some(&event))
}

/// Whether there was a registration, and there is none now.
fn gone(before: Seen<bool>, now: Seen<i64>) -> Seen<bool> {
    Ok(before? && now? == 0)
}

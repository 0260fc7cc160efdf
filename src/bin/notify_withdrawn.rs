//! A registration ends with its process, and with any close of the queue in this process.
//!
//!     cargo run --bin notify_withdrawn
//!
//! Chapter: lessons/34-notification. Manual pages: mq_notify(3), mq_close(3), close(2), execve(2).
//! Previous: notify_slot. Next: notify_lost.

use ipc_workbook::call::Result;
use ipc_workbook::fcntl::{fcntl, open};
use ipc_workbook::lesson;
use ipc_workbook::mqueue::*;
use ipc_workbook::observe::{Kind, Unseen, queue_status};
use ipc_workbook::signal::{SigEvent, SigVal, kill, signal};
use ipc_workbook::unistd::{close, dup, execv};
use libc::{F_SETFD, O_CREAT, O_EXCL, O_RDONLY, O_RDWR};
use nix::errno::Errno::ENOENT;
use nix::sys::signal::Signal::{SIGUSR1, SIGUSR2};
use std::process::{ExitCode, id};

type Seen<T> = std::result::Result<T, Unseen>;

fn main() -> ExitCode {
    lesson!(|lesson| {
        let name = lesson.name(Kind::Queue, "/notify_withdrawn")?;
        let mq = mq_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(4, 64)))?;
        lesson.look(&mq)?;
        let me = id().cast_signed();
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

        // ANCHOR: close
        lesson.step("A registers, makes a copy of the descriptor with dup, and closes the copy");
        register(&mq)?;
        let copy = dup(&mq)?;
        let before = still(me);
        close(copy)?;
        lesson.claim(
            "closing-a-dup-of-the-descriptor-ends-the-registration",
            gone(before, notify_pid()),
            true,
        );

        lesson.step("A registers, opens the file of the queue with open, and closes it");
        register(&mq)?;
        let keeps = "opening-the-file-of-the-queue-keeps-the-registration";
        let ends = "closing-the-file-of-the-queue-ends-the-registration";
        match open(&name.path(), O_RDONLY, 0) {
            Err(ENOENT) => lesson.not_seen(&[keeps, ends], &Unseen("/dev/mqueue is not mounted".into()))?,
            file => {
                let file = file?;
                lesson.claim(keeps, still(me), true);
                lesson.predict("A never calls mq_close. Is it registered after close?", &["true", "false"]);
                close(file)?;
                lesson.claim(ends, still(me), false);
            }
        }
        mq_notify(&mq, None)?;
        // ANCHOR_END: close

        lesson.step("A registers; its child F closes a copy of the descriptor, and exits");
        register(&mq)?;
        lesson.in_process("F", |_| {
            let inherited = dup(&mq)?; // another descriptor of the same open file description
            Ok(close(inherited)?)
        })?;
        lesson.claim("a-close-in-a-child-leaves-the-registration", still(me), true);

        lesson.step("A is still registered, and removes the name");
        mq_unlink(&name)?;
        lesson.claim("mq_unlink-leaves-the-registration", still(me), true);
        mq_notify(&mq, None)?;
        Ok(mq_close(mq)?)
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

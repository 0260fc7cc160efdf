//! Every answer that a queue can give.

use crate::finding::{Finding, found};
use crate::peer::create_queue;
use crate::sandbox::{End, Fault};
use crate::scheduler::{Choice, Pending};
use crate::trial::Trial;
use ipc_workbook::mqueue::{MqAttr, mq_getattr, mq_open, mq_send};
use libc::{O_CREAT, O_EXCL, O_WRONLY};
use nix::errno::Errno;
use nix::sys::signal::Signal;
use std::time::Duration;

/// What is not text shows whether a program takes the message for text.
const MESSAGE: &[u8] = b"one\0two\n\xff%s";

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    any_bytes(trial)?;
    let waits = signals(trial)?;
    trial.judge_finding("it-waits-and-signals-do-not-end-that", &waits);
    let deadline = interrupted(trial)?;
    trial.judge_finding("EINTR-leaves-the-deadline", &deadline);
    nothing_in_time(trial)?;
    refusals(trial)?;
    other_failures(trial)
}

fn any_bytes(trial: &mut Trial) -> Result<(), Fault> {
    let long: Vec<u8> = (0..=u8::MAX).cycle().take(8192).collect();
    for (size, message) in [(16, MESSAGE), (8192, &long), (64, b"")] {
        trial.renew()?;
        let mq = create_queue(c"/lab", 2, size)?;
        mq_send(&mq, message, 1)?;
        mq_send(&mq, b"the next", 0)?;
        let mut program = trial.run(&["/lab", "0"])?;
        let left = mq_getattr(&mq)?.mq_curmsgs;
        let same = program.stdout_bytes() == message;
        let passed = program.exited(0) && same && left == 1;
        let wrote = if same { "the same" } else { "other bytes" };
        let end = program.end();
        let observed = format!("{} bytes of {size}: {end}, {wrote}, {left} messages left", message.len());
        trial.judge("the-message-comes-out-as-it-is", passed, observed);
    }
    Ok(())
}

/// Signals come while it waits, and at last a message.
fn signals(trial: &mut Trial) -> Result<Finding, Fault> {
    trial.renew()?;
    let mq = create_queue(c"/lab", 2, 64)?;
    let mut program = trial.start(&["/lab", "3600"])?;
    for signals in 0..3 {
        if let Err(why) = trial.waits_in(&mut program, &["mq_timedreceive"])? {
            return Ok(Err(format!("after {signals} signals: {why}")));
        }
        if signals < 2 {
            program.kill(Signal::SIGUSR1);
        }
    }
    mq_send(&mq, MESSAGE, 0)?;
    let end = trial.wait(&mut program)?;
    let same = program.stdout_bytes() == MESSAGE;
    let wrote = if same { "the message" } else { "something else" };
    let observed = format!("it waited, also after two signals; then {end}, and {wrote}");
    Ok(found(same && program.exited(0), observed))
}

/// The first two times the call fails as a signal would let it, and time goes by.
fn interrupted(trial: &mut Trial) -> Result<Finding, Fault> {
    const GOES_BY: Duration = Duration::from_millis(100);
    trial.renew()?;
    mq_send(&create_queue(c"/lab", 2, 64)?, MESSAGE, 0)?;
    let mut deadlines = Vec::new();
    let seen = play(trial, "3600", |call| {
        if !call.is("mq_timedreceive") {
            return Choice::Go;
        }
        deadlines.push(call.timespec(4));
        if deadlines.len() > 2 {
            return Choice::Go;
        }
        std::thread::sleep(GOES_BY);
        Choice::Fail(Errno::EINTR)
    })?;
    let calls = deadlines.len();
    if seen.end != End::Exited(0) || calls < 3 {
        return Ok(Err(format!("EINTR twice, {calls} calls of mq_timedreceive, {}", seen.end)));
    }
    let (Some(first), Some(last)) = (deadlines[0], deadlines[2]) else {
        return Ok(Err("it waits without a deadline".into()));
    };
    let moved = last.abs_diff(first);
    // A program that computes it again from the time that is left is a little beside it.
    Ok(found(moved < GOES_BY, format!("the deadline moved by {} ms", moved.as_millis())))
}

fn nothing_in_time(trial: &mut Trial) -> Result<(), Fault> {
    for seconds in ["0", "1"] {
        trial.renew()?;
        create_queue(c"/lab", 2, 64)?;
        let seen = play(trial, seconds, |_| Choice::Go)?;
        let passed = seen.end == End::Exited(5) && seen.wrote == 0;
        trial.judge("an-empty-queue-is-told", passed, format!("{seconds} seconds: {seen}"));
    }
    Ok(())
}

fn refusals(trial: &mut Trial) -> Result<(), Fault> {
    for (what, mode, code) in [("no queue", None, 3), ("a queue of mode 0200", Some(0o200), 4)] {
        trial.renew()?;
        if let Some(mode) = mode {
            mq_open(c"/lab", O_CREAT | O_EXCL | O_WRONLY, mode, Some(&MqAttr::new(2, 64)))?;
        }
        let mut program = trial.run(&["/lab", "0"])?;
        let made = trial.objects()?.len() > usize::from(mode.is_some());
        let passed = program.exited(code) && !made && program.stdout_bytes().is_empty();
        let made = if made { ", and a new object" } else { "" };
        trial.judge("each-refusal-has-its-exit-code", passed, format!("{what}: {}{made}", program.end()));
    }
    Ok(())
}

fn other_failures(trial: &mut Trial) -> Result<(), Fault> {
    for (failing, errno) in
        [("mq_open", Errno::EMFILE), ("mq_getsetattr", Errno::EBADF), ("mq_timedreceive", Errno::EBADF)]
    {
        trial.renew()?;
        mq_send(&create_queue(c"/lab", 2, 64)?, MESSAGE, 0)?;
        let mut failed = false;
        let seen = play(trial, "3600", |call| {
            let fails = call.is(failing) && !failed;
            failed |= fails;
            if fails { Choice::Fail(errno) } else { Choice::Go }
        })?;
        let passed = failed && seen.end == End::Exited(1) && seen.wrote == 0;
        let what = if failed { format!("failed with {errno:?}: {seen}") } else { "is never called".into() };
        trial.judge("any-other-failure-ends-with-1", passed, format!("{failing} {what}"));
    }
    Ok(())
}

/// What was seen of a program under the scheduler.
struct Seen {
    end: End,
    wrote: usize,
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {} bytes written", self.end, self.wrote)
    }
}

/// Runs the program call by call, and looks whether it has the queue open when it is about to end.
fn play(
    trial: &mut Trial,
    seconds: &str,
    mut choose: impl FnMut(&Pending) -> Choice,
) -> Result<Seen, Fault> {
    let (mut opened, mut open_at_the_end) = (false, false);
    let mut scheduler = trial.scheduler();
    scheduler.start(&["/lab", seconds])?;
    let ends = scheduler.play_with(|moment| {
        let processes = moment.sandbox.processes()?;
        let open = processes.iter().flat_map(|process| &process.held).any(|held| held == "queue /lab");
        opened |= open;
        open_at_the_end |= open && moment.call.is("exit_group");
        Ok(choose(moment.call))
    })?;
    let wrote = scheduler.program(0).stdout_bytes().len();
    if opened {
        let observed = if open_at_the_end { "still open before exit_group" } else { "closed" };
        trial.judge("the-queue-is-closed-on-every-way-out", !open_at_the_end, observed);
    }
    Ok(Seen { end: ends.first(), wrote })
}

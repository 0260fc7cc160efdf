//! Every answer that a queue can give.

use crate::sandbox::{Choice, End, Fault, Scheduler, describe};
use crate::trial::Trial;
use ipc_workbook::mqueue::{MqAttr, Mqd, mq_getattr, mq_open, mq_send};
use libc::{O_CREAT, O_EXCL, O_WRONLY};
use nix::errno::Errno;
use nix::sys::signal::Signal;
use std::time::Duration;

/// What is not text is told from what is.
const MESSAGE: &[u8] = b"one\0two\n\xff%s";

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    any_bytes(trial)?;
    let (held, observed) = signals(trial)?;
    trial.judge("it-waits-and-signals-do-not-end-that", held, observed);
    let (held, observed) = interrupted(trial)?;
    trial.judge("EINTR-leaves-the-deadline", held, observed);
    nothing_in_time(trial)?;
    refusals(trial)?;
    other_failures(trial)
}

fn any_bytes(trial: &mut Trial) -> Result<(), Fault> {
    let long: Vec<u8> = (0..=u8::MAX).cycle().take(8192).collect();
    for (size, message) in [(16, MESSAGE), (8192, &long), (64, b"")] {
        trial.sandbox.renew()?;
        let mq = queue(size, 0o600)?;
        mq_send(&mq, message, 1)?;
        mq_send(&mq, b"the next", 0)?;
        let mut program = trial.run(&["/lab", "0"])?;
        let end = program.end();
        let same = program.stdout_bytes() == message;
        let left = mq_getattr(&mq)?.mq_curmsgs;
        let wrote = match program.stdout_bytes() {
            bytes if bytes == message => "the same".into(),
            bytes => format!("{} bytes that differ", bytes.len()),
        };
        let observed = format!("{} bytes of {size}: {end}, {wrote}, {left} messages left", message.len());
        let passed = end == End::Exited(0) && same && left == 1;
        trial.judge("the-message-comes-out-as-it-is", passed, observed);
    }
    Ok(())
}

/// Signals come while it waits, and at last a message.
fn signals(trial: &mut Trial) -> Result<(bool, String), Fault> {
    trial.sandbox.renew()?;
    let mq = queue(64, 0o600)?;
    let mut program = trial.sandbox.program(&["/lab", "3600"]).start()?;
    for signals in 0..3 {
        let rest = trial.sandbox.at_rest(trial.limit())?;
        if let Some(end) = program.ended() {
            return Ok((false, format!("it waited no longer after {signals} signals: {end}")));
        }
        match rest {
            None => return Ok((false, "it looks again and again".into())),
            Some(all) if all.iter().any(|process| process.sleeps_in(&["mq_timedreceive"])) => {}
            Some(all) => return Ok((false, describe(&all))),
        }
        if signals < 2 {
            program.kill(Signal::SIGUSR1);
        }
    }
    mq_send(&mq, MESSAGE, 0)?;
    program.wait(&trial.sandbox, trial.limit())?;
    let same = program.stdout_bytes() == MESSAGE;
    let wrote = if same { "the message" } else { "something else" };
    let observed = format!("it waited, also after two signals; then {}, and {wrote}", program.end());
    Ok((same && program.exited(0), observed))
}

/// The first two times the call fails as a signal would let it, and time goes by.
fn interrupted(trial: &mut Trial) -> Result<(bool, String), Fault> {
    const GOES_BY: Duration = Duration::from_millis(100);
    trial.sandbox.renew()?;
    let mq = queue(64, 0o600)?;
    mq_send(&mq, MESSAGE, 0)?;
    let mut deadlines = Vec::new();
    let seen = alone(trial, "3600", |call, timespec| {
        if call != "mq_timedreceive" {
            return Choice::Go;
        }
        deadlines.push(timespec);
        if deadlines.len() > 2 {
            return Choice::Go;
        }
        std::thread::sleep(GOES_BY);
        Choice::Fail(Errno::EINTR)
    })?;
    if seen.end != End::Exited(0) || deadlines.len() < 3 {
        let calls = deadlines.len();
        return Ok((false, format!("EINTR twice, {calls} calls of mq_timedreceive, {}", seen.end)));
    }
    let deadlines: Option<Vec<Duration>> = deadlines.into_iter().collect();
    let Some(deadlines) = deadlines else { return Ok((false, "it waits without a deadline".into())) };
    let moved = deadlines[2].abs_diff(deadlines[0]);
    // Who computes it anew from what is left is a little beside it.
    Ok((moved < GOES_BY, format!("the deadline moved by {} ms", moved.as_millis())))
}

fn nothing_in_time(trial: &mut Trial) -> Result<(), Fault> {
    for seconds in ["0", "1"] {
        trial.sandbox.renew()?;
        let _empty = queue(64, 0o600)?;
        let seen = alone(trial, seconds, |_, _| Choice::Go)?;
        let passed = seen.end == End::Exited(5) && seen.wrote == 0;
        trial.judge("an-empty-queue-is-told", passed, format!("{seconds} seconds: {}", seen.told()));
    }
    Ok(())
}

fn refusals(trial: &mut Trial) -> Result<(), Fault> {
    for (mode, code) in [(None, 3), (Some(0o200), 4)] {
        trial.sandbox.renew()?;
        let _queue = mode.map(|mode| queue(64, mode)).transpose()?;
        let mut program = trial.run(&["/lab", "0"])?;
        let objects = trial.sandbox.objects()?.len();
        let made = if objects > usize::from(mode.is_some()) { ", and a new object" } else { "" };
        let passed = program.exited(code) && made.is_empty() && program.stdout_bytes().is_empty();
        let what = if mode.is_some() { "a queue of mode 0200" } else { "no queue" };
        trial.judge("each-refusal-has-its-exit-code", passed, format!("{what}: {}{made}", program.end()));
    }
    Ok(())
}

fn other_failures(trial: &mut Trial) -> Result<(), Fault> {
    for (failing, errno) in
        [("mq_open", Errno::EMFILE), ("mq_getsetattr", Errno::EBADF), ("mq_timedreceive", Errno::EBADF)]
    {
        trial.sandbox.renew()?;
        let mq = queue(64, 0o600)?;
        mq_send(&mq, MESSAGE, 0)?;
        let mut failed = false;
        let seen = alone(trial, "3600", |call, _| {
            let fails = call == failing && !failed;
            failed |= fails;
            if fails { Choice::Fail(errno) } else { Choice::Go }
        })?;
        let passed = failed && seen.end == End::Exited(1) && seen.wrote == 0;
        let observed = if failed {
            format!("{failing} failed with {errno:?}: {}", seen.told())
        } else {
            format!("it makes no {failing}")
        };
        trial.judge("any-other-failure-ends-with-1", passed, observed);
    }
    Ok(())
}

/// What was seen of a program under the scheduler.
struct Seen {
    end: End,
    wrote: usize,
}

impl Seen {
    fn told(&self) -> String {
        format!("{}, {} bytes written", self.end, self.wrote)
    }
}

/// Runs the program call by call, and looks whether it has the queue open when it is about to end.
fn alone(
    trial: &mut Trial,
    seconds: &str,
    mut decide: impl FnMut(&str, Option<Duration>) -> Choice,
) -> Result<Seen, Fault> {
    let limit = trial.limit();
    let sandbox = &trial.sandbox;
    let mut scheduler = Scheduler::new(sandbox);
    scheduler.start(&["/lab", seconds])?;
    let (mut opened, mut open_at_the_end) = (false, false);
    let end = scheduler.play_with(limit, |pending| {
        let processes = sandbox.processes().unwrap_or_default();
        let open = processes.iter().flat_map(|process| &process.held).any(|held| held == "queue /lab");
        opened |= open;
        open_at_the_end |= open && pending[0].call == "exit_group";
        let receives = pending[0].call == "mq_timedreceive";
        let deadline = receives.then(|| pending[0].timespec(4)).flatten();
        (0, decide(&pending[0].call, deadline))
    })?;
    let wrote = scheduler.program(0).stdout_bytes().len();
    drop(scheduler);
    if opened {
        let observed = if open_at_the_end { "still open before exit_group" } else { "closed" };
        trial.judge("the-queue-is-closed-on-every-way-out", !open_at_the_end, observed);
    }
    Ok(Seen { end: end.into_iter().next().unwrap_or(End::TimedOut(Vec::new())), wrote })
}

fn queue(size: i64, mode: u32) -> Result<Mqd, Fault> {
    Ok(mq_open(c"/lab", O_CREAT | O_EXCL | O_WRONLY, mode, Some(&MqAttr::new(2, size)))?)
}

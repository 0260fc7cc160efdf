//! Every answer that a queue can give.

use crate::finding::{Finding, either, found};
use crate::peer::{create_queue, set_limit, take_messages};
use crate::sandbox::{End, Fault};
use crate::scheduler::{Choice, Pending};
use crate::trial::Trial;
use ipc_workbook::mqueue::{MqAttr, mq_open, mq_send};
use libc::{O_CREAT, O_EXCL, O_WRONLY, c_long};
use nix::errno::Errno::{EBADF, EINTR, EMFILE};
use nix::sys::signal::Signal;
use std::ffi::CString;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Bytes that are not text show whether a program treats the message as text.
const MESSAGE: &[u8] = b"one\0two\n\xff%s";

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    any_bytes(trial)?;
    trial.judge_part("it-waits-and-signals-do-not-end-that", signals)?;
    trial.judge_part("EINTR-leaves-the-deadline", interrupted)?;
    nothing_in_time(trial)?;
    refusals(trial)?;
    other_failures(trial)
}

/// The last queue has longer messages than the usual limit allows, if the sandbox's limit can be raised.
fn any_bytes(trial: &mut Trial) -> Result<(), Fault> {
    const LONGEST: usize = 17_000;
    let long: Vec<u8> = (0..=u8::MAX).cycle().take(LONGEST).collect();
    let raised = set_limit(trial, "fs/mqueue/msgsize_max", LONGEST as u64);
    let last: &[u8] = if raised { &long } else { &long[..8192] };
    for (name, message) in [
        ("/lab", MESSAGE),
        ("/jobs.of today", b"x"),
        ("/empty", b""),
        ("/8192", &long[..8192]),
        ("/long", last),
    ] {
        trial.renew()?;
        let path = CString::new(name).map_err(|_| Fault::new("a name contains a NUL byte"))?;
        let mq = create_queue(&path, 2, c_long::try_from(message.len().max(8)).unwrap_or(8))?;
        mq_send(&mq, message, 1)?;
        mq_send(&mq, b"the next", 0)?;
        let mut program = trial.run(&[name, "0"])?;
        let (end, left) = (program.end(), take_messages(&mq)?);
        let same = program.stdout_bytes() == message;
        let wrote = if same { "the same bytes written" } else { "other bytes written" };
        let rest = if left == ["the next"] { "the next message left" } else { "the next message gone" };
        let observed = format!("{} bytes in {name}: {end}, {wrote}, {rest}", message.len());
        let passed = end.exited(0) && same && left == ["the next"];
        trial.judge("the-message-comes-out-as-it-is", passed, observed);
    }
    Ok(())
}

/// Two signals arrive while it waits, and then a message.
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
    Ok(found(
        same && end.exited(0),
        format!("it waited, even after two signals; then {end}, and it wrote {wrote}"),
    ))
}

/// The call fails twice with EINTR, as after a signal, and time passes.
fn interrupted(trial: &mut Trial) -> Result<Finding, Fault> {
    const GOES_BY: Duration = Duration::from_millis(100);
    const HOUR: Duration = Duration::from_secs(3600);
    trial.renew()?;
    mq_send(&create_queue(c"/lab", 2, 64)?, MESSAGE, 0)?;
    let mut deadlines = Vec::new();
    let begin = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (end, _) = play(trial, "3600", |call| {
        let receives = call.is("mq_timedreceive");
        deadlines.extend(receives.then(|| call.timespec(4)));
        if !receives || deadlines.len() > 2 {
            return Choice::Go;
        }
        std::thread::sleep(GOES_BY);
        Choice::Fail(EINTR)
    })?;
    let calls = deadlines.len();
    if !end.exited(0) || calls < 3 {
        return Ok(Err(format!("EINTR twice, {calls} calls of mq_timedreceive, {end}")));
    }
    let Some((first, last)) = deadlines[0].zip(deadlines[2]) else {
        return Ok(Err("it waits without a deadline".into()));
    };
    let (from_now, moved) = (first.saturating_sub(begin), last.abs_diff(first));
    if from_now.abs_diff(HOUR) > Duration::from_secs(60) {
        return Ok(Err(format!("3600 seconds: the deadline is {} seconds from now", from_now.as_secs())));
    }
    // A program that computes it again from the remaining time gets a slightly different one.
    Ok(found(moved < GOES_BY, format!("the deadline moved by {} ms", moved.as_millis())))
}

fn nothing_in_time(trial: &mut Trial) -> Result<(), Fault> {
    for seconds in ["0", "1"] {
        trial.renew()?;
        create_queue(c"/lab", 2, 64)?;
        let (end, wrote) = play(trial, seconds, |_| Choice::Go)?;
        let right = end.exited(5) && wrote == 0;
        trial.judge("an-empty-queue-is-told", right, format!("{seconds} s: {end}, {wrote} bytes written"));
    }
    Ok(())
}

fn refusals(trial: &mut Trial) -> Result<(), Fault> {
    const LINE: &str = "each-refusal-has-its-exit-code";
    for (what, mode, code) in [("no queue", None, 3), ("a queue of mode 0200", Some(0o200), 4)] {
        trial.renew()?;
        let attr = MqAttr::new(2, 64);
        mode.map(|mode| mq_open(c"/lab", O_CREAT | O_EXCL | O_WRONLY, mode, Some(&attr))).transpose()?;
        let before = trial.objects()?.len();
        let mut program = trial.run(&["/lab", "0"])?;
        let (end, made) = (program.end(), trial.objects()?.len().saturating_sub(before));
        let passed = end.exited(code) && made == 0 && program.stdout_bytes().is_empty();
        trial.judge(LINE, passed, format!("{what}: {end}, {made} new objects"));
    }
    for args in [&[][..], &["/lab"]] {
        let end = trial.run(args)?.end();
        trial.judge(LINE, end.exited(2), format!("{} arguments: {end}", args.len()));
    }
    Ok(())
}

fn other_failures(trial: &mut Trial) -> Result<(), Fault> {
    for (failing, errno) in [("mq_open", EMFILE), ("mq_getsetattr", EBADF), ("mq_timedreceive", EBADF)] {
        trial.renew()?;
        mq_send(&create_queue(c"/lab", 2, 64)?, MESSAGE, 0)?;
        let mut failed = false;
        let (end, wrote) = play(trial, "3600", |call| {
            let fails = call.is(failing) && !failed;
            failed |= fails;
            if fails { Choice::Fail(errno) } else { Choice::Go }
        })?;
        let observed = format!("{failing} fails with {errno:?}: {end}, {wrote} bytes written");
        let observed = if failed { observed } else { format!("{failing} is never called") };
        trial.judge("any-other-failure-ends-with-1", failed && end.exited(1) && wrote == 0, observed);
    }
    Ok(())
}

/// Runs the program call by call. Returns its end, and how many bytes it wrote. Judges whether it closed the
/// queue.
fn play(
    trial: &mut Trial,
    seconds: &str,
    mut choose: impl FnMut(&Pending) -> Choice,
) -> Result<(End, usize), Fault> {
    let (mut opened, mut open_at_the_end) = (false, false);
    let mut scheduler = trial.start_scheduled(&["/lab", seconds])?;
    let ends = scheduler.play_with(|moment| {
        let open = moment.sandbox.is_held("queue /lab")?;
        opened |= open;
        open_at_the_end |= open && moment.call.is("exit_group");
        Ok(choose(moment.call))
    })?;
    let wrote = scheduler.program(0).stdout_bytes().len();
    if opened {
        let closed = either(!open_at_the_end, "closed", "still open before exit_group");
        trial.judge_finding("the-queue-is-closed-on-every-way-out", &closed);
    }
    Ok((ends.first(), wrote))
}

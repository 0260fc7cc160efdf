//! Register, then drain. The grader sends messages between all calls, and looks whenever the program waits.

mod queue;

use crate::finding::{Finding, found};
use crate::peer::take_messages;
use crate::sandbox::{Fault, describe};
use crate::scheduler::{Choice, Now, Pending, Scheduler};
use crate::trial::Trial;
use ipc_workbook::mqueue::{mq_getattr, mq_notify, mq_send};
use ipc_workbook::signal::SigEvent;
use libc::SIGEV_NONE;
use nix::errno::Errno;
use nix::sys::signal::Signal;
use queue::{Queue, Registered};

const SCHEDULES: u64 = 40;
/// More calls than a correct program makes for the messages of one round.
const MOST_CALLS: usize = 150;

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    if !messages(trial)? {
        // A program that does not come to wait shows nothing more.
        return Ok(());
    }
    under_schedules(trial)?;
    trial.judge_part("another-receiver-does-not-block-it", another_receiver)?;
    for later in [false, true] {
        trial.judge_part("EBUSY-ends-it-with-code-3", |trial| another_is_registered(trial, later))?;
        trial.judge_part("an-empty-message-ends-it", |trial| an_empty_message(trial, later))?;
    }
    trial.judge_part("SIGTERM-at-any-call-ends-it", terminated_while_it_waits)?;
    for signal in [Choice::Signal(Signal::SIGTERM), Choice::SignalAfter(Signal::SIGTERM)] {
        trial.judge_part("SIGTERM-at-any-call-ends-it", |trial| terminated_at_each_call(trial, signal))?;
    }
    exit_codes(trial)
}

/// Messages come while it waits, and before it starts. Returns whether it waited the first time.
fn messages(trial: &mut Trial) -> Result<bool, Fault> {
    for (msgsize, at_start) in [(64, 0), (300, 3)] {
        trial.renew()?;
        let mut queue = Queue::create(msgsize)?;
        queue.send(at_start)?;
        let mut scheduler = trial.start_scheduled(&["/lab"])?;
        let mut rounds = Vec::new();
        for more in [1, 3, 2, 0] {
            let waiting = waits(&mut scheduler, &mut queue, |_, _| Ok(()))?;
            rounds.push((queue.is_drained(&scheduler.program(0).stdout())?, waiting));
            queue.send(more)?;
        }
        let is_up = scheduler.program(0).ended().is_none() && scheduler.next_call(0).is_none();
        drop(scheduler);
        for (drained, waiting) in rounds {
            trial.judge_finding("each-message-is-written", &drained);
            trial.judge_finding("it-waits-for-a-notification", &waiting);
        }
        if !is_up {
            // With messages of 64 bytes it has waited, so the other lines can be checked.
            return Ok(at_start > 0);
        }
    }
    Ok(true)
}

/// In each round, one message causes the notification, and others come just before some of its calls.
fn under_schedules(trial: &mut Trial) -> Result<(), Fault> {
    trial.under_schedules(SCHEDULES, |scheduler| {
        let mut queue = Queue::create(64)?;
        let mut random = scheduler.random();
        scheduler.start(&["/lab"])?;
        let mut finding = Ok(String::new());
        for _ in 0..3 {
            queue.send(1)?;
            let mut more = 4;
            let waiting = waits(scheduler, &mut queue, |queue, _| {
                let here = more > 0 && random.pick(2) == 0;
                more -= i32::from(here);
                queue.send(usize::from(here))
            })?;
            let drained = queue.is_drained(&scheduler.program(0).stdout())?;
            finding = drained.and_then(|drained| waiting.map(|waiting| format!("{drained}; {waiting}")));
            if finding.is_err() {
                break;
            }
        }
        Ok(vec![("no-schedule-loses-a-message", finding)])
    })
}

/// Each time the program is about to receive the first message of a round, another process takes it first.
fn another_receiver(trial: &mut Trial) -> Result<Finding, Fault> {
    trial.renew()?;
    let mut queue = Queue::create(64)?;
    let mut scheduler = trial.start_scheduled(&["/lab"])?;
    let mut written = 0;
    for is_taken in [true, true, false] {
        mq_send(&queue.mq, b"a message", 0)?;
        let waiting = waits(&mut scheduler, &mut queue, |queue, call| {
            if is_taken && call.is("mq_timedreceive") { take_messages(&queue.mq).map(drop) } else { Ok(()) }
        })?;
        if let Err(why) = waiting {
            return Ok(Err(why));
        }
        written = scheduler.program(0).stdout().lines().count();
    }
    Ok(found(written == 1, format!("two messages taken by another process, and {written} written")))
}

/// The grader registers before the program starts, or after the notification and before the program
/// registers again.
fn another_is_registered(trial: &mut Trial, later: bool) -> Result<Finding, Fault> {
    trial.renew()?;
    let mut queue = Queue::create(64)?;
    let mut scheduler = trial.scheduler();
    if later {
        scheduler.start(&["/lab"])?;
        if let Err(why) = waits(&mut scheduler, &mut queue, |_, _| Ok(()))? {
            return Ok(Err(why));
        }
    }
    queue.send(2)?;
    if let Err(errno) = mq_notify(&queue.mq, Some(&SigEvent::None)) {
        return Ok(Err(format!("after a message, mq_notify of another process fails with {errno:?}")));
    }
    let registered = queue.registered()?;
    if !later {
        scheduler.start(&["/lab"])?;
    }
    scheduler.with_at_most(MOST_CALLS).until_all_wait()?;
    let (end, written) = (scheduler.ends_now()?.first(), scheduler.program(0).stdout());
    let stays = queue.registered()? == registered;
    let kept = queue.is_complete(&written)? && (later || written.is_empty());
    let stays_registered = if stays { "stays registered" } else { "is not registered any more" };
    let is_kept = if kept { "no message was lost" } else { "messages are gone" };
    let when = if later { "after a notification" } else { "at the start" };
    let observed =
        format!("another process registers {when}: {end}, {is_kept}, that process {stays_registered}");
    Ok(found(end.exited(3) && stays && kept, observed))
}

/// Three messages come together, and the second one is empty.
fn an_empty_message(trial: &mut Trial, while_it_waits: bool) -> Result<Finding, Fault> {
    trial.renew()?;
    let mut queue = Queue::create(64)?;
    let before = trial.objects()?;
    let mut scheduler = trial.scheduler();
    if while_it_waits {
        scheduler.start(&["/lab"])?;
        scheduler.with_at_most(MOST_CALLS).until_all_wait()?;
    }
    queue.send(1)?;
    mq_send(&queue.mq, b"", 0)?;
    queue.send(1)?;
    if !while_it_waits {
        scheduler.start(&["/lab"])?;
    }
    scheduler.with_at_most(MOST_CALLS).until_all_wait()?;
    let (end, written) = (scheduler.ends_now()?.first(), scheduler.program(0).stdout());
    let after = trial.objects()?;
    let alone = after.len() == 1 && after.still_have(&before);
    let left = mq_getattr(&queue.mq)?.mq_curmsgs;
    let pid = queue.registered()?.pid;
    let right = end.exited(0) && queue.is_complete(&written)? && left == 1 && alone && pid == 0;
    let objects = after.or("no object");
    let observed =
        format!("{end}, {written:?} written, {left} messages left, NOTIFY_PID {pid}; there is {objects}");
    Ok(found(right, observed))
}

fn terminated_while_it_waits(trial: &mut Trial) -> Result<Finding, Fault> {
    trial.renew()?;
    let queue = Queue::create(64)?;
    let mut scheduler = trial.start_scheduled(&["/lab"])?;
    scheduler.with_at_most(MOST_CALLS).until_all_wait()?;
    scheduler.program(0).kill(Signal::SIGTERM);
    scheduler.until_all_wait()?;
    let (end, written) = (scheduler.ends_now()?.first(), scheduler.program(0).stdout());
    queue.ends_well(&end, &written, "while it waits")
}

/// Two messages are in the queue at the start, and two more come when the program waits.
fn terminated_at_each_call(trial: &mut Trial, signal: Choice) -> Result<Finding, Fault> {
    let when = if matches!(signal, Choice::Signal(_)) { "before" } else { "on return from" };
    trial.at_each_call(|trial, n| {
        let mut queue = Queue::create(64)?;
        queue.send(2)?;
        let (mut calls, mut at, mut more) = (0, None, 2);
        let mut scheduler = trial.start_scheduled(&["/lab"])?;
        let ends = scheduler.play_as_peer(|now| match now {
            // Counted from the first mq_notify on.
            Now::Before(moment) if calls > 0 || moment.call.is("mq_notify") => {
                calls += 1;
                if calls != n + 1 {
                    return Ok(Choice::Go);
                }
                at = Some(moment.call.name.clone());
                Ok(signal)
            }
            Now::AllWait if at.is_none() && more == 0 => Ok(Choice::Kill),
            Now::AllWait if at.is_none() => {
                queue.send(std::mem::take(&mut more))?;
                Ok(Choice::Go)
            }
            _ => Ok(Choice::Go),
        })?;
        let Some(call) = at else { return Ok(None) };
        let written = scheduler.program(0).stdout();
        queue.ends_well(&ends.first(), &written, &format!("{when} {call}")).map(Some)
    })
}

fn exit_codes(trial: &mut Trial) -> Result<(), Fault> {
    for (args, code) in [(&["/none"][..], 1), (&[], 2), (&["/lab", "/lab"], 2)] {
        trial.renew()?;
        let program = trial.run(args)?;
        let (end, objects) = (program.end(), trial.objects()?);
        let observed = format!("{args:?}: {end}, {}", objects.or("no object"));
        trial.judge("each-failure-has-its-exit-code", end.exited(code) && objects.is_empty(), observed);
    }
    Ok(())
}

/// Lets the program run until it waits; `act` is called before each call. The finding says whether it waits
/// for a notification.
fn waits(
    scheduler: &mut Scheduler,
    queue: &mut Queue,
    mut act: impl FnMut(&mut Queue, &Pending) -> Result<(), Errno>,
) -> Result<Finding, Fault> {
    scheduler.with_at_most(MOST_CALLS);
    if !scheduler.until_all_wait_with(|moment| Ok(act(queue, moment.call)?))? {
        return Ok(Err(format!("it does not wait, and makes {MOST_CALLS} calls, one after the other")));
    }
    if let Some(end) = scheduler.program(0).ended() {
        return Ok(Err(format!("it does not wait: {end}")));
    }
    let processes = scheduler.sandbox().processes()?;
    let Registered { notify, pid } = queue.registered()?;
    let sleeps_in = |calls: &[&str]| processes.iter().any(|process| process.sleeps_in(calls));
    let is_it = processes.iter().any(|process| process.pid == pid);
    let place = describe(&processes);
    Ok(if sleeps_in(&["mq_timedreceive", "nanosleep", "clock_nanosleep"]) {
        Err(format!("it waits for something else than a notification: {place}"))
    } else if !is_it {
        Err(format!("NOTIFY_PID is {pid}, which is not the program: {place}"))
    } else {
        found(notify != SIGEV_NONE, format!("it is registered, with NOTIFY {notify}: {place}"))
    })
}

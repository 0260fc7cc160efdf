//! Priority without starvation. The grader fills the two queues, and takes what arrives in the third one.

mod queues;

use crate::finding::{Finding, Flaw, found};
use crate::sandbox::{End, Fault};
use crate::scheduler::{Choice, Now, Scheduler};
use crate::trial::Trial;
use ipc_workbook::mqueue::{Mqd, mq_getattr, mq_send};
use nix::errno::Errno;
use queues::Queues;
use std::collections::BTreeSet;

const ARGS: [&str; 3] = ["/urgent", "/bulk", "/out"];
const CAN_WAIT: &str =
    "mq_timedreceive mq_timedsend poll ppoll select pselect6 epoll_wait epoll_pwait rt_sigtimedwait";
/// A program that makes more calls than this for a few messages is in an endless loop.
const CALLS: usize = 400;

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    unchanged(trial)?;
    in_order(trial)?;
    a_steady_flow(trial)?;
    trial.judge_part("it-waits-for-both-queues-at-once", both_are_empty)?;
    trial.judge_part("a-full-OUT-makes-it-wait", out_is_full)?;
    killed(trial)?;
    interrupted(trial)?;
    trial.judge_part("it-ends-after-both-queues-have-ended", one_ends_first)?;
    exit_codes(trial)
}

/// Messages of all lengths, with any bytes and priorities. The end has the lowest priority, so it comes last.
fn unchanged(trial: &mut Trial) -> Result<(), Fault> {
    const LINE: &str = "each-message-arrives-unchanged";
    trial.renew()?;
    let queues = Queues::new()?;
    let long: Vec<u8> = (0..64).collect();
    let sent: [(&Mqd, &[u8]); 5] = [
        (&queues.urgent, b"u"),
        (&queues.urgent, b"a\0b"),
        (&queues.urgent, b"\0"),
        (&queues.bulk, &long),
        (&queues.bulk, b"bulk\n"),
    ];
    for (n, (queue, bytes)) in (1..).zip(sent) {
        mq_send(queue, bytes, n)?;
    }
    queues.end_both()?;
    let end = play(&mut trial.scheduler(), |_| Ok(Choice::Go))?;
    let arrived = queues.arrived()?;
    let bytes: BTreeSet<&[u8]> = arrived.iter().map(|(bytes, _)| &bytes[..]).collect();
    let whole = arrived.len() == sent.len() && bytes == sent.iter().map(|(_, bytes)| *bytes).collect();
    let priorities: BTreeSet<u32> = arrived.iter().map(|(_, priority)| *priority).collect();
    let seen =
        format!("{} messages of {}, with the priorities {priorities:?}; {end}", arrived.len(), sent.len());
    let seen = if whole { seen } else { format!("{seen}; not the same messages") };
    trial.judge(LINE, whole && priorities.into_iter().eq([0]), seen);
    Ok(())
}

fn in_order(trial: &mut Trial) -> Result<(), Fault> {
    for (line, urgent, bulk, want) in [
        ("urgent-messages-come-first", 3, 3, "uuubbb"),
        ("urgent-messages-come-first", 1, 2, "ubb"),
        ("after-four-urgent-messages-comes-a-bulk-message", 9, 4, "uuuubuuuububb"),
    ] {
        trial.renew()?;
        let queues = Queues::new()?;
        queues.fill(urgent, bulk)?;
        queues.end_both()?;
        let mut got = String::new();
        let end = play(&mut trial.scheduler(), |_| {
            got += &queues.letters()?;
            Ok(Choice::Go)
        })?;
        got += &queues.letters()?;
        trial.judge(line, got == want, format!("{got} instead of {want}; {end}"));
    }
    Ok(())
}

/// There is always an urgent message, before each call.
fn a_steady_flow(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let queues = Queues::new()?;
    queues.fill(1, 5)?;
    let mut got = String::new();
    play(&mut trial.scheduler(), |_| {
        got += &queues.letters()?;
        if mq_getattr(&queues.urgent)?.mq_curmsgs == 0 {
            mq_send(&queues.urgent, b"u", 0)?;
        }
        Ok(if got.len() < 25 { Choice::Go } else { Choice::Kill })
    })?;
    let held = got.starts_with(&"uuuub".repeat(5));
    trial.judge("after-four-urgent-messages-comes-a-bulk-message", held, format!("in a steady flow: {got}"));
    Ok(())
}

/// Both queues are empty at first. Then a message arrives in one of them, and later in the other.
fn both_are_empty(trial: &mut Trial) -> Result<Finding, Fault> {
    for order in [["u", "b", "u"], ["b", "u", "b"]] {
        trial.renew()?;
        let queues = Queues::new()?;
        let mut scheduler = trial.start_scheduled(&ARGS)?;
        scheduler.with_at_most(CALLS);
        for message in order {
            if !at_rest(&mut scheduler)? {
                return Ok(Err("it makes calls again and again, or has ended".into()));
            }
            mq_send(if message == "u" { &queues.urgent } else { &queues.bulk }, message.as_bytes(), 0)?;
            let rests = at_rest(&mut scheduler)?;
            let got = queues.letters()?;
            if got != message || !rests {
                return Ok(Err(format!("a message {message} arrives while it waits: {got:?} in /OUT")));
            }
        }
    }
    Ok(Ok("it waits, and a message in either queue ends this wait".into()))
}

fn out_is_full(trial: &mut Trial) -> Result<Finding, Fault> {
    trial.renew()?;
    let queues = Queues::new()?;
    while mq_send(&queues.out, b"x", 0).is_ok() {}
    queues.fill(3, 0)?;
    let mut scheduler = trial.start_scheduled(&ARGS)?;
    let rests = at_rest(scheduler.with_at_most(CALLS))?;
    let left = mq_getattr(&queues.urgent)?.mq_curmsgs;
    let first = queues.letters()?;
    at_rest(&mut scheduler)?;
    let got = (first + &queues.letters()?).replace('x', "");
    let seen = format!("{left} of 3 messages are left, and {got:?} arrives when there is room");
    let seen = if rests { seen } else { format!("it makes calls again and again, or has ended; {seen}") };
    Ok(found(rests && left >= 2 && got == "uuu", seen))
}

fn killed(trial: &mut Trial) -> Result<(), Fault> {
    let finding = trial.at_each_call(|trial, n| {
        let queues = Queues::new()?;
        for message in 1..=3_u8 {
            mq_send(&queues.urgent, &[message], 1)?;
            mq_send(&queues.bulk, &[10 + message], 1)?;
        }
        queues.end_both()?;
        let Some(call) = trial.kill_before_call(n, trial.sandbox.program(&ARGS))? else { return Ok(None) };
        queues.end_both()?; // the killed run may have taken the first ones
        let next = trial.run(&ARGS)?;
        let arrived = queues.arrived()?;
        let different: BTreeSet<&[u8]> = arrived.iter().map(|(bytes, _)| &bytes[..]).collect();
        let held = different.len() >= 5 && different.len() == arrived.len() && next.exited(0);
        let seen = format!("{} of 6 messages, {} different ones", arrived.len(), different.len());
        Ok(Some(found(held, format!("killed before call {} ({call}): {seen}; then {}", n + 1, next.end()))))
    })?;
    trial.judge_finding("a-kill-loses-at-most-one-message", &finding);
    Ok(())
}

/// Each kind of call that can wait fails once.
fn interrupted(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let queues = Queues::new()?;
    let mut interrupted = BTreeSet::new();
    let mut filled = false;
    let end = play(&mut trial.scheduler(), |now| match now {
        Now::Before(moment) if CAN_WAIT.split(' ').any(|call| moment.call.is(call)) => {
            let is_first = interrupted.insert(moment.call.name.clone());
            Ok(if is_first { Choice::Fail(Errno::EINTR) } else { Choice::Go })
        }
        Now::Before(_) => Ok(Choice::Go),
        Now::AllWait => {
            if !std::mem::replace(&mut filled, true) {
                queues.fill(2, 2)?;
                queues.end_both()?;
            }
            Ok(Choice::Go)
        }
    })?;
    let got = queues.letters()?;
    let all = ["u", "b"].iter().all(|letter| got.matches(letter).count() == 2);
    let held = all && end.exited(0) && !interrupted.is_empty();
    let calls: Vec<&str> = interrupted.iter().map(String::as_str).collect();
    trial.judge(
        "EINTR-does-not-end-it",
        held,
        format!("EINTR from {}: {got:?} in /OUT; {end}", calls.join(", ")),
    );
    Ok(())
}

/// After the end of one queue, another message arrives there, and more arrive in the other queue.
fn one_ends_first(trial: &mut Trial) -> Result<Finding, Fault> {
    for first in ["u", "b"] {
        trial.renew()?;
        let queues = Queues::new()?;
        let both = [&queues.urgent, &queues.bulk];
        let ([ended, other], letter) = if first == "u" { (both, "b") } else { ([both[1], both[0]], "u") };
        let mut scheduler = trial.start_scheduled(&ARGS)?;
        mq_send(ended, b"", 0)?;
        mq_send(ended, b"late", 0)?;
        let mut flaw = Flaw::default();
        flaw.seen_if(!at_rest(scheduler.with_at_most(CALLS))?, || "it does not wait for the other queue");
        mq_send(other, letter.as_bytes(), 0)?;
        flaw.seen_if(!at_rest(&mut scheduler)?, || "it does not wait for the other queue");
        let got = queues.letters()?;
        flaw.seen_if(got != letter, || format!("then {letter} is sent, and {got:?} arrives"));
        mq_send(other, b"", 0)?;
        let end = scheduler.play_briefly()?.first();
        flaw.seen_if(!end.exited(0), || format!("both have ended: {end}"));
        drop(scheduler);
        let stay = trial.objects()?.len() == 3 && mq_getattr(ended)?.mq_curmsgs == 1;
        flaw.seen_if(!stay, || "a queue is gone, or the message after the end was taken");
        if let Err(flaw) = flaw.or("") {
            return Ok(Err(format!("{first} ends first: {flaw}")));
        }
    }
    Ok(Ok("it ends after both".into()))
}

fn exit_codes(trial: &mut Trial) -> Result<(), Fault> {
    for (args, code) in
        [(&ARGS[..2], 2), (&["/urgent", "/bulk", "/none"], 1), (&["/none", "/bulk", "/out"], 1)]
    {
        trial.renew()?;
        let queues = Queues::new()?;
        queues.end_both()?;
        let program = trial.run(args)?;
        let right = program.exited(code) && trial.objects()?.len() == 3;
        let observed = format!("{}: {}", args.join(" "), program.end());
        trial.judge("it-ends-after-both-queues-have-ended", right, observed);
    }
    Ok(())
}

/// Lets the program run until it waits. Returns false if it polls, or has ended.
fn at_rest(scheduler: &mut Scheduler) -> Result<bool, Fault> {
    Ok(scheduler.until_all_wait()? && scheduler.program(0).ended().is_none())
}

/// Plays one program to its end.
fn play(scheduler: &mut Scheduler, act: impl FnMut(Now) -> Result<Choice, Fault>) -> Result<End, Fault> {
    scheduler.with_at_most(CALLS).start(&ARGS)?;
    Ok(scheduler.play_as_peer(act)?.first())
}

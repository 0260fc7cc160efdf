//! A consumer with a deadline. Time does not pass by itself in the sandbox, so the grader decides how much of
//! it passes before a message arrives, and sees exactly how long the program worked.

use crate::finding::{Finding, either, found, observed};
use crate::peer::{create_queue, take_messages};
use crate::sandbox::{Fault, Running, Sandbox};
use crate::scheduler::{Choice, Pending};
use crate::trial::Trial;
use ipc_workbook::mqueue::{Mqd, mq_send};
use nix::errno::Errno;
use std::time::Duration;

/// The calls in which a program can wait for a message and for the time.
const WAITS: [&str; 8] =
    ["mq_timedreceive", "poll", "ppoll", "select", "pselect6", "epoll_wait", "epoll_pwait", "epoll_pwait2"];

/// How much later than its deadline a program may end: it must be started, and this machine may be busy.
const LATER: Duration = Duration::from_secs(3);

/// The deadline of a run in which the grader lets time pass, and its argument.
const TEN: Duration = Duration::from_secs(10);
const TEN_SECONDS: [&str; 2] = ["/lab", "10000"];

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    until_the_end(trial)?;
    trial.judge_part("it-waits-in-the-kernel", it_waits)?;
    until_the_deadline(trial)?;
    messages_arrive(trial)?;
    trial.judge_part("EINTR-does-not-move-the-deadline", is_interrupted)?;
    time_passes_among_messages(trial)?;
    exit_codes(trial)
}

fn until_the_end(trial: &mut Trial) -> Result<(), Fault> {
    let long = "0123456789abcdef0123456789abcdef";
    for before in [vec!["one", "", long, "two"], vec!["ending", "en", "END"], vec![]] {
        trial.renew()?;
        let queue = queue_with(&[&before[..], &["end", "three", "end"]].concat())?;
        let mut program = trial.run(&["/lab", "100000"])?;
        let (lines, left) = (lines(&mut program), take_messages(&queue)?);
        let objects = trial.objects()?;
        let stays = objects.queue().is_some() && objects.len() == 1;
        let right = lines == before && left == ["three", "end"] && stays && program.exited(0);
        let (end, objects) = (program.end(), objects.or("no object"));
        let observed = format!("{before:?} and end: written {lines:?}, left {left:?} and {objects}; {end}");
        trial.judge("messages-are-written-until-the-end", right, observed);
    }
    Ok(())
}

fn it_waits(trial: &mut Trial) -> Result<Finding, Fault> {
    trial.renew()?;
    let queue = queue_with(&[])?;
    let mut program = trial.start(&TEN_SECONDS)?;
    for message in ["hello", "", "end"] {
        if let Err(flaw) = trial.waits_in(&mut program, &WAITS)? {
            return Ok(Err(format!("before {message:?} it does not wait for a message: {flaw}")));
        }
        mq_send(&queue, message.as_bytes(), 0)?;
    }
    let end = trial.wait(&mut program)?;
    let lines = lines(&mut program);
    Ok(found(lines == ["hello", ""] && end.exited(0), format!("it waits, and writes {lines:?}; {end}")))
}

fn until_the_deadline(trial: &mut Trial) -> Result<(), Fault> {
    for milliseconds in [1, 999, 1999, 2000, 100_000] {
        trial.renew()?;
        let _queue = queue_with(&[])?;
        let begin = trial.sandbox.clock().now();
        let mut program = trial.run(&["/lab", &milliseconds.to_string()])?;
        let time = is_in_time(&trial.sandbox, begin, Duration::from_millis(milliseconds));
        let right = lines(&mut program).is_empty() && program.exited(4);
        let observed = format!("{milliseconds} milliseconds: {}; {}", observed(&time), program.end());
        trial.judge("the-program-ends-at-its-deadline", right && time.is_ok(), observed);
    }
    Ok(())
}

/// A message arrives after four seconds of ten, and another one after eight.
fn messages_arrive(trial: &mut Trial) -> Result<(), Fault> {
    const LINE: &str = "a-message-does-not-move-the-deadline";
    trial.renew()?;
    let queue = queue_with(&[])?;
    let begin = trial.sandbox.clock().now();
    let mut program = trial.start(&TEN_SECONDS)?;
    for message in ["after four seconds", "after eight seconds"] {
        if let Err(flaw) = trial.waits_in(&mut program, &WAITS)? {
            trial.judge(LINE, false, format!("it does not wait for the message {message:?}: {flaw}"));
            return Ok(());
        }
        trial.sandbox.let_pass(Duration::from_secs(4))?;
        mq_send(&queue, message.as_bytes(), 0)?;
    }
    let end = trial.wait(&mut program)?;
    let time = is_in_time(&trial.sandbox, begin, TEN);
    let lines = lines(&mut program);
    let right = lines == ["after four seconds", "after eight seconds"] && end.exited(4) && time.is_ok();
    trial.judge(LINE, right, format!("{}, with {lines:?}; {end}", observed(&time)));
    Ok(())
}

/// After six seconds of ten, the first call that waits fails.
fn is_interrupted(trial: &mut Trial) -> Result<Finding, Fault> {
    trial.renew()?;
    let _queue = queue_with(&[])?;
    let begin = trial.sandbox.clock().now();
    let mut scheduler = trial.start_scheduled(&TEN_SECONDS)?;
    let waits = |next: &Pending| Ok(WAITS.iter().any(|call| next.is(call)));
    // A program that waits in poll for a timer, too, makes no call with a limit that could be interrupted.
    let before_a_wait = scheduler.advance_until(0, waits)?;
    trial.sandbox.let_pass(Duration::from_secs(6))?;
    if before_a_wait {
        scheduler.choose(0, Choice::Fail(Errno::EINTR))?;
    }
    let ends = scheduler.play_as_peer(|_| Ok(Choice::Go))?;
    let time = is_in_time(&trial.sandbox, begin, TEN);
    Ok(found(ends.are(&[4]) && time.is_ok(), format!("{}; {ends}", observed(&time))))
}

/// Five messages are there, and the time is over when the program has received the first of them.
fn time_passes_among_messages(trial: &mut Trial) -> Result<(), Fault> {
    const SENT: [&str; 5] = ["one", "two", "three", "four", "five"];
    trial.renew()?;
    let queue = queue_with(&SENT)?;
    let mut scheduler = trial.start_scheduled(&TEN_SECONDS)?;
    if scheduler.advance_to(0, "mq_timedreceive")? {
        scheduler.go(0)?;
    }
    trial.sandbox.let_pass(TEN + TEN)?;
    let ends = scheduler.play_as_peer(|_| Ok(Choice::Go))?;
    let lines = lines(scheduler.program(0));
    let left = take_messages(&queue)?;
    let observed = format!("written {lines:?}, left {left:?}; {ends}");
    let in_time = (3..SENT.len()).contains(&left.len()) && ends.are(&[4]);
    trial.judge("after-the-deadline-nothing-is-received", in_time, &observed);
    let all = [lines.clone(), left].concat() == SENT;
    trial.judge("no-message-is-lost", all && !lines.is_empty() && ends.are(&[4]), observed);
    Ok(())
}

fn exit_codes(trial: &mut Trial) -> Result<(), Fault> {
    let few: &[&str] = &["/lab"];
    for (args, code) in [
        (few, 2),
        (&["/lab", "0"], 2),
        (&["/lab", "-5"], 2),
        (&["/lab", "5s"], 2),
        (&["/another", "1"], 3),
        (&["/lab/no", "1"], 1),
    ] {
        trial.renew()?;
        let queue = queue_with(&["stays"])?;
        let mut program = trial.run(args)?;
        let stays = take_messages(&queue)? == ["stays"] && trial.objects()?.len() == 1;
        let right = stays && lines(&mut program).is_empty() && program.exited(code);
        let what = if stays { "the queue is unchanged" } else { "the queue has changed" };
        trial.judge(
            "each-end-has-its-exit-code",
            right,
            format!("{}: {}; {what}", args.join(" "), program.end()),
        );
    }
    Ok(())
}

fn queue_with(messages: &[&str]) -> Result<Mqd, Fault> {
    let queue = create_queue(c"/lab", 8, 32)?;
    for message in messages {
        mq_send(&queue, message.as_bytes(), 0)?;
    }
    Ok(queue)
}

/// Returns what the program has written, without the newlines.
fn lines(program: &mut Running) -> Vec<String> {
    program.stdout().lines().map(String::from).collect()
}

/// Checks that the time from `begin` to now is as long as it should be.
fn is_in_time(sandbox: &Sandbox, begin: Duration, should: Duration) -> Finding {
    let took = sandbox.clock().now().saturating_sub(begin);
    let shown = format!("it took {}.{:03} seconds", took.as_secs(), took.subsec_millis());
    either(took >= should && took < should + LATER, &shown, &shown)
}

//! A dispatcher: messages of several queues go into one. The grader sends, receives, and interrupts.

use crate::finding::found;
use crate::sandbox::Fault;
use crate::scheduler::{Choice, Now};
use crate::trial::Trial;
use ipc_workbook::mqueue::mq_getattr;
use nix::sys::signal::Signal::SIGTERM;
use queues::{Queues, take};
use std::ffi::CStr;

mod queues;

const OUT: &CStr = c"/out";
const INPUTS: [&CStr; 3] = [c"/in1", c"/in2", c"/in3"];
const ARGS: [&str; 4] = ["/out", "/in1", "/in2", "/in3"];
/// How many messages of a busy input may come before the message of another one.
const FAIR: usize = 16;
/// A program that makes so many calls while nothing happens is in a loop.
const IDLE_CALLS: usize = 40;

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    moved(trial)?;
    nothing_to_do(trial)?;
    full_output(trial)?;
    waiting_senders(trial)?;
    busy_input(trial)?;
    faster_receiver(trial)?;
    sigterm(trial)?;
    sigterm_while_it_waits(trial)?;
    exit_codes(trial)
}

/// Some messages are there from the beginning, others come while the program waits.
fn moved(trial: &mut Trial) -> Result<(), Fault> {
    let mut queues = Queues::new(trial, 8)?;
    queues.send(0, b"there before", 7)?;
    queues.send(2, b"", 0)?;
    let mut later =
        vec![(1, &b"while it waits"[..], 32767), (0, b"a\0b", 1), (2, &[b'x'; 64], 3), (1, b"last", 0)];
    later.reverse();
    let end = queues.serve(trial, |queues, now| {
        if now.all_wait() && queues.all_moved() {
            let Some((input, text, priority)) = later.pop() else { return Ok(Choice::Kill) };
            queues.send(input, text, priority)?;
        }
        Ok(Choice::Go)
    })?;
    trial.judge_finding("each-message-is-moved", &queues.all_arrived(later.is_empty(), &end));
    Ok(())
}

fn nothing_to_do(trial: &mut Trial) -> Result<(), Fault> {
    let mut queues = Queues::new(trial, 8)?;
    queues.send(0, b"the only one", 0)?;
    let end = queues.serve(trial, |_, _| Ok(Choice::Go))?;
    let finding = queues.all_arrived(!queues.loops, &end);
    trial.judge_finding("it-sleeps-while-there-is-nothing-to-do", &finding);
    Ok(())
}

/// There is room for two messages. The grader takes one whenever the program waits.
fn full_output(trial: &mut Trial) -> Result<(), Fault> {
    let mut queues = Queues::new(trial, 2)?;
    queues.takes_at_once = false;
    for n in 0..4 {
        queues.send(0, format!("a{n}").as_bytes(), 0)?;
        queues.send(1, format!("b{n}").as_bytes(), 0)?;
    }
    let end = queues.serve(trial, |queues, now| {
        if now.all_wait() && !queues.take_one()? {
            return Ok(Choice::Kill);
        }
        Ok(Choice::Go)
    })?;
    let finding = queues.all_arrived(!queues.loops && queues.is_in_order(), &end);
    trial.judge_finding("it-sleeps-while-the-output-is-full", &finding);
    Ok(())
}

/// The input is full, and a sender waits with more messages.
fn waiting_senders(trial: &mut Trial) -> Result<(), Fault> {
    let mut queues = Queues::new(trial, 8)?;
    let _sender = queues.fill_and_wait(1, 6)?;
    let end = queues.serve(trial, |queues, now| {
        Ok(if now.all_wait() && queues.all_moved() { Choice::Kill } else { Choice::Go })
    })?;
    let finding = queues.all_arrived(queues.is_in_order(), &end);
    trial.judge_finding("a-sender-that-waits-is-served", &finding);
    Ok(())
}

/// Whenever the program has taken a message from one input, the next one is there.
fn busy_input(trial: &mut Trial) -> Result<(), Fault> {
    for (busy, quiet) in [(0, 1), (2, 0)] {
        let mut queues = Queues::new(trial, 8)?;
        queues.send(busy, b"busy", 0)?;
        queues.send(quiet, b"quiet", 0)?;
        let end = queues.serve(trial, |queues, _| {
            if queues.has("quiet") || queues.moved.len() > 2 * FAIR {
                return Ok(Choice::Kill);
            }
            if mq_getattr(&queues.inputs[busy])?.mq_curmsgs < 2 {
                queues.send(busy, b"busy", 0)?;
            }
            Ok(Choice::Go)
        })?;
        let before = queues.moved.iter().position(|(text, _)| text == b"quiet");
        let observed = match before {
            Some(before) => format!("{before} messages of the busy input came before the other message"),
            None => {
                format!("{} messages of the busy input, and not the other message; {end}", queues.moved.len())
            }
        };
        trial.judge("a-busy-input-starves-no-other", before.is_some_and(|n| n <= FAIR), observed);
    }
    Ok(())
}

/// Just before the program receives, the grader takes the message. Then another input gets one.
fn faster_receiver(trial: &mut Trial) -> Result<(), Fault> {
    let mut queues = Queues::new(trial, 8)?;
    let mut step = 0;
    let end = queues.serve(trial, |queues, now| {
        if step == 0 && now.all_wait() {
            queues.send(0, b"taken by another", 0)?;
            step = 1;
        } else if step == 1 && now.is_before("mq_timedreceive") && take(&queues.inputs[0])?.is_some() {
            queues.sent.clear();
            step = 2;
        } else if step == 2 && now.all_wait() {
            queues.send(1, b"next", 0)?;
            step = 3;
        } else if now.all_wait() && queues.all_moved() {
            return Ok(Choice::Kill);
        }
        Ok(Choice::Go)
    })?;
    // A program whose mq_receive waited from the beginning could not be overtaken.
    trial.judge_finding("another-receiver-may-be-faster", &queues.all_arrived(step == 1 || step == 3, &end));
    Ok(())
}

/// SIGTERM comes before each call, or while it is made. The output is full part of the time.
fn sigterm(trial: &mut Trial) -> Result<(), Fault> {
    for (when, choice) in [("before", Choice::Signal(SIGTERM)), ("during", Choice::SignalAfter(SIGTERM))] {
        let finding = trial.at_each_call(|trial, n| {
            let mut queues = Queues::new(trial, 2)?;
            queues.takes_at_once = false;
            for (input, text) in [(0, "a0"), (0, "a1"), (0, "a2"), (1, "b0")] {
                queues.send(input, text.as_bytes(), 0)?;
            }
            let (mut calls, mut at) = (0, None);
            let end = queues.serve(trial, |queues, now| match now {
                Now::Before(moment) if calls == n => {
                    calls += 1;
                    at = Some(moment.call.name.clone());
                    Ok(choice)
                }
                Now::Before(_) => {
                    calls += 1;
                    Ok(Choice::Go)
                }
                Now::AllWait if at.is_none() && queues.take_one()? => Ok(Choice::Go),
                Now::AllWait => Ok(Choice::Kill),
            })?;
            let Some(call) = at else {
                let without =
                    queues.all_arrived(true, &end).map_err(|seen| format!("without SIGTERM: {seen}"));
                return Ok(without.is_err().then_some(without));
            };
            let finding = queues.nothing_lost(&end)?;
            let say = |observed| format!("SIGTERM {when} {call}: {observed}");
            Ok(Some(finding.map(say).map_err(say)))
        })?;
        let finding = finding.map(|calls| format!("nothing lost by SIGTERM {when} {calls}"));
        trial.judge_finding("SIGTERM-ends-it-and-loses-nothing", &finding);
    }
    Ok(())
}

/// SIGTERM comes while the program waits: for a message, and for room.
fn sigterm_while_it_waits(trial: &mut Trial) -> Result<(), Fault> {
    for messages in [0, 4] {
        let mut queues = Queues::new(trial, 2)?;
        for _ in 0..messages {
            queues.send(1, b"a", 0)?;
        }
        let mut program = trial.start(&ARGS)?;
        let filled = trial.comes_to(&mut program, || Ok(messages == 0 || queues.left()? <= 2))?;
        trial.processes_at_rest()?;
        program.kill(SIGTERM);
        let end = trial.wait(&mut program)?;
        let finding = queues.nothing_lost(&end)?.and_then(|seen| found(filled && end.exited(0), seen));
        trial.judge_finding("SIGTERM-ends-it-and-loses-nothing", &finding);
    }
    Ok(())
}

fn exit_codes(trial: &mut Trial) -> Result<(), Fault> {
    let few: &[&str] = &["/out"];
    for (args, code) in [(few, 2), (&["/out", "/in1", "/none"], 1), (&["/none", "/in1"], 1)] {
        let mut queues = Queues::new(trial, 8)?;
        queues.send(0, b"stays here", 0)?;
        let program = trial.run(args)?;
        let stays = queues.rest()? == queues.sent;
        let what = if stays { "the message is still there" } else { "the message has been moved" };
        let observed = format!("{}: {}, {what}", args.join(" "), program.end());
        trial.judge("each-failure-has-its-exit-code", stays && program.exited(code), observed);
    }
    Ok(())
}

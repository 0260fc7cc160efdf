//! Recovery from a program's own crash.

use crate::finding::{Finding, either, found};
use crate::peer::take_messages;
use crate::sandbox::{Ends, Fault, Objects};
use crate::trial::Trial;
use ipc_workbook::mqueue::{mq_getattr, mq_open};
use ipc_workbook::observe::Kind;
use libc::{O_NONBLOCK, O_RDONLY};
use nix::errno::Errno;
use std::ffi::CString;

const ARGS: [&str; 2] = ["/lab", "4"];

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    let works = first_run(trial)?;
    wrong_usage(trial, works)?;
    killed_before_each_call(trial)?;
    a_second_beside_the_first(trial)?;
    two_at_once(trial)
}

/// Runs with the usual arguments, and then with others. Returns false if the usual ones do not work.
fn first_run(trial: &mut Trial) -> Result<bool, Fault> {
    for args in [ARGS, ["/lab two", "1"], ["/lab.3", "10"]] {
        trial.renew()?;
        let work = run(trial, args)?.map_err(|why| format!("PROGRAM {}: {why}", args.join(" ")));
        trial.judge_finding("a-first-run-does-the-work", &work);
        if work.is_err() && args == ARGS {
            trial.not_reached(&["nothing-else-is-left"], "a-first-run-does-the-work");
            return Ok(false);
        }
    }
    Ok(true)
}

/// Runs without arguments, with one and with three. (A program that refuses two does no work.)
fn wrong_usage(trial: &mut Trial, works: bool) -> Result<(), Fault> {
    const LINE: &str = "wrong-usage-is-told";
    if !works {
        trial.not_reached(&[LINE], "a-first-run-does-the-work");
        return Ok(());
    }
    for args in [&[][..], &["/lab"], &["/lab", "4", "5"]] {
        trial.renew()?;
        let program = trial.run(args)?;
        let left = trial.objects()?;
        let observed = format!("{} arguments: {}, {}", args.len(), program.end(), left.or("no object"));
        trial.judge(LINE, program.exited(2) && left.is_empty(), observed);
    }
    Ok(())
}

/// Kills one run before its first call, one before its second, and so on. The next run must finish the work;
/// or the next run is killed as well, and the one after it must finish the work.
fn killed_before_each_call(trial: &mut Trial) -> Result<(), Fault> {
    let finding = trial.at_each_call(|trial, n| {
        for kills in [1, 2] {
            trial.renew()?;
            let mut killed = Vec::new();
            for _ in 0..kills {
                killed.extend(trial.kill_before_call(n, trial.sandbox.program(&ARGS))?);
                trial.sandbox.restart()?;
            }
            let work = run(trial, ARGS)?;
            if killed.is_empty() {
                return Ok(work.is_err().then_some(work));
            }
            if let Err(why) = work {
                let killed = format!("killed before {} (call {})", killed.join(", and then before "), n + 1);
                return Ok(Some(Err(format!("{killed}; the next run: {why}"))));
            }
        }
        Ok(Some(Ok(String::new())))
    })?;
    let held = |_| "the next run finished the work, wherever the last one was killed".into();
    trial.judge_finding("the-next-run-finishes-what-a-killed-one-began", &finding.map(held));
    Ok(())
}

/// Holds the first instance before each of its calls, and runs a second one meanwhile.
fn a_second_beside_the_first(trial: &mut Trial) -> Result<(), Fault> {
    let mut seen_at_work = false;
    let finding = trial.at_each_call(|trial, n| {
        let mut scheduler = trial.start_scheduled(&ARGS)?;
        let Some(call) = scheduler.advance(0, n)? else { return Ok(None) };
        let before = queue(&trial.objects()?)?;
        let holds = trial.sandbox.is_held("queue /lab")?;
        let sent = before.map_or(0, |(_, messages)| messages);
        // When all messages are sent, the second instance may report that the work is done.
        let at_work = holds && (1..4).contains(&sent);
        seen_at_work |= at_work;

        let second = trial.run(&ARGS)?;
        let after = queue(&trial.objects()?)?;
        let first = scheduler.play()?.first();
        let work = done_once(&Ends(vec![first, second.end()]));

        let finding = if holds && before.map(|(ino, _)| ino) != after.map(|(ino, _)| ino) {
            Err("the second took the name of its queue away".into())
        } else if (at_work && !second.exited(3)) || (sent > 0 && before != after) {
            let is_same = before.map(|(ino, _)| ino) == after.map(|(ino, _)| ino);
            let which = if is_same { "the same queue" } else { "another queue" };
            let after = after.map_or("no queue".into(), |(_, messages)| format!("{which} with {messages}"));
            Err(format!(
                "the second ended with {}, and a queue with {sent} messages became {after}",
                second.end()
            ))
        } else {
            work?.map_err(|flaw| format!("a second ran; then {flaw}"))
        };
        Ok(Some(finding.map_err(|flaw| format!("while the first was held before {call}, {flaw}"))))
    })?;
    let at_work = either(seen_at_work, "exit code 3, and nothing changed", "no instance was ever at work");
    trial.judge_finding("a-living-instance-is-left-alone", &finding.and(at_work));
    Ok(())
}

/// One program was killed at some call. Two others start at the same time.
fn two_at_once(trial: &mut Trial) -> Result<(), Fault> {
    trial.under_schedules(40, |scheduler| {
        scheduler.start(&ARGS)?;
        let calls = scheduler.pick(12);
        scheduler.advance(0, calls)?;
        scheduler.kill(0)?;
        scheduler.start(&ARGS)?;
        scheduler.start(&ARGS)?;
        let Ends(ends) = scheduler.play()?;
        let work = done_once(&Ends(ends[1..].to_vec()))?;
        Ok(vec![("two-at-once-do-the-work-once", work.map(|_| "each order once".into()))])
    })
}

/// Runs the program. It must do the work, and leave only its queue.
fn run(trial: &mut Trial, args: [&str; 2]) -> Result<Finding, Fault> {
    let [name, count] = args;
    let program = trial.run(&args)?;
    let others = trial.objects()?.besides(Kind::Queue, name);
    let orders = orders(name)?;
    let work =
        found(program.exited(0) && orders == all(count), format!("{}, {}", program.end(), listed(&orders)));
    if work.is_ok() {
        trial.judge("nothing-else-is-left", others.is_empty(), others.or("one queue"));
    }
    Ok(work)
}

/// Checks that the work was done exactly once when all have ended.
fn done_once(ends: &Ends) -> Result<Finding, Fault> {
    let [name, count] = ARGS;
    let orders = orders(name)?;
    let right = ends.other_than(&[0, 3]).is_none() && ends.exited(0) > 0 && orders == all(count);
    Ok(found(right, format!("{ends}; {}", listed(&orders))))
}

/// Returns the inode of the queue with the name, and the number of its messages.
fn queue(objects: &Objects) -> Result<Option<(u64, i64)>, Fault> {
    let Some(queue) = objects.queue() else { return Ok(None) };
    let mq = mq_open(c"/lab", O_RDONLY, 0, None)?;
    Ok(Some((queue.ino, mq_getattr(&mq)?.mq_curmsgs)))
}

/// Receives all messages of the queue.
fn orders(name: &str) -> Result<Vec<String>, Fault> {
    match mq_open(&CString::new(name).unwrap_or_default(), O_RDONLY | O_NONBLOCK, 0, None) {
        Err(Errno::ENOENT) => Ok(Vec::new()),
        opened => Ok(take_messages(&opened?)?),
    }
}

/// Returns the expected orders.
fn all(count: &str) -> Vec<String> {
    (1..=count.parse().unwrap_or(0)).map(|order: u32| order.to_string()).collect()
}

fn listed(orders: &[String]) -> String {
    if orders.is_empty() { "no message".into() } else { format!("messages {orders:?}") }
}

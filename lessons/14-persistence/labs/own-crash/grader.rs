//! Recovery from one's own crash.

use crate::sandbox::{Sandbox, Choice, End, Fault, Object, Scheduler};
use crate::trial::Trial;
use ipc_workbook::mqueue::{mq_getattr, mq_open, mq_receive};
use ipc_workbook::observe::Kind;
use libc::{O_NONBLOCK, O_RDONLY};
use nix::errno::Errno;
use std::time::Instant;

const ARGS: [&str; 2] = ["/lab", "4"];
const ORDERS: [&str; 4] = ["1", "2", "3", "4"];

/// No solution needs as many calls. Who makes more does not come to an end.
const CALLS: usize = 60;

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    first_run(trial)?;
    let broken = killed_before_each_call(trial)?;
    let line = "the-next-run-finishes-what-a-killed-one-began";
    let held = "the next run has finished it, wherever the last one was killed".to_string();
    trial.judge(line, broken.is_none(), broken.unwrap_or(held));
    let (held, observed) = a_second_beside_the_first(trial)?;
    trial.judge("a-living-instance-is-left-alone", held, observed);
    two_at_once(trial)
}

fn first_run(trial: &mut Trial) -> Result<(), Fault> {
    let program = trial.run(&ARGS)?;
    let others = others(&trial.sandbox)?;
    let orders = orders()?;
    let passed = program.exited(0) && orders == ORDERS;
    trial.judge("a-first-run-does-the-work", passed, format!("{}, {}", program.end(), told(&orders)));
    judge_others(trial, passed, &others);
    Ok(())
}

/// Kills one run before its first call, one before its second, and so on. The next run has to
/// finish; or it is killed as well, and the one after it has to. Tells the first that does not.
fn killed_before_each_call(trial: &mut Trial) -> Result<Option<String>, Fault> {
    for (calls, kills) in (0..CALLS).flat_map(|calls| [(calls, 1), (calls, 2)]) {
        trial.sandbox.renew()?;
        let mut before = Vec::new();
        for _ in 0..kills {
            let until = Instant::now() + trial.limit();
            let mut scheduler = Scheduler::new(&trial.sandbox);
            scheduler.start(&ARGS)?;
            if advance(&mut scheduler, calls, until)? {
                before.push(scheduler.pending()[0].call.clone());
                scheduler.step(0, Choice::Kill, until)?;
            }
            drop(scheduler);
            trial.sandbox.restart()?;
        }
        let program = trial.run(&ARGS)?;
        let others = others(&trial.sandbox)?;
        let orders = orders()?;
        let passed = program.exited(0) && orders == ORDERS;
        if before.is_empty() {
            // The program makes no more calls than that.
            let far_enough = calls > 0 && passed;
            return Ok((!far_enough).then(|| format!("{}, {}", program.end(), told(&orders))));
        }
        if !passed {
            let killed = format!("killed before {} (call {})", before.join(", and then before "), calls + 1);
            return Ok(Some(format!("{killed}; the next run: {}, {}", program.end(), told(&orders))));
        }
        judge_others(trial, true, &others);
    }
    Ok(Some(format!("after {CALLS} calls it is not at its end")))
}

/// Holds the first instance before each of its calls, and meanwhile runs a second one.
fn a_second_beside_the_first(trial: &mut Trial) -> Result<(bool, String), Fault> {
    let mut begun = false;
    for calls in 0..CALLS {
        trial.sandbox.renew()?;
        let limit = trial.limit();
        let mut scheduler = Scheduler::new(&trial.sandbox);
        scheduler.start(&ARGS)?;
        if !advance(&mut scheduler, calls, Instant::now() + limit)? {
            break;
        }
        let call = scheduler.pending()[0].call.clone();
        let at = queue(&trial.sandbox)?;
        let sent = at.map_or(0, |(_, sent)| sent);
        let holds =
            trial.sandbox.processes()?.iter().any(|first| first.held.iter().any(|held| held == "queue /lab"));
        // Once all are sent, the second may say that the work is done.
        let at_work = holds && (1..ORDERS.len()).contains(&sent);
        begun |= at_work;

        let second = trial.sandbox.program(&ARGS).run(limit)?;
        let then = queue(&trial.sandbox)?;
        let first = scheduler.play_with(limit, |_| (0, Choice::Go))?.remove(0);
        let orders = orders()?;

        let while_held = |what: &str| Ok((false, format!("while the first was held before {call}, {what}")));
        if holds && at.map(|(queue, _)| queue) != then.map(|(queue, _)| queue) {
            return while_held("the second took its queue's name");
        }
        if (at_work && !second.exited(3)) || (sent > 0 && at != then) {
            let more = match (at, then) {
                (Some((_, at)), Some((_, then))) => format!("{at} messages became {then}"),
                _ => "the queue was gone".into(),
            };
            return while_held(&format!("the second ended with {}, and {more}", second.end()));
        }
        if let Some(flaw) = flaw(&[first, second.end()], &orders) {
            return while_held(&format!("a second ran; then {flaw}"));
        }
    }
    Ok((
        begun,
        if begun { "exit code 3, and nothing changed".into() } else { "no instance was at work".into() },
    ))
}

/// One has been killed somewhere; two others begin at the same time.
fn two_at_once(trial: &mut Trial) -> Result<(), Fault> {
    trial.under_schedules(40, |scheduler, schedule, limit| {
        let until = Instant::now() + limit;
        scheduler.start(&ARGS)?;
        if advance(scheduler, schedule.pick(12), until)? {
            scheduler.step(0, Choice::Kill, until)?;
        }
        scheduler.start(&ARGS)?;
        scheduler.start(&ARGS)?;
        let ends = scheduler.play(schedule, limit)?;
        let flaw = flaw(&ends[1..], &orders()?);
        let observed = flaw.clone().unwrap_or_else(|| "each order once".into());
        Ok(vec![("two-at-once-do-the-work-once", flaw.is_none(), observed)])
    })
}

/// Lets the program under the scheduler make so many calls. False if it has no more to make.
fn advance(scheduler: &mut Scheduler, calls: usize, until: Instant) -> Result<bool, Fault> {
    for _ in 0..calls {
        if scheduler.pending().is_empty() {
            break;
        }
        scheduler.step(0, Choice::Go, until)?;
    }
    Ok(!scheduler.pending().is_empty())
}

/// What is wrong once all have ended.
fn flaw(ends: &[End], orders: &[String]) -> Option<String> {
    let fine = ends.iter().all(|end| matches!(end, End::Exited(0 | 3))) && ends.contains(&End::Exited(0));
    let ends: Vec<String> = ends.iter().map(ToString::to_string).collect();
    (!fine || orders != ORDERS).then(|| format!("{}; {}", ends.join(" and "), told(orders)))
}

/// Which queue has the name, by its inode, and how many messages it holds.
fn queue(sandbox: &Sandbox) -> Result<Option<(u64, usize)>, Fault> {
    let inode = sandbox.objects()?.iter().find_map(|object| match object {
        Object::Posix { ino, .. } if is_the_queue(object) => Some(*ino),
        _ => None,
    });
    let Some(inode) = inode else { return Ok(None) };
    let mq = mq_open(c"/lab", O_RDONLY, 0, None)?;
    Ok(Some((inode, usize::try_from(mq_getattr(&mq)?.mq_curmsgs).unwrap_or(0))))
}

/// Takes all messages.
fn orders() -> Result<Vec<String>, Fault> {
    let mq = match mq_open(c"/lab", O_RDONLY | O_NONBLOCK, 0, None) {
        Err(Errno::ENOENT) => return Ok(vec![]),
        opened => opened?,
    };
    let mut buffer = vec![0; usize::try_from(mq_getattr(&mq)?.mq_msgsize).unwrap_or(0)];
    let mut orders = Vec::new();
    while let Ok((n, _)) = mq_receive(&mq, &mut buffer) {
        orders.push(String::from_utf8_lossy(&buffer[..n]).into_owned());
    }
    Ok(orders)
}

fn told(orders: &[String]) -> String {
    if orders.is_empty() { "no message".into() } else { format!("messages {}", orders.join(", ")) }
}

fn others(sandbox: &Sandbox) -> Result<Vec<String>, Fault> {
    Ok(sandbox.objects()?.iter().filter(|object| !is_the_queue(object)).map(ToString::to_string).collect())
}

fn judge_others(trial: &mut Trial, worked: bool, others: &[String]) {
    let observed = match others {
        _ if !worked => "the work was not done".into(),
        [] => "one queue".into(),
        others => others.join(", "),
    };
    trial.judge("nothing-else-is-left", worked && others.is_empty(), observed);
}

fn is_the_queue(object: &Object) -> bool {
    matches!(object, Object::Posix { kind: Kind::Queue, name, .. } if name == "/lab")
}

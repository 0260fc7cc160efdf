//! The first moment of a System V semaphore.

use crate::sandbox::{Sandbox, Choice, End, Fault, Object, Schedule, Scheduler};
use crate::trial::Trial;
use ipc_workbook::observe::sysvipc::Table;
use ipc_workbook::sysv::sem::{GETVAL, semctl};
use std::time::Instant;

const KEY: i64 = 4242;
const THREE_SEATS: [&str; 2] = ["4242", "3"];

/// So many calls in a row without a pause are no longer the beginning of a program.
const BUSY: usize = 10;

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    one_after_another(trial)?;
    at_once(trial)?;
    let (held, observed) = beside_the_creator(trial)?;
    trial.judge("nobody-acts-on-a-set-without-its-value", held, observed);
    let (held, observed) = after_a_killed_creator(trial)?;
    trial.judge("a-killed-creator-keeps-nobody", held, observed);
    Ok(())
}

fn one_after_another(trial: &mut Trial) -> Result<(), Fault> {
    let mut ends = Vec::new();
    for _ in 0..3 {
        ends.push(trial.run(&["4242", "2"])?.end());
    }
    let set = Set::look(&trial.sandbox)?;
    let passed = ends == [0, 0, 1].map(End::Exited) && set.value() == Some(0);
    trial.judge("one-after-another-each-gets-a-seat", passed, format!("{}, {set}", told(&ends)));
    Ok(())
}

fn at_once(trial: &mut Trial) -> Result<(), Fault> {
    trial.under_schedules(40, |scheduler, schedule, limit| {
        let sandbox = scheduler.sandbox();
        for _ in 0..4 {
            scheduler.start(&THREE_SEATS)?;
        }
        let mut seen = vec![0];
        let ends = scheduler.play_with(limit, |pending| {
            seen.extend(Set::look(sandbox).ok().and_then(Set::value));
            (schedule.turn(pending), Choice::Go)
        })?;
        let set = Set::look(sandbox)?;
        seen.extend(set.value());
        seen.dedup();

        let sold = ends.iter().filter(|end| **end == End::Exited(0)).count();
        let refused = ends.iter().filter(|end| **end == End::Exited(1)).count();
        let all_sold = sold == 3 && refused == 1 && set.value() == Some(0);
        // Up at once, to the seats or to one less, where one call sets the value and sells.
        let rises = seen.windows(2).position(|pair| pair[1] > pair[0]);
        let falls = |pair: &[i32]| pair[1] == pair[0] - 1;
        let right = rises == Some(0) && seen[1] <= 3 && seen[1..].windows(2).all(falls);
        let seen: Vec<String> = seen.iter().map(ToString::to_string).collect();
        Ok(vec![
            ("at-once-each-seat-is-sold-once", all_sold, format!("{}, {set}", told(&ends))),
            ("the-value-is-never-wrong", right, format!("the value was {}", seen.join(", "))),
        ])
    })
}

/// Holds the creator while its set has no value, and lets a second come.
fn beside_the_creator(trial: &mut Trial) -> Result<(bool, String), Fault> {
    trial.sandbox.renew()?;
    let limit = trial.limit();
    let until = Instant::now() + limit;
    let mut scheduler = Scheduler::new(&trial.sandbox);
    scheduler.start(&THREE_SEATS)?;
    while !Set::look(&trial.sandbox)?.is_without_value() {
        if scheduler.pending().is_empty() || Instant::now() > until {
            return Ok((false, "there was no moment at which the set was there without its value".into()));
        }
        scheduler.step(0, Choice::Go, until)?;
    }
    let second = scheduler.start(&THREE_SEATS)?;
    let (mut row, mut longest) = (0, 0);
    for _ in 0..4 * BUSY {
        // Who is not among the pending waits in the kernel, or has ended.
        let Some(at) = scheduler.pending().iter().position(|pending| pending.program == second) else { break };
        let pauses = scheduler.pending()[at].call.ends_with("nanosleep");
        row = if pauses { 0 } else { row + 1 };
        longest = longest.max(row);
        scheduler.step(at, Choice::Go, until)?;
    }
    let ends = scheduler.play(&mut Schedule::new(0), limit)?;
    let set = Set::look(&trial.sandbox)?;
    if ends != [0, 0].map(End::Exited) || set.value() != Some(1) {
        return Ok((false, format!("the creator was held; then {}, {set}", told(&ends))));
    }
    if longest > BUSY {
        return Ok((
            false,
            format!("the creator was held, and the second made {longest} calls without a pause"),
        ));
    }
    Ok((true, "both sold a seat".into()))
}

/// Kills the creator before its first call, its second, and so on; two others come.
fn after_a_killed_creator(trial: &mut Trial) -> Result<(bool, String), Fault> {
    let mut without_value = false;
    for calls in 0.. {
        trial.sandbox.renew()?;
        let limit = trial.limit();
        let until = Instant::now() + limit;
        let mut scheduler = Scheduler::new(&trial.sandbox);
        scheduler.start(&THREE_SEATS)?;
        for _ in 0..calls {
            if !scheduler.pending().is_empty() {
                scheduler.step(0, Choice::Go, until)?;
            }
        }
        let Some(call) = scheduler.pending().first().map(|pending| pending.call.clone()) else { break };
        if Instant::now() > until {
            return Ok((false, format!("after {calls} calls the first is not at its end")));
        }
        scheduler.step(0, Choice::Kill, until)?;
        let before = Set::look(&trial.sandbox)?;
        without_value |= before.is_without_value();

        scheduler.start(&THREE_SEATS)?;
        scheduler.start(&THREE_SEATS)?;
        let ends = scheduler.play(&mut Schedule::new(calls), limit)?.split_off(1);
        let after = Set::look(&trial.sandbox)?;
        let seats = before.value().filter(|value| *value > 0).unwrap_or(3);
        let sold = ends == [0, 0].map(End::Exited) && after.value() == Some(seats - 2);
        let said_so = before.is_unused() && ends == [4, 4].map(End::Exited) && after == before;
        if !sold && !said_so {
            let ends = told(&ends);
            return Ok((false, format!("killed before {call}, with {before}; two others: {ends}, {after}")));
        }
    }
    let observed =
        if without_value { "two others sold, or said so" } else { "no set without its value was left" };
    Ok((without_value, observed.into()))
}

/// The set, as the kernel shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Absent,
    There {
        value: i32,
        /// Whether there was a semop: sem_otime is not 0.
        used: bool,
    },
}

impl Set {
    fn look(sandbox: &Sandbox) -> Result<Self, Fault> {
        for object in sandbox.objects()? {
            match object {
                Object::SystemV(set) if set.table == Table::Sem && set.fact("key") == Ok(KEY) => {
                    let used = set.fact("otime") != Ok(0);
                    return Ok(Set::There { value: semctl(set.id, 0, GETVAL)?, used });
                }
                _ => {}
            }
        }
        Ok(Set::Absent)
    }

    fn value(self) -> Option<i32> {
        match self {
            Set::Absent => None,
            Set::There { value, .. } => Some(value),
        }
    }

    fn is_unused(self) -> bool {
        matches!(self, Set::There { used: false, .. })
    }

    fn is_without_value(self) -> bool {
        self == Set::There { value: 0, used: false }
    }
}

impl std::fmt::Display for Set {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Set::Absent => write!(f, "no set with key {KEY}"),
            Set::There { value: 0, used: false } => f.write_str("a set without its value"),
            Set::There { value, .. } => write!(f, "value {value}"),
        }
    }
}

fn told(ends: &[End]) -> String {
    let ends: Vec<String> = ends.iter().map(ToString::to_string).collect();
    ends.join(", ")
}

//! The race between the creation of a System V semaphore and its first value.

use crate::finding::{Finding, either, found};
use crate::sandbox::{Ends, Fault, Sandbox};
use crate::scheduler::Schedule;
use crate::trial::Trial;
use ipc_workbook::observe::sysvipc::Table;
use ipc_workbook::sysv::sem::{GETVAL, semctl};

/// The key of the argument `4242`, which all parts but one use.
const KEY: i64 = 4242;
const THREE_SEATS: [&str; 2] = ["4242", "3"];

/// More calls than this in a row without a pause mean that the program polls.
const BUSY: usize = 10;

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    one_after_another(trial)?;
    at_once(trial)?;
    trial.judge_part("nobody-acts-on-a-set-without-its-value", beside_the_creator)?;
    trial.judge_part("a-killed-creator-keeps-nobody", after_a_killed_creator)
}

/// Two seats; and then, beside that set, the most that a semaphore can count.
fn one_after_another(trial: &mut Trial) -> Result<(), Fault> {
    const LINE: &str = "one-after-another-each-gets-a-seat";
    let mut ends = Ends(Vec::new());
    for _ in 0..3 {
        ends.0.push(trial.run(&["4242", "2"])?.end());
    }
    let set = Set::now(&trial.sandbox)?;
    trial.judge(LINE, ends.are(&[0, 0, 1]) && set.value() == Some(0), format!("{ends}, {set}"));

    let sets = trial.objects()?;
    let end = trial.run(&["2147483647", "32767"])?.end();
    let many = Set::with_key(&trial.sandbox, 2_147_483_647)?;
    let passed = end.exited(0) && many.value() == Some(32766) && trial.objects()?.still_have(&sets);
    trial.judge(LINE, passed, format!("32767 seats, key 2147483647: {end}, {many}; the other set: {set}"));

    for args in [&[][..], &["4242"]] {
        let end = trial.run(args)?.end();
        trial.judge(LINE, end.exited(2), format!("{} arguments: {end}", args.len()));
    }
    Ok(())
}

fn at_once(trial: &mut Trial) -> Result<(), Fault> {
    trial.under_overtaking_schedules(40, |scheduler| {
        for _ in 0..4 {
            scheduler.start(&THREE_SEATS)?;
        }
        let mut seen = vec![0];
        let ends = scheduler.play_with(|moment| {
            seen.extend(Set::now(moment.sandbox)?.value());
            Ok(())
        })?;
        let set = Set::now(scheduler.sandbox())?;
        seen.extend(set.value());
        seen.dedup();

        let sold = ends.exited(0) == 3 && ends.exited(1) == 1 && set.value() == Some(0);
        // It must rise once, at the start, to the number of seats, or to one less if one call sets it and
        // sells a seat.
        let rises = seen.windows(2).position(|pair| pair[1] > pair[0]);
        let falls = |pair: &[i32]| pair[1] == pair[0] - 1;
        let right = rises == Some(0) && seen[1] <= 3 && seen[1..].windows(2).all(falls);
        let seen: Vec<String> = seen.iter().map(ToString::to_string).collect();
        Ok(vec![
            ("at-once-each-seat-is-sold-once", found(sold, format!("{ends}, {set}"))),
            ("the-value-is-never-wrong", found(right, format!("the value was {}", seen.join(", ")))),
        ])
    })
}

/// Holds the creator while its set has no value, and starts a second program.
fn beside_the_creator(trial: &mut Trial) -> Result<Finding, Fault> {
    trial.renew()?;
    let mut scheduler = trial.scheduler();
    let creator = scheduler.start(&THREE_SEATS)?;
    let held = scheduler.advance_until(creator, |_| Ok(Set::now(&trial.sandbox)?.is_without_value()))?;
    if !held {
        return Ok(Err("the set never existed without its value".into()));
    }
    let second = scheduler.start(&THREE_SEATS)?;
    let (mut in_a_row, mut longest) = (0, 0);
    for _ in 0..4 * BUSY {
        let Some(call) = scheduler.next_call(second) else { break };
        in_a_row += usize::from(call.name.starts_with("sem"));
        in_a_row = if call.sleeps_for().is_some() { 0 } else { in_a_row };
        longest = longest.max(in_a_row);
        scheduler.go(second)?;
    }
    scheduler.set_schedule(Schedule::random(0));
    let ends = scheduler.play()?;
    let set = Set::now(&trial.sandbox)?;
    if !ends.are(&[0, 0]) || set.value() != Some(1) {
        return Ok(Err(format!("the creator was held; then {ends}, {set}")));
    }
    let busy = format!("the creator was held, and the second program made {longest} calls without a pause");
    Ok(either(longest <= BUSY, "both sold a seat", busy))
}

/// Kills the creator before its first call, its second, and so on. Then two others start.
fn after_a_killed_creator(trial: &mut Trial) -> Result<Finding, Fault> {
    let mut without_value = false;
    let finding = trial.at_each_call(|trial, n| {
        let launch = trial.sandbox.program(&THREE_SEATS);
        let Some(call) = trial.kill_before_call(n, launch)? else { return Ok(None) };
        let before = Set::now(&trial.sandbox)?;
        without_value |= before.is_without_value();

        let mut scheduler = trial.scheduler();
        scheduler.set_schedule(Schedule::random(n as u64));
        scheduler.start(&THREE_SEATS)?;
        scheduler.start(&THREE_SEATS)?;
        let ends = scheduler.play()?;
        let after = Set::now(&trial.sandbox)?;
        let seats = before.value().filter(|value| *value > 0).unwrap_or(3);
        let sold = ends.are(&[0, 0]) && after.value() == Some(seats - 2);
        let said_so = matches!(before, Set::There(_, false)) && ends.are(&[4, 4]) && after == before;
        let observed = format!("killed before {call}, with {before}; two others: {ends}, {after}");
        Ok(Some(found(sold || said_so, observed)))
    })?;
    let left = either(
        without_value,
        "two others sold seats, or reported the set",
        "no kill left a set without its value",
    );
    Ok(finding.and(left))
}

/// The set as the kernel shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Absent,
    /// Its value, and whether a semop was made: sem_otime is then not 0.
    There(i32, bool),
}

impl Set {
    fn now(sandbox: &Sandbox) -> Result<Self, Fault> {
        Set::with_key(sandbox, KEY)
    }

    /// Returns the set with this key. One that cannot be read, or was removed meanwhile, counts as absent.
    fn with_key(sandbox: &Sandbox, key: i64) -> Result<Self, Fault> {
        let objects = sandbox.objects()?;
        let sets = objects.rows(Table::Sem);
        let set = sets.iter().find(|set| set.fact("key") == Ok(key));
        let there = set.and_then(|set| {
            let value = semctl(set.id, 0, GETVAL).ok()?;
            Some(Set::There(value, set.fact("otime") != Ok(0)))
        });
        Ok(there.unwrap_or(Set::Absent))
    }

    fn value(self) -> Option<i32> {
        if let Set::There(value, _) = self { Some(value) } else { None }
    }

    fn is_without_value(self) -> bool {
        self == Set::There(0, false)
    }
}

impl std::fmt::Display for Set {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Set::Absent => f.write_str("no set with this key"),
            Set::There(0, false) => f.write_str("a set without its value"),
            Set::There(value, _) => write!(f, "value {value}"),
        }
    }
}

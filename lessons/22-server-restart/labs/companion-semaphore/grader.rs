//! Shared memory and its companion semaphore: between any two calls the grader looks at both.

use crate::sandbox::{Choice, End, Fault, Pending, Scheduler, describe};
use crate::trial::Trial;
use ipc_workbook::sysv::sem::*;
use ipc_workbook::sysv::shm::*;
use nix::errno::Errno;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

const SHM: key_t = 0x6c61_6233;
const SEM: key_t = 0x6c61_6234;
/// Whoever makes so many calls in a row runs in a circle.
const CALLS: usize = 600;

fn updates(n: &str) -> [&str; 3] {
    ["0x6c616233", "0x6c616234", n]
}

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    three_at_once(trial)?;
    one_waits(trial)?;
    one_is_killed(trial)?;
    one_removes(trial)
}

/// Nobody has been here before: each of the three may come first.
fn three_at_once(trial: &mut Trial) -> Result<(), Fault> {
    trial.under_schedules(40, |scheduler, schedule, limit| {
        let mut watch = Watch::default();
        for _ in 0..3 {
            scheduler.start(&updates("3"))?;
        }
        scheduler.until_all_wait(CALLS, Instant::now() + limit, |pending| {
            watch.look(pending);
            (schedule.pick(pending.len()), Choice::Go)
        })?;
        watch.look(&[]);
        let ends = over(scheduler)?;
        let now = Shown::now();
        let bad_end = ends.iter().find(|end| **end != End::Exited(0));
        let all = now.numbers == Some((9, 45)) && watch.halves == 9;
        let halves =
            if watch.halves == 9 { String::new() } else { format!(", {} in two halves", watch.halves) };
        let observed = bad_end.map_or(format!("{now}{halves}"), |end| format!("{now}{halves}, {end}"));
        let worked = now.numbers.is_some_and(|(count, _)| count > 0);
        let seen = watch.contradiction.clone().unwrap_or_else(|| "whole updates only".into());
        let most = watch.most.map_or("no semaphore".into(), |most| format!("{most} at most"));
        let last = now.value.map_or(String::new(), |value| format!(", {value} at last"));
        Ok(vec![
            ("no-update-is-lost", all && bad_end.is_none(), observed),
            ("who-gets-in-sees-whole-updates", worked && watch.contradiction.is_none(), seen),
            (
                "the-value-is-never-above-1",
                watch.most == Some(1) && now.value == Some(1),
                format!("{most}{last}"),
            ),
        ])
    })
}

/// The grader is at work; then a wait is interrupted, when the other one is.
fn one_waits(trial: &mut Trial) -> Result<(), Fault> {
    trial.sandbox.renew()?;
    let limit = trial.limit();
    let sandbox = &trial.sandbox;
    let until = Instant::now() + limit;
    let mut first = Scheduler::new(sandbox);
    first.start(&updates("1"))?;
    first.play_with(limit, |_| (0, Choice::Go))?;
    let taken = semget(SEM, 0, 0).and_then(|semid| {
        semop(semid, &[Sembuf::new(0, -1, IPC_NOWAIT)])?;
        Ok(semid)
    });
    let mut scheduler = Scheduler::new(sandbox);
    scheduler.start(&updates("1"))?;
    let waits = scheduler.until_all_wait(CALLS, until, |_| (0, Choice::Go))?;
    let processes = sandbox.processes()?;
    let sleeps = waits && processes.iter().any(|process| process.sleeps_in(&["semop", "semtimedop"]));
    if let Ok(semid) = taken {
        let _ = semop(semid, &[Sembuf::new(0, 1, 0)]);
    }
    scheduler.settle(until)?;
    let end = scheduler.play_with(limit, |_| (0, Choice::Go))?.remove(0);
    let seen = if waits { describe(&processes) } else { format!("{CALLS} calls, and not at rest") };
    let passed = taken.is_ok() && sleeps && end == End::Exited(0);
    trial.judge("who-waits-sleeps-in-semop", passed, format!("{seen}; {end}"));

    trial.sandbox.renew()?;
    let mut watch = Watch::default();
    let mut interrupted = [0; 2];
    let mut scheduler = Scheduler::new(&trial.sandbox);
    for _ in 0..2 {
        scheduler.start(&updates("3"))?;
    }
    // Whoever takes the semaphore, and would wait for it, is interrupted: five times at most.
    let mut turn = 0;
    scheduler.until_all_wait(CALLS, Instant::now() + limit, |pending| {
        watch.look(pending);
        turn += 1;
        let at = turn % pending.len();
        let call = &pending[at];
        if interrupted[call.program] < 5 && waits_for_the_semaphore(call) {
            interrupted[call.program] += 1;
            return (at, Choice::Fail(Errno::EINTR));
        }
        (at, Choice::Go)
    })?;
    let ends = over(&mut scheduler)?;
    let now = Shown::now();
    let whole = watch.contradiction.is_none() && now.numbers == Some((6, 21));
    let passed = whole && ends.iter().all(|end| *end == End::Exited(0));
    let ends: Vec<String> = ends.iter().map(ToString::to_string).collect();
    let observed = format!("{now}, {}", ends.join(" and "));
    trial.judge("EINTR-is-no-permission", passed, watch.contradiction.unwrap_or(observed));
    Ok(())
}

/// Kills one before its call number n: before the other one has come, and when it is there already.
fn one_is_killed(trial: &mut Trial) -> Result<(), Fault> {
    let (mut kills, mut says_so, mut hangs) = (0, None, None);
    'calls: for n in 0..CALLS {
        for other_is_there in [false, true] {
            trial.sandbox.renew()?;
            let until = Instant::now() + trial.limit();
            let mut scheduler = Scheduler::new(&trial.sandbox);
            scheduler.start(&updates("2"))?;
            for _ in 0..n {
                if !scheduler.pending().is_empty() {
                    scheduler.step(0, Choice::Go, until)?;
                }
            }
            let Some(call) = scheduler.pending().first().map(|pending| pending.call.clone()) else {
                break 'calls;
            };
            let before = Shown::now().numbers;
            if other_is_there {
                scheduler.start(&updates("2"))?;
                for _ in 0..CALLS {
                    let Some(at) = scheduler.pending().iter().position(|call| call.program == 1) else { break };
                    scheduler.step(at, Choice::Go, until)?;
                }
            }
            let victim = scheduler.pending().iter().position(|call| call.program == 0);
            scheduler.step(victim.unwrap_or(0), Choice::Kill, until)?;
            if !other_is_there {
                scheduler.start(&updates("2"))?;
            }
            // A wait with a time limit may be a way out, too.
            let end = scheduler.play_with(Duration::from_secs(1), |_| (0, Choice::Go))?.remove(1);
            let now = Shown::now();
            kills += 1;
            let when = if other_is_there { "the other one was there" } else { "another one came then" };
            let observed = format!("killed before call {} ({call}), {when}: {now}, {end}", n + 1);
            if end == End::Exited(3) && (now.numbers == before || now.is_whole()) {
                says_so.get_or_insert(observed);
            } else if end != End::Exited(0) || now.value != Some(1) || !now.has_made(2, before) {
                hangs = Some(observed);
                break 'calls;
            }
        }
    }
    let killed = format!("killed before each of {} calls, twice", kills / 2);
    let goes_on = hangs.as_ref().or(says_so.as_ref());
    let line = "after-a-kill-the-other-one-goes-on";
    trial.judge(line, kills > 0 && goes_on.is_none(), goes_on.unwrap_or(&killed));
    let line = "after-a-kill-nobody-waits-for-ever";
    trial.judge(line, kills > 0 && hangs.is_none(), hangs.as_ref().unwrap_or(&killed));
    Ok(())
}

/// One is at work, one waits, and one comes to remove both objects.
fn one_removes(trial: &mut Trial) -> Result<(), Fault> {
    trial.under_schedules(20, |scheduler, schedule, limit| {
        let until = Instant::now() + limit;
        let mut wrong = None;
        scheduler.start(&updates("2"))?;
        // Until it is between the two halves.
        for _ in 0..CALLS {
            if scheduler.pending().first().is_none_or(|call| call.call == "sched_yield") {
                break;
            }
            scheduler.step(0, Choice::Go, until)?;
        }
        let worked = Shown::now().numbers.is_some_and(|(count, _)| count > 0);
        scheduler.start(&updates("5"))?;
        scheduler.start(&updates("0"))?;
        let mut was = Shown::now();
        scheduler.until_all_wait(CALLS, until, |pending| {
            let now = Shown::now();
            if was.has_segment && !now.has_segment && now.value != Some(0) {
                wrong.get_or_insert("the segment went while the semaphore was free".to_string());
            }
            // One that has nothing in it may be that of somebody who has just come.
            if now.numbers.is_some_and(|(count, _)| count > 0) && was.value.is_some() && now.value.is_none() {
                wrong.get_or_insert("the set went before the segment".to_string());
            }
            was = now;
            (schedule.pick(pending.len()), Choice::Go)
        })?;
        let ends = over(scheduler)?;
        let other = ends.iter().find(|end| **end != End::Exited(0) && **end != End::Exited(3));
        let wrong = wrong.or_else(|| other.map(ToString::to_string)).or_else(|| {
            let now = Shown::now();
            // Whoever came too late may have begun anew.
            let anew = ends[1] == End::Exited(0) && now.value == Some(1) && now.is_whole();
            let gone = now.value.is_none() && now.numbers.is_none_or(|(count, _)| count == 0);
            let removed = ends[2] == End::Exited(0) && (gone || anew);
            (!removed).then(|| format!("{}, and then {now}", ends[2]))
        });
        let observed = wrong.clone().unwrap_or_else(|| "the segment, then the set".into());
        Ok(vec![("removed-in-the-right-order", worked && wrong.is_none(), observed)])
    })?;
    trial.sandbox.renew()?;
    trial.run(&updates("2"))?;
    let worked = Shown::now().is_whole();
    let end = trial.run(&updates("0"))?.end();
    let left = trial.sandbox.objects()?.len();
    let removed = worked && end == End::Exited(0) && left == 0;
    trial.judge("removed-in-the-right-order", removed, format!("{left} objects are left, {end}"));
    Ok(())
}

/// How all have ended; who has not will not.
fn over(scheduler: &mut Scheduler) -> Result<Vec<End>, Fault> {
    scheduler.play_with(Duration::ZERO, |_| (0, Choice::Go))
}

/// Both objects at one moment.
struct Shown {
    has_segment: bool,
    /// `count` and `sum`.
    numbers: Option<(u64, u64)>,
    /// Of semaphore 0.
    value: Option<i32>,
}

impl Shown {
    fn now() -> Self {
        let value = semget(SEM, 0, 0).and_then(|semid| semctl(semid, 0, GETVAL)).ok();
        let segment = shmget(SHM, 0, 0);
        let numbers = segment.and_then(|shmid| {
            let memory = shmat(shmid, None, SHM_RDONLY)?;
            let mut numbers = [[0; 8]; 2];
            memory.read(0, &mut numbers[0])?;
            memory.read(8, &mut numbers[1])?;
            Ok((u64::from_ne_bytes(numbers[0]), u64::from_ne_bytes(numbers[1])))
        });
        Shown { has_segment: segment.is_ok(), numbers: numbers.ok(), value }
    }

    fn is_whole(&self) -> bool {
        self.numbers.is_some_and(|(count, sum)| is_whole(count, sum))
    }

    /// Whether so many updates have come to those of before. Of a half one either is right: to finish it, or to take it back.
    fn has_made(&self, updates: u64, before: Option<(u64, u64)>) -> bool {
        let (was, sum) = before.unwrap_or((0, 0));
        let made = |count| count == was + updates || (is_half(was, sum) && count + 1 == was + updates);
        self.is_whole() && self.numbers.is_some_and(|(count, _)| made(count))
    }
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.numbers {
            Some((count, sum)) => write!(f, "count {count}, sum {sum}")?,
            None => f.write_str("no segment of two numbers")?,
        }
        match self.value {
            Some(value) => write!(f, ", value {value}"),
            None => f.write_str(", no set"),
        }
    }
}

fn is_whole(count: u64, sum: u64) -> bool {
    u128::from(count) * (u128::from(count) + 1) / 2 == u128::from(sum)
}

fn is_half(count: u64, sum: u64) -> bool {
    count > 0 && is_whole(count - 1, sum)
}

/// What was seen over time.
#[derive(Default)]
struct Watch {
    /// The numbers did not agree, and the semaphore would have let somebody in.
    contradiction: Option<String>,
    /// The greatest value of semaphore 0.
    most: Option<i32>,
    /// How many updates were seen with their first half made: `count` then.
    halves: usize,
    last_half: u64,
}

impl Watch {
    fn look(&mut self, pending: &[Pending]) {
        let now = Shown::now();
        self.most = self.most.max(now.value);
        let Some((count, sum)) = now.numbers else { return };
        if now.value.is_some_and(|value| value > 0) && !is_whole(count, sum) {
            self.contradiction.get_or_insert(format!("{now}"));
        }
        let yields = pending.iter().any(|call| call.call == "sched_yield");
        if yields && is_half(count, sum) && count != self.last_half {
            self.halves += 1;
            self.last_half = count;
        }
    }
}

/// Whether the call takes semaphore 0, and waits for that.
fn waits_for_the_semaphore(call: &Pending) -> bool {
    if !["semop", "semtimedop"].contains(&call.call.as_str()) {
        return false;
    }
    let Ok(memory) = File::open(format!("/proc/{}/mem", call.pid)) else { return false };
    let mut sops = vec![0; usize::try_from(call.args[2]).unwrap_or(0).min(16) * size_of::<Sembuf>()];
    let read = memory.read_exact_at(&mut sops, call.args[1]).is_ok();
    let sops: Vec<[i16; 3]> = sops
        .chunks_exact(size_of::<Sembuf>())
        .map(|sop| [0, 2, 4].map(|at| i16::from_ne_bytes([sop[at], sop[at + 1]])))
        .collect();
    let waits = |flags: i16| i32::from(flags) & IPC_NOWAIT == 0;
    read && sops.iter().all(|[_, _, flags]| waits(*flags))
        && sops.iter().any(|[number, op, _]| *number == 0 && *op < 0)
}

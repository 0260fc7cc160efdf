//! Shared memory and its companion semaphore. The grader looks at both between any two calls.

use crate::finding::{Flaw, either, found, observed};
use crate::sandbox::{Fault, Process};
use crate::scheduler::{Choice, Moment, Schedule};
use crate::trial::Trial;
use ipc_workbook::observe::sysvipc::{Row, Table};
use ipc_workbook::sysv::sem::*;
use ipc_workbook::sysv::shm::*;
use nix::errno::Errno;

const SHM: key_t = 0x6c61_6233;
const SEM: key_t = 0x6c61_6234;
/// The call that a program makes between the two halves of an update.
const HALFWAY: &str = "sched_yield";

fn updates(n: &str) -> [&str; 3] {
    ["0x6c616233", "0x6c616234", n]
}

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    three_at_once(trial)?;
    other_keys_and_numbers(trial)?;
    one_waits(trial)?;
    waits_are_interrupted(trial)?;
    one_is_killed(trial)?;
    one_removes(trial)?;
    nothing_is_left(trial)
}

/// No object exists before, and each of the three programs may be the first.
fn three_at_once(trial: &mut Trial) -> Result<(), Fault> {
    trial.under_schedules(40, |scheduler| {
        let mut watch = Watch::default();
        for _ in 0..3 {
            scheduler.start(&updates("3"))?;
        }
        scheduler.until_all_wait_with(|moment| {
            watch.look(&moment);
            Ok(())
        })?;
        let now = Objects::now();
        watch.see(&now, false);
        let ends = scheduler.ends_now()?;

        let bad_end = ends.other_than(&[0]);
        let halves = watch.halves;
        let all = now.numbers == Some(Numbers { count: 9, sum: 45 }) && halves == 9 && bad_end.is_none();
        let halves = if halves == 9 { String::new() } else { format!(", {halves} in two halves") };
        let ended = bad_end.map_or(String::new(), |end| format!(", {end}"));
        let whole = watch.contradiction.or("whole updates only");
        let worked = now.count() > 0;
        let most = watch.most.map_or("no semaphore".into(), |most| format!("{most} at most"));
        let last = now.value.map_or(String::new(), |value| format!(", {value} at the end"));
        let one = watch.most == Some(1) && now.value == Some(1);
        Ok(vec![
            ("no-update-is-lost", found(all, format!("{now}{halves}{ended}"))),
            (
                "who-gets-in-sees-whole-updates",
                whole.and_then(|whole| either(worked, whole, "no update in the segment")),
            ),
            ("the-value-is-never-above-1", found(one, format!("{most}{last}"))),
        ])
    })
}

/// Runs one program at a time with other keys: many updates, and then updates that need 64 bits. Objects of
/// another process exist as well.
fn other_keys_and_numbers(trial: &mut Trial) -> Result<(), Fault> {
    const KEYS: [key_t; 2] = [0x7fff_ffff, 0x1a];
    const LARGE: u64 = 3_000_000_000;
    let args = |n| ["0x7fffffff", "0x1a", n];
    trial.renew()?;
    semget(SEM, 1, IPC_CREAT | 0o400)?;
    shmget(SHM, 4096, IPC_CREAT | 0o400)?;
    let others = trial.objects()?;

    let end = trial.run(&args("1000"))?.end();
    let now = Objects::with_keys(KEYS);
    let right = end.exited(0) && now.numbers == Some(Numbers { count: 1000, sum: 500_500 });
    trial.judge("no-update-is-lost", right, format!("1000 updates: {now}, {end}"));
    let modes = trial.objects()?;
    let modes = [Table::Shm, Table::Sem].map(|table| modes.rows(table).into_iter().filter_map(mode_of).max());
    let seen =
        if modes == [Some(600), Some(600)] { "mode 0600 for both" } else { "another mode, or no object" };
    trial.judge("both-objects-are-for-their-user-alone", now.count() > 0 && seen.starts_with("mode"), seen);

    Objects::write(KEYS[0], Numbers { count: LARGE, sum: LARGE * (LARGE + 1) / 2 });
    let end = trial.run(&args("2"))?.end();
    let now = Objects::with_keys(KEYS);
    let right = end.exited(0) && now.is_whole() && now.count() == LARGE + 2;
    trial.judge("no-update-is-lost", right, format!("2 updates after {LARGE}: {now}, {end}"));

    let end = trial.run(&args("0"))?.end();
    let left = trial.objects()?;
    let right = end.exited(0) && left.still_have(&others) && left.len() == others.len();
    let seen = format!("{end}; objects left: {}, existing before: {}", left.len(), others.len());
    trial.judge("removed-in-the-right-order", right, seen);
    Ok(())
}

/// The grader holds the semaphore, and a program waits for it.
fn one_waits(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    trial.start_scheduled(&updates("1"))?.play()?;
    let taken = semget(SEM, 0, 0).and_then(|semid| {
        semop(semid, &[Sembuf::new(0, -1, IPC_NOWAIT)])?;
        Ok(semid)
    });
    let mut scheduler = trial.start_scheduled(&updates("1"))?;
    let sleeps = scheduler.until_all_wait_in(&["semop", "semtimedop"])?;
    if let Ok(semid) = taken {
        let _ = semop(semid, &[Sembuf::new(0, 1, 0)]);
    }
    scheduler.settle()?;
    let end = scheduler.play()?.first();
    let passed = taken.is_ok() && sleeps.is_ok() && end.exited(0);
    trial.judge("who-waits-sleeps-in-semop", passed, format!("{}; {end}", observed(&sleeps)));
    Ok(())
}

/// Two programs take turns. A program that is about to wait for the semaphore is interrupted, five times at
/// most.
fn waits_are_interrupted(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let mut watch = Watch::default();
    let mut interrupted = [0; 2];
    let mut scheduler = trial.scheduler();
    scheduler.set_schedule(Schedule::in_turns());
    for _ in 0..2 {
        scheduler.start(&updates("3"))?;
    }
    scheduler.until_all_wait_with(|moment| {
        watch.look(&moment);
        let call = moment.call;
        let interrupts = interrupted[call.program] < 5 && call.waits_for_semaphore_0();
        interrupted[call.program] += usize::from(interrupts);
        Ok(if interrupts { Choice::Fail(Errno::EINTR) } else { Choice::Go })
    })?;
    let ends = scheduler.ends_now()?;
    let now = Objects::now();
    let right = now.numbers == Some(Numbers { count: 6, sum: 21 }) && ends.are(&[0, 0]);
    let whole = watch.contradiction.or(format!("{now}, {ends}"));
    trial.judge_finding("EINTR-is-no-permission", &whole.and_then(|seen| found(right, seen)));
    Ok(())
}

fn one_is_killed(trial: &mut Trial) -> Result<(), Fault> {
    const GOES_ON: &str = "after-a-kill-the-other-one-goes-on";
    let look = |(): &()| Objects::now().numbers;
    let hangs = trial.kill_one_of_two(
        &updates("2"),
        || Ok(()),
        look,
        |trial, killed| {
            let now = Objects::now();
            let observed = format!("{}: {now}, {}", killed.when, killed.other);
            // It may refuse to continue if it changes nothing.
            let refuses = killed.other.exited(3) && (now.numbers == killed.before || now.is_whole());
            if refuses {
                trial.judge(GOES_ON, false, &observed);
            }
            let goes_on = killed.other.exited(0) && now.value == Some(1) && now.has_made(2, killed.before);
            found(refuses || goes_on, observed)
        },
    )?;
    let hangs = hangs.map(|calls| format!("killed before {calls}, twice"));
    trial.judge_finding(GOES_ON, &hangs);
    trial.judge_finding("after-a-kill-nobody-waits-for-ever", &hangs);
    Ok(())
}

/// One program is in the middle of an update, one waits, and one starts to remove both objects.
fn one_removes(trial: &mut Trial) -> Result<(), Fault> {
    trial.under_schedules(20, |scheduler| {
        let halfway = scheduler.start(&updates("2"))?;
        scheduler.advance_to(halfway, HALFWAY)?;
        let worked = Objects::now().count() > 0;
        let late = scheduler.start(&updates("5"))?;
        let late_pid = scheduler.program(late).pid();
        let remover = scheduler.start(&updates("0"))?;
        let mut flaw = Flaw::default();
        let (mut was, mut late_waits, mut late_waited) = (Objects::now(), false, false);
        scheduler.until_all_wait_with(|moment| {
            let now = Objects::now();
            let segment_goes = was.has_segment && !now.has_segment;
            flaw.seen_if(
                segment_goes && now.value != Some(0),
                || "the segment was removed while the semaphore was free",
            );
            // An empty segment may belong to a program that has just started.
            let set_goes = was.value.is_some() && now.value.is_none();
            flaw.seen_if(set_goes && now.count() > 0, || "the set was removed before the segment");
            late_waited |= set_goes && late_waits;
            // A thread that is about to make a call also sleeps.
            let sleeps = |one: &Process| one.pid == late_pid && one.sleeps_in(&["semop", "semtimedop"]);
            late_waits = !moment.pending.iter().any(|call| call.program == late)
                && moment.sandbox.processes()?.iter().any(sleeps);
            was = now;
            Ok(())
        })?;
        let ends = scheduler.ends_now()?;
        if let Some(other) = ends.other_than(&[0, 3]) {
            flaw.seen_if(true, || other);
        }
        let now = Objects::now();
        late_waited |= late_waits && was.value.is_some() && now.value.is_none();
        let told = !late_waited || ends.of(late).exited(3);
        flaw.seen_if(!told, || {
            format!("the program that waited when the set was removed: {}", ends.of(late))
        });
        // A program that started too late may have created new objects.
        let anew = ends.of(late).exited(0) && now.value == Some(1) && now.is_whole();
        let gone = now.value.is_none() && now.count() == 0;
        let removed = ends.of(remover).exited(0) && (gone || anew);
        flaw.seen_if(!removed, || format!("{}; then: {now}", ends.of(remover)));
        let finding = flaw.or("the segment, then the set");
        Ok(vec![(
            "removed-in-the-right-order",
            finding.and_then(|seen| either(worked, seen, "no update before the removal")),
        )])
    })
}

fn nothing_is_left(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    trial.run(&updates("2"))?;
    let worked = Objects::now().is_whole();
    let program = trial.run(&updates("0"))?;
    let left = trial.objects()?.len();
    let removed = worked && program.exited(0) && left == 0;
    let nothing = if worked { "" } else { ", and there was no update before" };
    let observed = format!("objects left: {left}; {}{nothing}", program.end());
    trial.judge("removed-in-the-right-order", removed, observed);
    Ok(())
}

fn mode_of(row: &Row) -> Option<i64> {
    row.fact("perms").ok()
}

/// The contents of the segment.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Numbers {
    count: u64,
    sum: u64,
}

impl Numbers {
    /// Whether the sum is 1 + … + count.
    fn are_whole(self) -> bool {
        u128::from(self.count) * (u128::from(self.count) + 1) / 2 == u128::from(self.sum)
    }

    /// Whether the count is one ahead of the sum.
    fn are_half(self) -> bool {
        self.count > 0 && Numbers { count: self.count - 1, ..self }.are_whole()
    }
}

/// A snapshot of both objects.
struct Objects {
    has_segment: bool,
    numbers: Option<Numbers>,
    /// The value of semaphore 0.
    value: Option<i32>,
}

impl Objects {
    fn now() -> Self {
        Objects::with_keys([SHM, SEM])
    }

    fn with_keys([shm, sem]: [key_t; 2]) -> Self {
        let value = semget(sem, 0, 0).and_then(|semid| semctl(semid, 0, GETVAL)).ok();
        let segment = shmget(shm, 0, 0);
        let numbers = segment.and_then(|shmid| {
            let memory = shmat(shmid, None, SHM_RDONLY)?;
            let mut numbers = [[0; 8]; 2];
            memory.read(0, &mut numbers[0])?;
            memory.read(8, &mut numbers[1])?;
            let [count, sum] = numbers.map(u64::from_ne_bytes);
            Ok(Numbers { count, sum })
        });
        Objects { has_segment: segment.is_ok(), numbers: numbers.ok(), value }
    }

    /// Writes these numbers into the segment, if there is one.
    fn write(shm: key_t, Numbers { count, sum }: Numbers) {
        if let Ok(memory) = shmget(shm, 0, 0).and_then(|shmid| shmat(shmid, None, 0)) {
            let _ = memory.write(0, &count.to_ne_bytes()).and_then(|()| memory.write(8, &sum.to_ne_bytes()));
        }
    }

    fn count(&self) -> u64 {
        self.numbers.map_or(0, |numbers| numbers.count)
    }

    fn is_whole(&self) -> bool {
        self.numbers.is_some_and(Numbers::are_whole)
    }

    /// Whether this many updates were added to those of `before`. An unfinished update may be completed or
    /// undone.
    fn has_made(&self, updates: u64, before: Option<Numbers>) -> bool {
        let was = before.unwrap_or(Numbers { count: 0, sum: 0 });
        let all = was.count.saturating_add(updates);
        self.is_whole() && (self.count() == all || (was.are_half() && self.count() == all - 1))
    }
}

impl std::fmt::Display for Objects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.numbers {
            Some(Numbers { count, sum }) => write!(f, "count {count}, sum {sum}")?,
            None => f.write_str("no segment of two numbers")?,
        }
        match self.value {
            Some(value) => write!(f, ", value {value}"),
            None => f.write_str(", no set"),
        }
    }
}

/// What was seen during a run.
#[derive(Default)]
struct Watch {
    /// The numbers did not agree while the semaphore was free.
    contradiction: Flaw,
    /// The largest value of semaphore 0.
    most: Option<i32>,
    /// How many updates were seen half finished, and `count` at the last of them.
    halves: usize,
    last_half: u64,
}

impl Watch {
    fn look(&mut self, moment: &Moment) {
        self.see(&Objects::now(), moment.pending.iter().any(|call| call.is(HALFWAY)));
    }

    fn see(&mut self, now: &Objects, is_halfway: bool) {
        self.most = self.most.max(now.value);
        let Some(numbers) = now.numbers else { return };
        let is_free = now.value.is_some_and(|value| value > 0);
        self.contradiction.seen_if(is_free && !numbers.are_whole(), || now);
        if is_halfway && numbers.are_half() && numbers.count != self.last_half {
            self.halves += 1;
            self.last_half = numbers.count;
        }
    }
}

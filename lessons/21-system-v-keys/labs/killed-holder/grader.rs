//! The holder is killed: inside the section, and before each of its other calls.

use crate::sandbox::{Choice, End, Fault, Pending, Scheduler, describe};
use crate::trial::Trial;
use ipc_workbook::sysv::sem::*;
use nix::errno::Errno;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

const KEY: key_t = 0x6c61_6235;
/// Whoever makes so many calls in a row runs in a circle.
const CALLS: usize = 400;
const FREE: Values = Values { section: 1, counted: 0 };

fn sections(n: &str) -> [&str; 2] {
    ["0x6c616235", n]
}

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    three_at_once(trial)?;
    one_is_killed(trial)?;
    one_waits(trial)?;
    one_is_interrupted(trial)
}

fn three_at_once(trial: &mut Trial) -> Result<(), Fault> {
    trial.under_schedules(40, |scheduler, schedule, limit| {
        let semid = new_set()?;
        let mut watch = Watch::default();
        for _ in 0..3 {
            scheduler.start(&sections("3"))?;
        }
        scheduler.until_all_wait(CALLS, Instant::now() + limit, |pending| {
            let at = schedule.pick(pending.len());
            watch.look(pending, at, Values::of(semid));
            (at, Choice::Go)
        })?;
        let now = Values::of(semid);
        watch.compare(now);
        let ends = over(scheduler)?;
        let bad_end = ends.iter().find(|end| **end != End::Exited(0));
        let all = watch.works == 9 && now.is_some_and(|now| now.counted == 9) && bad_end.is_none();
        let ended = bad_end.map_or(String::new(), |end| format!(", {end}"));
        let values = now.map_or("no set".into(), |now| now.to_string());
        let told = |wrong: &Option<String>, right: &str| wrong.clone().unwrap_or_else(|| right.into());
        Ok(vec![
            ("each-section-is-made-and-counted", all, format!("{} sections, {values}{ended}", watch.works)),
            (
                "never-two-inside",
                watch.works > 0 && watch.two_inside.is_none(),
                told(&watch.two_inside, "one at a time"),
            ),
            (
                "given-back-and-counted-in-one-step",
                watch.works > 0 && watch.not_counted.is_none(),
                told(&watch.not_counted, "free only with all counted"),
            ),
            (
                "nothing-is-left-to-undo",
                watch.works > 0 && watch.undone.is_none(),
                told(&watch.undone, "no end of a process has changed a value"),
            ),
        ])
    })
}

/// Kills one before its call number n: before the other one has come, and when it is there already.
fn one_is_killed(trial: &mut Trial) -> Result<(), Fault> {
    let (mut kills, mut works, mut wrong) = (0, 0, None);
    'calls: for n in 0..CALLS {
        for other_is_there in [false, true] {
            trial.sandbox.renew()?;
            let until = Instant::now() + trial.limit();
            let semid = new_set()?;
            let mut scheduler = Scheduler::new(&trial.sandbox);
            scheduler.start(&sections("2"))?;
            for _ in 0..n {
                if let Some(call) = scheduler.pending().first() {
                    works += usize::from(call.call == "sched_yield");
                    scheduler.step(0, Choice::Go, until)?;
                }
            }
            let Some(call) = scheduler.pending().first().map(|pending| pending.call.clone()) else {
                break 'calls;
            };
            let before = Values::of(semid);
            if other_is_there {
                scheduler.start(&sections("2"))?;
                for _ in 0..CALLS {
                    let Some(at) = scheduler.pending().iter().position(|call| call.program == 1) else { break };
                    scheduler.step(at, Choice::Go, until)?;
                }
            }
            let victim = scheduler.pending().iter().position(|call| call.program == 0);
            scheduler.step(victim.unwrap_or(0), Choice::Kill, until)?;
            if !other_is_there {
                scheduler.start(&sections("2"))?;
            }
            // A wait with a time limit may be a way out, too.
            let end = scheduler.play_with(Duration::from_secs(1), |_| (0, Choice::Go))?.remove(1);
            let now = Values::of(semid);
            kills += 1;
            let right = before.map(|before| Values { section: 1, counted: before.counted + 2 });
            if end != End::Exited(0) || now != right {
                let when = if other_is_there { "the other one was there" } else { "another one came then" };
                let now = now.map_or("no set".into(), |now| now.to_string());
                wrong = Some(format!("killed before call {} ({call}), {when}: {now}, {end}", n + 1));
                break 'calls;
            }
        }
    }
    let observed = wrong.clone().unwrap_or(format!("killed before each of {} calls, twice", kills / 2));
    trial.judge("a-killed-holder-lets-the-next-one-in", works > 0 && wrong.is_none(), observed);
    Ok(())
}

/// The grader is inside, and leaves; the second time it removes the set; the third time there is none.
fn one_waits(trial: &mut Trial) -> Result<(), Fault> {
    let limit = trial.limit();
    let mut ends = Vec::new();
    let mut seen = String::new();
    let mut sleeps = true;
    for leave in [true, false] {
        trial.sandbox.renew()?;
        let until = Instant::now() + limit;
        let semid = new_set()?;
        semop(semid, &[Sembuf::new(0, -1, 0)])?;
        let mut scheduler = Scheduler::new(&trial.sandbox);
        scheduler.start(&sections("1"))?;
        let waits = scheduler.until_all_wait(CALLS, until, |_| (0, Choice::Go))?;
        let processes = trial.sandbox.processes()?;
        sleeps &= waits && processes.iter().any(|process| process.sleeps_in(&["semop", "semtimedop"]));
        seen = if waits { describe(&processes) } else { format!("{CALLS} calls, and not at rest") };
        if leave {
            semop(semid, &[Sembuf::new(0, 1, 0)])?;
        } else {
            semctl(semid, 0, IPC_RMID)?;
        }
        scheduler.until_all_wait(CALLS, until, |_| (0, Choice::Go))?;
        ends.extend(over(&mut scheduler)?);
    }
    trial.sandbox.renew()?;
    let mut scheduler = Scheduler::new(&trial.sandbox);
    scheduler.start(&sections("1"))?;
    scheduler.until_all_wait(CALLS, Instant::now() + limit, |_| (0, Choice::Go))?;
    ends.extend(over(&mut scheduler)?);
    let passed = sleeps && ends[0] == End::Exited(0);
    trial.judge("who-waits-sleeps-in-semop", passed, format!("{seen}; {}", ends[0]));
    let passed = ends[1..].iter().all(|end| *end == End::Exited(3));
    let observed = format!("removed: {}; not there: {}", ends[1], ends[2]);
    trial.judge("a-removed-set-ends-it", passed, observed);
    Ok(())
}

/// One is inside; the other one's wait is interrupted, and both go on.
fn one_is_interrupted(trial: &mut Trial) -> Result<(), Fault> {
    trial.sandbox.renew()?;
    let until = Instant::now() + trial.limit();
    let semid = new_set()?;
    let mut watch = Watch::default();
    let mut scheduler = Scheduler::new(&trial.sandbox);
    scheduler.start(&sections("1"))?;
    for _ in 0..CALLS {
        if scheduler.pending().first().is_none_or(|call| call.call == "sched_yield") {
            break;
        }
        scheduler.step(0, Choice::Go, until)?;
    }
    scheduler.start(&sections("2"))?;
    let (mut interrupted, mut turn) = (false, 0);
    scheduler.until_all_wait(CALLS, until, |pending| {
        // The one who waits comes first, for as long as it takes to go in without permission.
        turn += 1;
        let at = if turn < 20 { pending.len() - 1 } else { turn % pending.len() };
        watch.look(pending, at, Values::of(semid));
        if !interrupted && takes_the_section(&pending[at]) {
            interrupted = true;
            return (at, Choice::Fail(Errno::EINTR));
        }
        (at, Choice::Go)
    })?;
    let now = Values::of(semid);
    let ends = over(&mut scheduler)?;
    let right = watch.works == 3 && now == Some(Values { section: 1, counted: 3 });
    let passed = right && watch.two_inside.is_none() && ends.iter().all(|end| *end == End::Exited(0));
    let values = now.map_or("no set".into(), |now| now.to_string());
    let ends: Vec<String> = ends.iter().map(ToString::to_string).collect();
    let observed = format!("{} sections, {values}, {}", watch.works, ends.join(" and "));
    trial.judge("EINTR-is-no-permission", passed, watch.two_inside.unwrap_or(observed));
    Ok(())
}

fn new_set() -> Result<i32, Fault> {
    let semid = semget(KEY, 2, IPC_CREAT | IPC_EXCL | 0o600)?;
    semctl(semid, 0, SETALL(&[FREE.section, FREE.counted]))?;
    Ok(semid)
}

/// How all have ended; who has not will not.
fn over(scheduler: &mut Scheduler) -> Result<Vec<End>, Fault> {
    scheduler.play_with(Duration::ZERO, |_| (0, Choice::Go))
}

/// Whether the call takes semaphore 0, and waits for that.
fn takes_the_section(call: &Pending) -> bool {
    if !["semop", "semtimedop"].contains(&call.call.as_str()) {
        return false;
    }
    let Ok(memory) = File::open(format!("/proc/{}/mem", call.pid)) else { return false };
    let mut sops = vec![0; usize::try_from(call.args[2]).unwrap_or(0).min(16) * size_of::<Sembuf>()];
    let read = memory.read_exact_at(&mut sops, call.args[1]).is_ok();
    let sops = sops.chunks_exact(size_of::<Sembuf>());
    let mut sops = sops.map(|sop| [0, 2, 4].map(|at| i16::from_ne_bytes([sop[at], sop[at + 1]])));
    read && sops.any(|[number, op, flags]| number == 0 && op < 0 && i32::from(flags) & IPC_NOWAIT == 0)
}

/// The values of both semaphores.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Values {
    section: u16,
    counted: u16,
}

impl Values {
    fn of(semid: i32) -> Option<Self> {
        match semctl(semid, 0, GETALL).ok()?[..] {
            [section, counted] => Some(Values { section, counted }),
            _ => None,
        }
    }
}

impl std::fmt::Display for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} counted, value {}", self.counted, self.section)
    }
}

/// What was seen over time.
#[derive(Default)]
struct Watch {
    /// How often somebody has worked in the section.
    works: u16,
    two_inside: Option<String>,
    not_counted: Option<String>,
    /// An end of a process that has changed a value, or a value above 1.
    undone: Option<String>,
    /// The values when somebody was let into his end.
    before_end: Option<Values>,
}

impl Watch {
    /// Looks before the call `at` of those that are pending is made.
    fn look(&mut self, pending: &[Pending], at: usize, now: Option<Values>) {
        self.compare(now);
        let inside = pending.iter().filter(|call| call.call == "sched_yield").count();
        if inside > 1 {
            self.two_inside.get_or_insert(format!("{inside} inside at the same time"));
        }
        if now.is_some_and(|now| now.section > 0 && now.counted != self.works) {
            let counted = now.map_or(0, |now| now.counted);
            self.not_counted.get_or_insert(format!("free with {counted} of {} counted", self.works));
        }
        self.works += u16::from(pending[at].call == "sched_yield");
        self.before_end = now.filter(|_| pending[at].call == "exit_group");
    }

    fn compare(&mut self, now: Option<Values>) {
        let (Some(now), before) = (now, self.before_end.take()) else { return };
        if now.section > 1 {
            self.undone.get_or_insert(format!("value {}", now.section));
        }
        if let Some(before) = before.filter(|before| *before != now) {
            self.undone.get_or_insert(format!("{before} before the end of a process, then {now}"));
        }
    }
}

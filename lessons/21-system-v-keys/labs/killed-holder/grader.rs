//! The holder of a semaphore is killed: in the section, and before each of its other calls.

use crate::finding::{Flaw, either, found, observed};
use crate::sandbox::Fault;
use crate::scheduler::{Choice, Moment, Scheduler};
use crate::trial::Trial;
use ipc_workbook::sysv::sem::*;
use nix::errno::Errno;

const KEY: key_t = 0x6c61_6235;
/// The call that a program makes in the section.
const WORK: &str = "sched_yield";

fn sections(n: &str) -> [&str; 2] {
    ["0x6c616235", n]
}

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    three_at_once(trial)?;
    a_thousand_sections(trial)?;
    one_is_killed(trial)?;
    one_waits(trial)?;
    one_is_interrupted(trial)
}

fn three_at_once(trial: &mut Trial) -> Result<(), Fault> {
    trial.under_schedules(40, |scheduler| {
        let mut watch = Watch::of(new_set(KEY)?);
        for _ in 0..3 {
            scheduler.start(&sections("3"))?;
        }
        let now = watch.until_all_wait(scheduler)?;
        let ends = scheduler.ends_now()?;

        let bad_end = ends.other_than(&[0]);
        let all = watch.works == 9 && now.counted == Some(9) && bad_end.is_none();
        let ended = bad_end.map_or(String::new(), |end| format!(", {end}"));
        let seen = |flaw: &Flaw, flawless| {
            if watch.works > 0 { flaw.or(flawless) } else { Err("no program was in the section".into()) }
        };
        Ok(vec![
            (
                "each-section-is-made-and-counted",
                found(all, format!("{} sections, {now}{ended}", watch.works)),
            ),
            ("never-two-inside", seen(&watch.two_inside, "one at a time")),
            (
                "given-back-and-counted-in-one-step",
                seen(&watch.not_counted, "free only with all sections counted"),
            ),
            ("nothing-is-left-to-undo", seen(&watch.undone, "no process changed a value by ending")),
        ])
    })
}

/// Runs the largest number of sections, with another key, beside a set of another process.
fn a_thousand_sections(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let beside = new_set(KEY)?;
    let semid = new_set(key_t::MAX)?;
    let end = trial.run(&["0x7fffffff", "1000"])?.end();
    let (now, beside) = (Values::of(semid), Values::of(beside));
    let right = now == Values { section: Some(1), counted: Some(1000) };
    let untouched = beside == Values { section: Some(1), counted: Some(0) };
    let seen = format!("1000 sections, key 0x7fffffff: {now}, {end}; the set with another key: {beside}");
    trial.judge("each-section-is-made-and-counted", right && untouched && end.exited(0), seen);
    Ok(())
}

fn one_is_killed(trial: &mut Trial) -> Result<(), Fault> {
    let mut works = false;
    let look = |semid: &i32| Values::of(*semid);
    let finding = trial.kill_one_of_two(
        &sections("2"),
        || new_set(KEY),
        look,
        |_, killed| {
            works |= killed.call == WORK;
            let right =
                Values { section: Some(1), counted: killed.before.counted.map(|counted| counted + 2) };
            let now = look(&killed.made);
            found(killed.other.exited(0) && now == right, format!("{}: {now}, {}", killed.when, killed.other))
        },
    )?;
    let no_work = "it could not be killed in the section: it never called sched_yield";
    let finding = finding.and_then(|calls| either(works, format!("killed before {calls}, twice"), no_work));
    trial.judge_finding("a-killed-holder-lets-the-next-one-in", &finding);
    Ok(())
}

/// The grader is in the section and leaves it; the second time it removes the set instead. Then the set is
/// removed while the program is in the section, and before it starts.
fn one_waits(trial: &mut Trial) -> Result<(), Fault> {
    let mut ends = Vec::new();
    let mut sleeps = Ok(String::new());
    for leave in [true, false] {
        trial.renew()?;
        let semid = new_set(KEY)?;
        semop(semid, &[Sembuf::new(0, -1, 0)])?;
        let mut scheduler = trial.start_scheduled(&sections("1"))?;
        sleeps = sleeps.and(scheduler.until_all_wait_in(&["semop", "semtimedop"])?);
        // An error means that the program removed the set, and loses the line for that.
        let _ = if leave { semop(semid, &[Sembuf::new(0, 1, 0)]) } else { remove(semid) };
        scheduler.until_all_wait()?;
        ends.push(scheduler.ends_now()?.first());
    }
    for inside in [true, false] {
        trial.renew()?;
        let semid = new_set(KEY)?;
        let mut scheduler = trial.start_scheduled(&sections("1"))?;
        if inside {
            scheduler.advance_to(0, WORK)?;
        }
        let _ = remove(semid);
        scheduler.until_all_wait()?;
        ends.push(scheduler.ends_now()?.first());
    }

    let [left, waiting, inside, absent] = &ends[..] else { return Err(Fault::new("there were four runs")) };
    let passed = sleeps.is_ok() && left.exited(0);
    trial.judge("who-waits-sleeps-in-semop", passed, format!("{}; {left}", observed(&sleeps)));
    let passed = [waiting, inside, absent].iter().all(|end| end.exited(3));
    let seen =
        format!("removed while it waits: {waiting}; in the section: {inside}; before it starts: {absent}");
    trial.judge("a-removed-set-ends-it", passed, seen);
    Ok(())
}

fn remove(semid: i32) -> Result<(), Errno> {
    semctl(semid, 0, IPC_RMID).map(drop)
}

/// One program is in the section. The wait of the other one is interrupted; then both continue.
fn one_is_interrupted(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let mut watch = Watch::of(new_set(KEY)?);
    let mut scheduler = trial.scheduler();
    let inside = scheduler.start(&sections("1"))?;
    scheduler.advance_to(inside, WORK)?;
    let waiting = scheduler.start(&sections("2"))?;
    // A few calls bring it to its semop. If it takes the error for permission, a few more bring it into the
    // section.
    scheduler.with_at_most(9);
    if scheduler.advance_until(waiting, |call| Ok(call.waits_for_semaphore_0()))? {
        scheduler.choose(waiting, Choice::Fail(Errno::EINTR))?;
    }
    scheduler.advance_to(waiting, WORK)?;
    scheduler.with_at_most(100);
    let now = watch.until_all_wait(&mut scheduler)?;
    let ends = scheduler.ends_now()?;
    let right = watch.works == 3 && now == Values { section: Some(1), counted: Some(3) };
    let seen = format!("{} sections, {now}, {ends}", watch.works);
    let finding = watch.two_inside.or(&seen).and_then(|seen| found(right && ends.are(&[0, 0]), seen));
    trial.judge_finding("EINTR-is-no-permission", &finding);
    Ok(())
}

/// Creates the set. Semaphore 0 is 1 while the section is free; semaphore 1 counts the sections.
fn new_set(key: key_t) -> Result<i32, Fault> {
    let semid = semget(key, 2, IPC_CREAT | IPC_EXCL | 0o600)?;
    semctl(semid, 0, SETALL(&[1, 0]))?;
    Ok(semid)
}

/// The values of both semaphores; `None` after the set was removed.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Values {
    section: Option<u16>,
    counted: Option<u16>,
}

impl Values {
    fn of(semid: i32) -> Self {
        match semctl(semid, 0, GETALL).unwrap_or_default()[..] {
            [section, counted] => Values { section: Some(section), counted: Some(counted) },
            _ => Values { section: None, counted: None },
        }
    }
}

impl std::fmt::Display for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.section, self.counted) {
            (Some(section), Some(counted)) => write!(f, "{counted} counted, value {section}"),
            _ => f.write_str("no set"),
        }
    }
}

/// What was seen during a run.
#[derive(Default)]
struct Watch {
    semid: i32,
    /// How many times a program was in the section.
    works: u16,
    two_inside: Flaw,
    not_counted: Flaw,
    /// A value changed when a process ended, or was above 1.
    undone: Flaw,
    /// The values just before a process ended.
    before_end: Option<Values>,
}

impl Watch {
    fn of(semid: i32) -> Self {
        Watch { semid, ..Watch::default() }
    }

    fn now(&self) -> Values {
        Values::of(self.semid)
    }

    /// Lets all programs run until they wait or have ended, and checks before each call. Returns the values
    /// then.
    fn until_all_wait(&mut self, scheduler: &mut Scheduler) -> Result<Values, Fault> {
        scheduler.until_all_wait_with(|moment| {
            self.look(&moment);
            Ok(())
        })?;
        let now = self.now();
        self.compare(now);
        Ok(now)
    }

    fn look(&mut self, moment: &Moment) {
        let now = self.now();
        self.compare(now);
        let inside = moment.pending.iter().filter(|call| call.is(WORK)).count();
        self.two_inside.seen_if(inside > 1, || format!("{inside} in the section at the same time"));
        let (counted, works) = (now.counted.unwrap_or(0), self.works);
        let free = now.section.is_some_and(|section| section > 0);
        self.not_counted
            .seen_if(free && counted != works, || format!("free with {counted} of {works} counted"));
        self.works += u16::from(moment.call.is(WORK));
        self.before_end = Some(now).filter(|_| moment.call.is("exit_group"));
    }

    fn compare(&mut self, now: Values) {
        let section = now.section.unwrap_or(0);
        self.undone.seen_if(section > 1, || format!("value {section}"));
        if let Some(before) = self.before_end.take() {
            self.undone.seen_if(before != now, || format!("{before} before a process ended, then {now}"));
        }
    }
}

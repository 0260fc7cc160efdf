//! An object that outlives its maker, and is complete when it gets its name.

use crate::sandbox::{Sandbox, Choice, End, Fault, Object, Scheduler};
use crate::trial::Trial;
use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;

const FILE: &str = "/dev/shm/lab";

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    if !outlives(trial)? {
        // Of what leaves no object there is nothing more to be seen.
        return Ok(());
    }
    step_by_step(trial)?;
    a_slow_writer(trial)?;
    killed_before_each_call(trial)?;
    two_makers(trial)?;
    a_taken_name(trial)
}

/// The contents, longer than a page.
fn contents(of: &str) -> String {
    format!("{of}\n").repeat(1000)
}

fn outlives(trial: &mut Trial) -> Result<bool, Fault> {
    let given = contents("alone");
    let mut program = trial.sandbox.program(&["/lab"]).with_input().start()?;
    program.write(&given);
    program.close_input();
    let end = program.wait(&trial.sandbox, trial.limit())?.clone();
    let seen = Seen::now(&given);
    let outlives = end == End::Exited(0) && seen == Seen::Complete;
    trial.judge("the-object-outlives-its-maker", outlives, format!("{end}, {seen}"));
    if outlives {
        let others = others(&trial.sandbox)?;
        trial.judge("nothing-else-is-left", others.is_empty(), told(&others));
    }
    Ok(outlives)
}

/// Half of the contents come, and for a while no more.
fn a_slow_writer(trial: &mut Trial) -> Result<(), Fault> {
    trial.sandbox.renew()?;
    let given = contents("slowly");
    let (first, second) = given.split_at(given.len() / 2);
    let mut program = trial.sandbox.program(&["/lab"]).with_input().start()?;
    program.write(first);
    program.waits_for_input(&trial.sandbox, trial.limit())?;
    let seen = Seen::now(&given);
    let observed = format!("{seen}, while it waits for the other half");
    trial.judge("the-name-shows-all-or-nothing", seen == Seen::Nothing, observed);
    program.write(second);
    program.close_input();
    program.wait(&trial.sandbox, trial.limit())?;
    Ok(())
}

/// Stops the program before each call, and looks at the name, and at what may get it next.
fn step_by_step(trial: &mut Trial) -> Result<(), Fault> {
    const LINE: &str = "the-name-shows-all-or-nothing";
    trial.sandbox.renew()?;
    let given = contents("step by step");
    let limit = trial.limit();
    let sandbox = &trial.sandbox;
    let mut scheduler = Scheduler::new(sandbox);
    scheduler.start_with_input(&["/lab"], &given)?;
    let mut wrong: Option<String> = None;
    // What was complete before the last call was made.
    let mut complete: Vec<u64> = Vec::new();
    let mut look = |before: &str, complete: &[u64]| {
        let seen = Seen::now(&given);
        let known = fs::metadata(FILE).is_ok_and(|meta| complete.contains(&meta.ino()));
        match seen {
            Seen::Complete if !known => {
                wrong.get_or_insert(format!(
                    "it had its name before all of its bytes, as seen before {before}"
                ));
            }
            Seen::Partly { .. } => {
                wrong.get_or_insert(format!("{seen}, as seen before {before}"));
            }
            Seen::Nothing | Seen::Complete => {}
        }
    };
    scheduler.play_with(limit, |pending| {
        look(&pending[0].call, &complete);
        complete = complete_inodes(sandbox, &given);
        (0, Choice::Go)
    })?;
    look("its end", &complete);
    let there = Seen::now(&given) == Seen::Complete;
    let passed = there && wrong.is_none();
    let otherwise = if there { "complete, and named then" } else { "no object" };
    trial.judge(LINE, passed, wrong.unwrap_or_else(|| otherwise.into()));
    Ok(())
}

/// Kills the program before its first call, before its second, and so on; then comes the next run.
fn killed_before_each_call(trial: &mut Trial) -> Result<(), Fault> {
    let (mut in_the_way, mut names): (Option<String>, Option<String>) = (None, None);
    let mut kills = 0;
    while let Some((call, seen)) = killed_before(trial, kills)? {
        kills += 1;
        let others = others(&trial.sandbox)?;
        if !others.is_empty() {
            names.get_or_insert(format!("killed before {call}: {}", told(&others)));
        }
        let again = contents("next");
        let mut program = trial.sandbox.program(&["/lab"]).with_input().start()?;
        program.write(&again);
        program.close_input();
        let end = program.wait(&trial.sandbox, trial.limit())?.clone();
        let copes = match seen {
            Seen::Nothing => end == End::Exited(0) && Seen::now(&again) == Seen::Complete,
            // Whether the next run leaves it alone is another line.
            Seen::Complete => {
                [KILLED, "next"].map(contents).iter().any(|all| Seen::now(all) == Seen::Complete)
            }
            Seen::Partly { .. } => false,
        };
        if !copes {
            in_the_way.get_or_insert(format!("killed before {call}: {seen}; the next run: {end}"));
        }
        // No right program makes so many calls that others notice.
        if kills > 64 {
            return Ok(());
        }
    }
    for (line, wrong) in
        [("the-next-run-copes-with-a-killed-one", in_the_way), ("a-killed-maker-leaves-no-other-name", names)]
    {
        let passed = wrong.is_none() && kills > 0;
        let observed = wrong.unwrap_or_else(|| format!("all well: killed before each of {kills} calls"));
        trial.judge(line, passed, observed);
    }
    Ok(())
}

const KILLED: &str = "killed";

/// Kills it before the call of this number. Returns the call, and what is there then; `None` if it
/// ended before.
fn killed_before(trial: &mut Trial, number: usize) -> Result<Option<(String, Seen)>, Fault> {
    trial.sandbox.renew()?;
    let mut scheduler = Scheduler::new(&trial.sandbox);
    scheduler.start_with_input(&["/lab"], &contents(KILLED))?;
    let (mut calls, mut killed) = (0, None);
    scheduler.play_with(trial.limit(), |pending| {
        calls += 1;
        if calls != number + 1 {
            return (0, Choice::Go);
        }
        killed = Some(pending[0].call.clone());
        (0, Choice::Kill)
    })?;
    Ok(killed.map(|call| (call, Seen::now(&contents(KILLED)))))
}

fn two_makers(trial: &mut Trial) -> Result<(), Fault> {
    trial.under_schedules(24, |scheduler, schedule, limit| {
        let given = [contents("A"), contents("B")];
        for given in &given {
            scheduler.start_with_input(&["/lab"], given)?;
        }
        let ends = scheduler.play(schedule, limit)?;
        let won = given.each_ref().map(|given| Seen::now(given) == Seen::Complete);
        let right = |won: bool, end: &End| *end == End::Exited(i32::from(!won));
        let one = won.iter().filter(|won| **won).count() == 1;
        let held = one && won.iter().zip(&ends).all(|(won, end)| right(*won, end));
        let whose = match won {
            [true, _] => "A's",
            [_, true] => "B's",
            _ => "nobody's",
        };
        let observed = format!("A: {}, B: {}, the contents are {whose}", ends[0], ends[1]);
        Ok(vec![("of-two-makers-one-wins", held, observed)])
    })
}

/// Somebody else has an object of that name.
fn a_taken_name(trial: &mut Trial) -> Result<(), Fault> {
    trial.sandbox.renew()?;
    let theirs = contents("theirs");
    fs::write(FILE, &theirs).map_err(|error| Fault::io(FILE, &error))?;
    let inode = || fs::metadata(FILE).map(|meta| meta.ino()).ok();
    let before = inode();
    let mut program = trial.sandbox.program(&["/lab"]).with_input().start()?;
    program.write(&contents("ours"));
    program.close_input();
    let end = program.wait(&trial.sandbox, trial.limit())?.clone();
    let same = inode() == before && Seen::now(&theirs) == Seen::Complete;
    let observed = format!(
        "{end}, and {}",
        if same { "it is as it was" } else { "it is another, or has other contents" }
    );
    trial.judge("a-taken-name-is-left-alone", end == End::Exited(1) && same, observed);
    let others = others(&trial.sandbox)?;
    trial.judge("nothing-else-is-left", others.is_empty(), told(&others));
    Ok(())
}

/// What a reader finds behind the name.
#[derive(PartialEq, Eq)]
enum Seen {
    Nothing,
    Partly { right: usize, size: usize, of: usize },
    Complete,
}

impl Seen {
    fn now(given: &str) -> Self {
        match fs::read(FILE) {
            Err(_) if fs::symlink_metadata(FILE).is_err() => Seen::Nothing,
            found => Seen::of(&found.unwrap_or_default(), given.as_bytes()),
        }
    }

    fn of(found: &[u8], given: &[u8]) -> Self {
        let right = found.iter().zip(given).take_while(|(found, given)| found == given).count();
        let (size, of) = (found.len(), given.len());
        if right == of && size == of { Seen::Complete } else { Seen::Partly { right, size, of } }
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Seen::Nothing => f.write_str("no object"),
            Seen::Partly { right, size, of } => {
                write!(f, "an object of {size} bytes, of which {right} are right, for {of}")
            }
            Seen::Complete => f.write_str("all of it"),
        }
    }
}

/// All files of /dev/shm that have these contents, with a name or without.
fn complete_inodes(sandbox: &Sandbox, given: &str) -> Vec<u64> {
    let entries = |folder: String| fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut paths: Vec<_> = entries("/dev/shm".into()).map(|entry| entry.path()).collect();
    for process in sandbox.processes().unwrap_or_default() {
        paths.extend(entries(format!("/proc/{}/fd", process.pid)).map(|entry| entry.path()));
    }
    let device = fs::metadata("/dev/shm").map(|meta| meta.dev()).ok();
    let here = paths.into_iter().filter_map(|path| Some((fs::metadata(&path).ok()?, path)));
    // A pipe must not be read: it would not end.
    here.filter(|(meta, path)| {
        Some(meta.dev()) == device
            && meta.is_file()
            && fs::read(path).is_ok_and(|bytes| bytes == given.as_bytes())
    })
    .map(|(meta, _)| meta.ino())
    .collect()
}

/// The objects besides the one that is to be there.
fn others(sandbox: &Sandbox) -> Result<Vec<Object>, Fault> {
    let mut objects = sandbox.objects()?;
    objects.retain(|object| {
        !matches!(object, Object::Posix { kind: ipc_workbook::observe::Kind::SharedMemory, name, .. } if name == "/lab")
    });
    Ok(objects)
}

fn told(others: &[Object]) -> String {
    let others: Vec<String> = others.iter().map(ToString::to_string).collect();
    if others.is_empty() { "nothing else".into() } else { others.join(", ") }
}

//! An object that outlives its maker, and is complete when it gets its name.

use crate::finding::{Flaw, found};
use crate::sandbox::{Fault, Objects, Sandbox};
use crate::trial::Trial;
use ipc_workbook::observe::Kind;
use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;

const FILE: &str = "/dev/shm/lab";

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    if !outlives(trial)? {
        // A program that leaves no object shows nothing more.
        return Ok(());
    }
    step_by_step(trial)?;
    a_slow_writer(trial)?;
    killed_before_each_call(trial)?;
    two_makers(trial)?;
    a_taken_name(trial)
}

fn outlives(trial: &mut Trial) -> Result<bool, Fault> {
    let given = contents("alone");
    let program = trial.run_with_input(&["/lab"], &given)?;
    let seen = Seen::now(&given);
    let outlives = program.exited(0) && seen == Seen::Complete;
    trial.judge("the-object-outlives-its-maker", outlives, format!("{}, {seen}", program.end()));
    if outlives {
        let others = besides(&trial.objects()?);
        trial.judge("nothing-else-is-left", others.is_empty(), others.or("nothing else"));
    }
    Ok(outlives)
}

/// Half of the contents come, and for a while no more.
fn a_slow_writer(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let given = contents("slowly");
    let (first, second) = given.split_at(given.len() / 2);
    let mut program = trial.start_with_input(&["/lab"])?;
    program.write(first);
    trial.waits_for_input(&mut program)?;
    let seen = Seen::now(&given);
    let observed = format!("{seen}, while it waits for the other half");
    trial.judge("the-name-shows-all-or-nothing", seen == Seen::Nothing, observed);
    program.write(second);
    program.close_input();
    trial.wait(&mut program)?;
    Ok(())
}

/// Looks before each call at the name, and at what may get it next.
fn step_by_step(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let given = contents("step by step");
    let mut flaw = Flaw::default();
    // What was complete before the last call was made.
    let mut complete: Vec<u64> = Vec::new();
    let mut look = |before: &str, complete: &[u64]| {
        let seen = Seen::now(&given);
        let known = fs::metadata(FILE).is_ok_and(|meta| complete.contains(&meta.ino()));
        flaw.seen_if(seen == Seen::Complete && !known, || {
            format!("it had its name before all of its bytes, as seen before {before}")
        });
        flaw.seen_if(matches!(seen, Seen::Partly { .. }), || format!("{seen}, as seen before {before}"));
        seen
    };
    let mut scheduler = trial.scheduler();
    scheduler.start_with_input(&["/lab"], &given)?;
    scheduler.play_with(|moment| {
        look(&moment.call.name, &complete);
        complete = complete_inodes(moment.sandbox, &given)?;
        Ok(())
    })?;
    let there = look("its end", &complete) == Seen::Complete;
    let finding = flaw.or("complete, and named then").and_then(|seen| found(there, if there { &seen } else { "no object" }));
    trial.judge_finding("the-name-shows-all-or-nothing", &finding);
    Ok(())
}

/// Kills the program before its first call, before its second, and so on; then comes the next run.
fn killed_before_each_call(trial: &mut Trial) -> Result<(), Fault> {
    let (killed, next) = (contents("killed"), contents("next"));
    let (mut in_the_way, mut names) = (Flaw::default(), Flaw::default());
    let calls = trial.at_each_call(|trial, n| {
        let launch = trial.sandbox.program(&["/lab"]).input(&killed);
        let Some(call) = trial.kill_before_call(n, launch)? else { return Ok(None) };
        let seen = Seen::now(&killed);
        let others = besides(&trial.objects()?);
        names.seen_if(!others.is_empty(), || format!("killed before {call}: {}", others.or("nothing else")));

        let program = trial.run_with_input(&["/lab"], &next)?;
        let copes = match seen {
            Seen::Nothing => program.exited(0) && Seen::now(&next) == Seen::Complete,
            // Whether the next run leaves it alone is another line.
            Seen::Complete => [&killed, &next].iter().any(|all| Seen::now(all) == Seen::Complete),
            Seen::Partly { .. } => false,
        };
        in_the_way.seen_if(!copes, || format!("killed before {call}: {seen}; the next run: {}", program.end()));
        Ok(Some(Ok(call)))
    })?;
    for (line, flaw) in
        [("the-next-run-copes-with-a-killed-one", in_the_way), ("a-killed-maker-leaves-no-other-name", names)]
    {
        let finding = calls.clone().and_then(|calls| flaw.or(format!("all well: killed before {calls}")));
        trial.judge_finding(line, &finding);
    }
    Ok(())
}

fn two_makers(trial: &mut Trial) -> Result<(), Fault> {
    trial.under_schedules(24, |scheduler| {
        let given = [contents("A"), contents("B")];
        for given in &given {
            scheduler.start_with_input(&["/lab"], given)?;
        }
        let ends = scheduler.play()?;
        let (whose, held) = match given.each_ref().map(|given| Seen::now(given) == Seen::Complete) {
            [true, _] => ("A's", ends.are(&[0, 1])),
            [_, true] => ("B's", ends.are(&[1, 0])),
            _ => ("nobody's", false),
        };
        let observed = format!("A: {}, B: {}, the contents are {whose}", ends.of(0), ends.of(1));
        Ok(vec![("of-two-makers-one-wins", found(held, observed))])
    })
}

/// Another process has an object of that name.
fn a_taken_name(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let theirs = contents("theirs");
    fs::write(FILE, &theirs).map_err(|error| Fault::io(FILE, &error))?;
    let before = trial.objects()?;
    let program = trial.run_with_input(&["/lab"], &contents("ours"))?;
    let objects = trial.objects()?;
    let same = objects.still_have(&before) && Seen::now(&theirs) == Seen::Complete;
    let what = if same { "it is as it was" } else { "it is another, or has other contents" };
    let observed = format!("{}, and {what}", program.end());
    trial.judge("a-taken-name-is-left-alone", program.exited(1) && same, observed);
    let others = besides(&objects);
    trial.judge("nothing-else-is-left", others.is_empty(), others.or("nothing else"));
    Ok(())
}

/// The contents, longer than a page.
fn contents(of: &str) -> String {
    format!("{of}\n").repeat(1000)
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
fn complete_inodes(sandbox: &Sandbox, given: &str) -> Result<Vec<u64>, Fault> {
    let entries = |folder: String| fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut paths: Vec<_> = entries("/dev/shm".into()).map(|entry| entry.path()).collect();
    for process in sandbox.processes()? {
        paths.extend(entries(format!("/proc/{}/fd", process.pid)).map(|entry| entry.path()));
    }
    let device = fs::metadata("/dev/shm").map(|meta| meta.dev()).ok();
    let metas = paths.into_iter().filter_map(|path| Some((fs::metadata(&path).ok()?, path)));
    // A pipe must not be read: it would not end.
    let here = metas.filter(|(meta, _)| Some(meta.dev()) == device && meta.is_file());
    let complete = here.filter(|(_, path)| fs::read(path).is_ok_and(|bytes| bytes == given.as_bytes()));
    Ok(complete.map(|(meta, _)| meta.ino()).collect())
}

/// The objects besides the one that is to be there.
fn besides(objects: &Objects) -> Objects {
    objects.besides(Kind::SharedMemory, "/lab")
}

//! An object that outlives its maker, and is complete when it gets its name.

use crate::finding::{Flaw, either, found};
use crate::sandbox::{Contents, Fault};
use crate::trial::Trial;
use ipc_workbook::observe::Kind;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

const FILE: &str = "/dev/shm/lab";

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    if !outlives(trial)? {
        // Without an object there is nothing more to check.
        return Ok(());
    }
    other_contents(trial)?;
    step_by_step(trial)?;
    a_slow_writer(trial)?;
    killed_before_each_call(trial)?;
    two_makers(trial)?;
    a_taken_name(trial)
}

/// Returns false if there is no object at all.
fn outlives(trial: &mut Trial) -> Result<bool, Fault> {
    let given = contents("alone");
    let program = trial.run_with_input(&["/lab"], &given)?;
    let seen = Contents::of(FILE, &given);
    let outlives = program.exited(0) && seen == Contents::Complete;
    trial.judge("the-object-outlives-its-maker", outlives, format!("{}, {seen}", program.end()));
    // A pipe or a link is not an object.
    if !fs::symlink_metadata(FILE).is_ok_and(|meta| meta.is_file()) {
        return Ok(false);
    }
    nothing_else(trial, program.end().in_time(), "/lab")?;
    Ok(true)
}

/// One byte, bytes with the value zero, no newline at the end, the largest size; and other names.
fn other_contents(trial: &mut Trial) -> Result<(), Fault> {
    let largest = contents("largest").repeat(9)[..64 << 10].to_string();
    for (name, given, what) in [
        ("/lab", "x", "one byte"),
        ("/lab two", "\0a\0\n\0", "zero bytes"),
        ("/lab.3", "%s %n\r\n \\ no newline at its end ", "a line without a newline"),
        ("/lab", &largest, "64 KiB"),
    ] {
        trial.renew()?;
        let program = trial.run_with_input(&[name], given)?;
        let seen = Contents::of(&format!("/dev/shm{name}"), given);
        let outlives = program.exited(0) && seen == Contents::Complete;
        let observed = format!("{what} for {name}: {}, {seen}", program.end());
        trial.judge("the-object-outlives-its-maker", outlives, observed);
        nothing_else(trial, program.end().in_time(), name)?;
        if !program.end().in_time() {
            break;
        }
    }
    Ok(())
}

/// Only half of the contents arrive at first.
fn a_slow_writer(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let given = contents("slowly");
    let (first, second) = given.split_at(given.len() / 2);
    let mut program = trial.start_with_input(&["/lab"])?;
    program.write(first);
    trial.waits_for_input(&mut program)?;
    let seen = Contents::of(FILE, &given);
    let observed = format!("{seen}, while it waits for the other half");
    trial.judge("the-name-shows-all-or-nothing", seen == Contents::Absent, observed);
    program.write(second);
    program.close_input();
    trial.wait(&mut program).map(drop)
}

/// Looks before each call at the object with the name, and at files that may get the name next.
fn step_by_step(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let given = contents("step by step");
    let mut flaw = Flaw::default();
    // The inodes that were complete before the last call was made.
    let mut complete: Vec<u64> = Vec::new();
    let mut look = |before: &str, complete: &[u64]| {
        let seen = Contents::of(FILE, &given);
        let known = fs::metadata(FILE).is_ok_and(|meta| complete.contains(&meta.ino()));
        flaw.seen_if(seen == Contents::Complete && !known, || {
            format!("it had its name before it had all its bytes (seen before {before})")
        });
        flaw.seen_if(matches!(seen, Contents::Partly { .. }), || format!("{seen} (seen before {before})"));
        seen
    };
    let mut scheduler = trial.start_scheduled_with_input(&["/lab"], &given)?;
    scheduler.play_with(|moment| {
        look(&moment.call.name, &complete);
        complete = moment.sandbox.complete_inodes(&given)?;
        Ok(())
    })?;
    let finding = match look("its end", &complete) {
        Contents::Absent => Err("no object".into()),
        _ => flaw.or("complete, and then named"),
    };
    trial.judge_finding("the-name-shows-all-or-nothing", &finding);
    Ok(())
}

/// Kills the program before its first call, before its second, and so on. After each kill it runs again.
fn killed_before_each_call(trial: &mut Trial) -> Result<(), Fault> {
    const COPES: &str = "the-next-run-copes-with-a-killed-one";
    const NO_NAMES: &str = "a-killed-maker-leaves-no-other-name";
    let (killed, next) = (contents("killed"), contents("next"));
    let mut in_the_way = false;
    let calls = trial.at_each_call(|trial, n| {
        let launch = trial.sandbox.program(&["/lab"]).input(&killed);
        let Some(call) = trial.kill_before_call(n, launch)? else { return Ok(None) };
        let seen = Contents::of(FILE, &killed);
        let others = trial.objects()?.besides(Kind::SharedMemory, "/lab");
        if !others.is_empty() {
            trial.judge(NO_NAMES, false, format!("killed before {call}: {}", others.or("nothing else")));
        }
        if in_the_way {
            // Seeing this once is enough, and each next run may fail to end.
            return Ok(Some(Ok(call)));
        }
        let program = trial.run_with_input(&["/lab"], &next)?;
        let copes = match seen {
            Contents::Absent => program.exited(0) && Contents::are_complete(FILE, &next),
            // Another line judges whether the next run leaves it alone.
            Contents::Complete => [&killed, &next].iter().any(|all| Contents::are_complete(FILE, all)),
            Contents::Partly { .. } => false,
        };
        if !copes {
            in_the_way = true;
            let observed = format!("killed before {call}: {seen}; the next run: {}", program.end());
            trial.judge(COPES, false, observed);
        }
        Ok(Some(Ok(call)))
    })?;
    let well = calls.map(|calls| format!("all well when killed before {calls}"));
    trial.judge_finding(COPES, &well);
    trial.judge_finding(NO_NAMES, &well);
    Ok(())
}

fn two_makers(trial: &mut Trial) -> Result<(), Fault> {
    trial.under_schedules(24, |scheduler| {
        let given = [contents("A"), contents("B")];
        for given in &given {
            scheduler.start_with_input(&["/lab"], given)?;
        }
        let ends = scheduler.play()?;
        let (whose, held) = match given.map(|given| Contents::are_complete(FILE, &given)) {
            [true, _] => ("A's", ends.are(&[0, 1])),
            [_, true] => ("B's", ends.are(&[1, 0])),
            _ => ("nobody's", false),
        };
        let observed = format!("A: {}, B: {}, the contents are {whose}", ends.of(0), ends.of(1));
        Ok(vec![("of-two-makers-one-wins", found(held, observed))])
    })
}

/// The name is taken by an object, an empty object, one that nobody may open, a dangling link, or a folder.
fn a_taken_name(trial: &mut Trial) -> Result<(), Fault> {
    let theirs = contents("theirs");
    for what in ["an object", "an empty object", "an object of mode 0000", "a link", "a folder"] {
        trial.renew()?;
        let made = match what {
            "a link" => symlink("/dev/shm/lab_nowhere", FILE),
            "a folder" => fs::create_dir(FILE),
            "an empty object" => fs::write(FILE, ""),
            _ => fs::write(FILE, &theirs),
        };
        let nobody = fs::Permissions::from_mode(0o000);
        let locked = if what.ends_with("0000") { fs::set_permissions(FILE, nobody) } else { Ok(()) };
        made.and(locked).map_err(|error| Fault::io(FILE, &error))?;

        let left_alone = trial.run_beside_others(&["/lab"], &contents("ours"), 1)?;
        let same = !what.starts_with("an object") || Contents::are_complete(FILE, &theirs);
        let left_alone = left_alone.and_then(|seen| either(same, seen, "other contents"));
        let of = |seen| format!("name taken by {what}: {seen}");
        trial.judge_finding("a-taken-name-is-left-alone", &left_alone.map(of).map_err(of));
        nothing_else(trial, true, "/lab")?;
    }
    Ok(())
}

/// Checks that there is no other object when the program has ended.
fn nothing_else(trial: &mut Trial, ended: bool, name: &str) -> Result<(), Fault> {
    if trial.objects()?.find(Kind::SharedMemory, name).is_none() {
        return Ok(());
    }
    let others = trial.objects()?.besides(Kind::SharedMemory, name);
    let observed = if ended { others.or("nothing else") } else { "it does not end".into() };
    trial.judge("nothing-else-is-left", ended && others.is_empty(), observed);
    Ok(())
}

/// Returns contents that are longer than a page.
fn contents(of: &str) -> String {
    format!("{of}\n").repeat(1000)
}

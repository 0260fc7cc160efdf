//! An object that outlives its maker, and is complete when it gets its name.

use crate::finding::{Flaw, either, found};
use crate::sandbox::{Contents, Fault};
use crate::trial::Trial;
use ipc_workbook::observe::Kind;
use std::fs;
use std::os::unix::fs::MetadataExt;

const FILE: &str = "/dev/shm/lab";

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    if !outlives(trial)? {
        // A program that leaves no object shows nothing more.
        return Ok(());
    }
    nothing_else(trial)?;
    step_by_step(trial)?;
    a_slow_writer(trial)?;
    killed_before_each_call(trial)?;
    two_makers(trial)?;
    a_taken_name(trial)
}

fn outlives(trial: &mut Trial) -> Result<bool, Fault> {
    let given = contents("alone");
    let program = trial.run_with_input(&["/lab"], &given)?;
    let seen = Contents::of(FILE, &given);
    let outlives = program.exited(0) && seen == Contents::Complete;
    trial.judge("the-object-outlives-its-maker", outlives, format!("{}, {seen}", program.end()));
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
    let seen = Contents::of(FILE, &given);
    let observed = format!("{seen}, while it waits for the other half");
    trial.judge("the-name-shows-all-or-nothing", seen == Contents::Absent, observed);
    program.write(second);
    program.close_input();
    trial.wait(&mut program).map(drop)
}

/// Looks before each call at the name, and at what may get it next.
fn step_by_step(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let given = contents("step by step");
    let mut flaw = Flaw::default();
    // What was complete before the last call was made.
    let mut complete: Vec<u64> = Vec::new();
    let mut look = |before: &str, complete: &[u64]| {
        let seen = Contents::of(FILE, &given);
        let known = fs::metadata(FILE).is_ok_and(|meta| complete.contains(&meta.ino()));
        flaw.seen_if(seen == Contents::Complete && !known, || {
            format!("it had its name before all of its bytes, as seen before {before}")
        });
        flaw.seen_if(matches!(seen, Contents::Partly { .. }), || format!("{seen}, as seen before {before}"));
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
        _ => flaw.or("complete, and named then"),
    };
    trial.judge_finding("the-name-shows-all-or-nothing", &finding);
    Ok(())
}

/// Kills the program before its first call, before its second, and so on; then comes the next run.
fn killed_before_each_call(trial: &mut Trial) -> Result<(), Fault> {
    let (killed, next) = (contents("killed"), contents("next"));
    const COPES: &str = "the-next-run-copes-with-a-killed-one";
    const NO_NAMES: &str = "a-killed-maker-leaves-no-other-name";
    let calls = trial.at_each_call(|trial, n| {
        let launch = trial.sandbox.program(&["/lab"]).input(&killed);
        let Some(call) = trial.kill_before_call(n, launch)? else { return Ok(None) };
        let seen = Contents::of(FILE, &killed);
        let others = trial.objects()?.besides(Kind::SharedMemory, "/lab");
        if !others.is_empty() {
            trial.judge(NO_NAMES, false, format!("killed before {call}: {}", others.or("nothing else")));
        }

        let program = trial.run_with_input(&["/lab"], &next)?;
        let copes = match seen {
            Contents::Absent => program.exited(0) && Contents::are_complete(FILE, &next),
            // Whether the next run leaves it alone is another line.
            Contents::Complete => [&killed, &next].iter().any(|all| Contents::are_complete(FILE, all)),
            Contents::Partly { .. } => false,
        };
        if !copes {
            let observed = format!("killed before {call}: {seen}; the next run: {}", program.end());
            trial.judge(COPES, false, observed);
        }
        Ok(Some(Ok(call)))
    })?;
    let well = calls.map(|calls| format!("all well: killed before {calls}"));
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

/// Another process has an object of that name.
fn a_taken_name(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let theirs = contents("theirs");
    fs::write(FILE, &theirs).map_err(|error| Fault::io(FILE, &error))?;
    let left_alone = trial.run_beside_others(&["/lab"], &contents("ours"), 1)?;
    let same = Contents::are_complete(FILE, &theirs);
    let left_alone = left_alone.and_then(|seen| either(same, seen, "other contents"));
    trial.judge_finding("a-taken-name-is-left-alone", &left_alone);
    nothing_else(trial)
}

/// Besides the object there is to be none.
fn nothing_else(trial: &mut Trial) -> Result<(), Fault> {
    let others = trial.objects()?.besides(Kind::SharedMemory, "/lab");
    trial.judge("nothing-else-is-left", others.is_empty(), others.or("nothing else"));
    Ok(())
}

/// The contents, longer than a page.
fn contents(of: &str) -> String {
    format!("{of}\n").repeat(1000)
}

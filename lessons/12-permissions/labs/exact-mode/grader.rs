//! An exact mode, whatever the umask.

use crate::peer::create_queue;
use crate::sandbox::Fault;
use crate::trial::Trial;
use ipc_workbook::observe::Kind;

/// The umask, the name of the queue, and its requested mode.
type Case = (u32, &'static str, &'static str);

const CASES: [Case; 7] = [
    (0o022, "/lab", "0600"),
    (0o027, "/lab", "0660"),
    (0o077, "/lab", "0666"),
    (0o000, "/lab", "640"),
    (0o777, "/lab", "0777"),
    (0o022, "/lab two", "0461"),
    (0o022, "/lab.3", "0000"),
];

/// Modes that lack bits which a program may set at first.
const STEP_BY_STEP: [Case; 3] =
    [(0o000, "/lab", "0600"), (0o000, "/lab two", "0440"), (0o077, "/lab", "0066")];

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    for case in CASES {
        if !under_a_umask(trial, case)? {
            break;
        }
    }
    for case in STEP_BY_STEP {
        never_more(trial, case)?;
    }
    Ok(())
}

/// Runs the program beside a queue of another process. Returns false if it does not end in time, since it
/// would not end in the other cases either.
fn under_a_umask(trial: &mut Trial, (umask, name, mode): Case) -> Result<bool, Fault> {
    trial.renew()?;
    let _theirs = create_queue(c"/lab_of_others", 1, 16)?;
    let before = trial.objects()?;
    let launch = trial.sandbox.program(&[name, mode]).umask(umask);
    let program = trial.sandbox.run(launch, trial.limit())?;
    let objects = trial.objects()?;
    let has = objects.find(Kind::Queue, name).map(|queue| queue.mode);
    let (end, in_time, asked) = (program.end(), program.end().in_time(), octal(mode));

    let made = if has.is_some() { "a queue" } else { "no queue" };
    let ended = program.exited(0) && has.is_some();
    trial.judge("the-program-ends-with-exit-code-0", ended, format!("{end}, and {made}"));

    // A program that has not ended may still change the mode.
    let has_it = has == Some(asked) && in_time;
    let observed = match has {
        Some(has) if in_time => format!("mode {has:04o}, requested {asked:04o}"),
        Some(has) => format!("mode {has:04o}, requested {asked:04o}; {end}"),
        None => format!("no queue {name}"),
    };
    let masked = has.is_some_and(|has| has == asked & !umask && has != asked);
    let because = masked.then(|| format!("the umask {umask:04o} masked out some of the bits"));
    trial.judge_because("the-queue-has-the-mode-under-any-umask", has_it, observed, because);

    let others = objects.besides(Kind::Queue, name);
    let as_before = others.len() == before.len() && others.still_have(&before);
    let observed = match (as_before, has) {
        (true, Some(_)) => "only the queue".into(),
        (true, None) => "not even the queue".into(),
        (false, _) => format!("other objects: {}", others.or("nothing")),
    };
    let left = if in_time { observed } else { end.to_string() };
    trial.judge("nothing-else-is-left", has.is_some() && as_before && in_time, left);
    Ok(in_time)
}

/// Looks at the mode of the queue before each call.
fn never_more(trial: &mut Trial, (umask, name, mode): Case) -> Result<(), Fault> {
    trial.renew()?;
    let asked = octal(mode);
    let mut modes: Vec<u32> = Vec::new();
    let mut scheduler = trial.scheduler();
    scheduler.add(trial.sandbox.program(&[name, mode]).umask(umask))?;
    scheduler.play_with(|moment| {
        modes.extend(moment.sandbox.objects()?.find(Kind::Queue, name).map(|queue| queue.mode));
        Ok(())
    })?;
    modes.extend(trial.objects()?.find(Kind::Queue, name).map(|queue| queue.mode));

    let more = modes.iter().find(|mode| *mode & !asked != 0);
    let observed = match more {
        Some(mode) => format!("mode {mode:04o} for a moment, requested {asked:04o}"),
        None if modes.is_empty() => "no queue at any moment".into(),
        None => "no bit beyond the mode".into(),
    };
    trial.judge("the-queue-never-grants-more", more.is_none() && !modes.is_empty(), observed);
    Ok(())
}

fn octal(mode: &str) -> u32 {
    u32::from_str_radix(mode, 8).unwrap_or(0)
}

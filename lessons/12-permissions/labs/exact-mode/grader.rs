//! An exact mode, whatever the umask.

use crate::sandbox::Fault;
use crate::trial::Trial;

/// Under which umask which mode is asked for.
const CASES: [(u32, u32); 4] = [(0o022, 0o600), (0o027, 0o660), (0o077, 0o666), (0o000, 0o640)];

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    for (umask, asked) in CASES {
        under_a_umask(trial, umask, asked)?;
    }
    never_more(trial)
}

fn under_a_umask(trial: &mut Trial, umask: u32, asked: u32) -> Result<(), Fault> {
    trial.renew()?;
    let launch = trial.sandbox.program(&["/lab", &format!("{asked:04o}")]).umask(umask);
    let program = trial.sandbox.run(launch, trial.limit())?;
    let objects = trial.objects()?;
    let mode = objects.queue().map(|queue| queue.mode);

    let made = if mode.is_some() { "a queue" } else { "no queue" };
    let observed = format!("{}, and {made}", program.end());
    trial.judge("the-program-ends-with-exit-code-0", program.exited(0) && mode.is_some(), observed);

    let observed = mode.map_or("no queue /lab".into(), |mode| format!("mode {mode:04o} for {asked:04o}"));
    let masked = mode.is_some_and(|mode| mode == asked & !umask && mode != asked);
    let because = masked.then(|| format!("the umask was {umask:04o}, and took bits"));
    trial.judge_because("the-queue-has-the-mode-under-any-umask", mode == Some(asked), observed, because);

    let alone = mode.is_some() && objects.len() == 1;
    trial.judge("nothing-else-is-left", alone, objects.or("nothing"));
    Ok(())
}

/// Looks before each call at the mode that the queue has then.
fn never_more(trial: &mut Trial) -> Result<(), Fault> {
    const ASKED: u32 = 0o600;
    trial.renew()?;
    let mut modes: Vec<u32> = Vec::new();
    let mut scheduler = trial.scheduler();
    scheduler.add(trial.sandbox.program(&["/lab", "0600"]).umask(0))?;
    scheduler.play_with(|moment| {
        modes.extend(moment.sandbox.objects()?.queue().map(|queue| queue.mode));
        Ok(())
    })?;
    modes.extend(trial.objects()?.queue().map(|queue| queue.mode));

    let more = modes.iter().find(|mode| *mode & !ASKED != 0);
    let observed = match more {
        Some(mode) => format!("mode {mode:04o} for {ASKED:04o}, for a moment"),
        None if modes.is_empty() => "no queue at any moment".into(),
        None => "no bit beyond the mode".into(),
    };
    trial.judge("the-queue-never-grants-more", more.is_none() && !modes.is_empty(), observed);
    Ok(())
}

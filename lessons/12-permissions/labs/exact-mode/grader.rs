//! An exact mode, whatever the umask.

use crate::sandbox::{Choice, Fault, Object, Scheduler};
use crate::trial::Trial;

/// Under which umask which mode is asked for.
const CASES: [(u32, u32); 4] = [(0o022, 0o600), (0o027, 0o660), (0o077, 0o666), (0o000, 0o640)];

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    for (umask, asked) in CASES {
        trial.sandbox.renew()?;
        let program =
            trial.sandbox.program(&["/lab", &format!("{asked:04o}")]).umask(umask).run(trial.limit())?;
        let objects = trial.sandbox.objects()?;
        let mode = mode_of(&objects);
        let made = if mode.is_some() { "a queue" } else { "no queue" };
        let ended = format!("{}, and {made}", program.end());
        trial.judge("the-program-ends-with-exit-code-0", program.exited(0) && mode.is_some(), ended);

        let observed = mode.map_or("no queue /lab".into(), |mode| format!("mode {mode:04o} for {asked:04o}"));
        let because = mode.filter(|mode| *mode == asked & !umask && *mode != asked);
        let because = because.map(|_| format!("the umask was {umask:04o}, and took bits"));
        trial.judge_because("the-queue-has-the-mode-under-any-umask", mode == Some(asked), observed, because);

        let left: Vec<String> = objects.iter().map(ToString::to_string).collect();
        let observed = if left.is_empty() { "nothing".into() } else { left.join(", ") };
        trial.judge("nothing-else-is-left", mode.is_some() && left.len() == 1, observed);
    }
    never_more(trial)
}

/// Stops the program before each call, and looks at the mode that the queue has then.
fn never_more(trial: &mut Trial) -> Result<(), Fault> {
    const ASKED: u32 = 0o600;
    trial.sandbox.renew()?;
    let limit = trial.limit();
    let mut seen: Vec<u32> = Vec::new();
    let sandbox = &trial.sandbox;
    let mut scheduler = Scheduler::new(sandbox);
    scheduler.add(sandbox.program(&["/lab", "0600"]).umask(0).scheduled().start()?)?;
    scheduler.play_with(limit, |_| {
        seen.extend(sandbox.objects().ok().as_deref().and_then(mode_of));
        (0, Choice::Go)
    })?;
    seen.extend(mode_of(&sandbox.objects()?));
    let worst = seen.iter().find(|mode| *mode & !ASKED != 0);
    let observed = match (worst, seen.is_empty()) {
        (_, true) => "no queue at any moment".into(),
        (Some(mode), _) => format!("mode {mode:04o} for {ASKED:04o}, for a moment"),
        (None, _) => "no bit beyond the mode".into(),
    };
    trial.judge("the-queue-never-grants-more", worst.is_none() && !seen.is_empty(), observed);
    Ok(())
}

fn is_the_queue(object: &Object) -> bool {
    matches!(object, Object::Posix { kind: ipc_workbook::observe::Kind::Queue, name, .. } if name == "/lab")
}

fn mode_of(objects: &[Object]) -> Option<u32> {
    objects.iter().find_map(|object| match object {
        Object::Posix { mode, .. } if is_the_queue(object) => Some(*mode),
        _ => None,
    })
}

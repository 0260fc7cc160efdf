//! Exactly one creates.

use crate::finding::found;
use crate::sandbox::Fault;
use crate::trial::Trial;
use ipc_workbook::mqueue::{MqAttr, mq_getattr, mq_open, mq_send};
use libc::{O_CREAT, O_EXCL, O_RDWR};

/// In how many orders the processes make their calls.
const SCHEDULES: u64 = 100;

/// The exit codes of the process that has created the queue, and of all others.
const CREATED: i32 = 0;
const FOUND: i32 = 1;

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    three_at_once(trial)?;
    after_another(trial)?;
    with_an_impossible_name(trial)
}

fn three_at_once(trial: &mut Trial) -> Result<(), Fault> {
    trial.under_schedules(SCHEDULES, |scheduler| {
        for _ in 0..3 {
            scheduler.start(&["/lab"])?;
        }
        // Before each call: which queue has the name.
        let mut queues: Vec<u64> = Vec::new();
        let ends = scheduler.play_with(|moment| {
            queues.extend(moment.sandbox.objects()?.queue().map(|queue| queue.ino));
            Ok(())
        })?;
        let last = scheduler.sandbox().objects()?.queue().map(|queue| queue.ino);
        queues.extend(last);
        queues.dedup();

        let one = ends.exited(CREATED) == 1 && ends.exited(FOUND) == 2;
        let made = match (last, queues.len()) {
            (None, _) => "no queue /lab at the end".into(),
            (_, 1) => "one queue".into(),
            (_, n) => format!("{n} queues had the name, one after another"),
        };
        Ok(vec![
            ("exactly-one-creates", found(one, ends)),
            ("the-queue-is-made-once", found(last.is_some() && queues.len() == 1, made)),
        ])
    })
}

/// Another process has made a queue of that name, and there is a message in it.
fn after_another(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let mq = mq_open(c"/lab", O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 16)))?;
    mq_send(&mq, b"still here", 0)?;
    let before = trial.objects()?;
    let program = trial.run(&["/lab"])?;
    let same = trial.objects()?.still_have(&before);
    let messages = mq_getattr(&mq)?.mq_curmsgs;
    trial.judge(
        "a-queue-that-exists-is-left-alone",
        program.exited(FOUND) && same && messages == 1,
        format!(
            "{}, {}, {messages} message{}",
            program.end(),
            if same { "the same queue" } else { "not the same queue" },
            if messages == 1 { "" } else { "s" }
        ),
    );
    Ok(())
}

fn with_an_impossible_name(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let program = trial.run(&["/lab/no"])?;
    let left = trial.objects()?;
    let observed = format!("{}, and {}", program.end(), left.or("no object"));
    trial.judge("other-errors-are-told-apart", program.exited(2) && left.is_empty(), observed);
    Ok(())
}

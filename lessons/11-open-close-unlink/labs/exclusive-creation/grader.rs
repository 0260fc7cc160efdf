//! Exactly one creates.

use crate::sandbox::{End, Fault, Object};
use crate::trial::Trial;
use ipc_workbook::mqueue::{MqAttr, mq_getattr, mq_open, mq_send};
use libc::{O_CREAT, O_EXCL, O_RDWR};

/// In how many orders the processes make their calls.
const SCHEDULES: u64 = 100;

/// The status of whoever was not the one, and of whoever was.
const CREATED: End = End::Exited(0);
const FOUND: End = End::Exited(1);

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    at_once(trial)?;
    trial.sandbox.renew()?;
    after_another(trial)?;
    trial.sandbox.renew()?;
    with_an_impossible_name(trial)
}

/// Three processes, in many orders.
fn at_once(trial: &mut Trial) -> Result<(), Fault> {
    trial.under_schedules(SCHEDULES, |scheduler, schedule, within| {
        for _ in 0..3 {
            scheduler.start(&["/lab"])?;
        }
        // Which queue has the name is looked up before each call.
        let mut inodes: Vec<u64> = Vec::new();
        let ends = scheduler.play_watching(schedule, within, |sandbox| {
            inodes.extend(inode(&sandbox.objects()?));
            Ok(())
        })?;
        let last = inode(&scheduler.sandbox().objects()?);
        inodes.extend(last);
        inodes.dedup();

        let count = |wanted: &End| ends.iter().filter(|end| *end == wanted).count();
        let texts: Vec<String> = ends.iter().map(ToString::to_string).collect();
        let same = last.is_some() && inodes.len() == 1;
        Ok(vec![
            ("exactly-one-creates", count(&CREATED) == 1 && count(&FOUND) == 2, texts.join(", ")),
            (
                "the-queue-is-made-once",
                same,
                match (last, inodes.len()) {
                    (None, _) => "no queue /lab at the end".into(),
                    (_, 1) => "one queue".into(),
                    (_, n) => format!("{n} queues had the name, one after another"),
                },
            ),
        ])
    })
}

/// A queue of somebody else's, with a message.
fn after_another(trial: &mut Trial) -> Result<(), Fault> {
    let mq = mq_open(c"/lab", O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 16)))?;
    mq_send(&mq, b"still here", 0)?;
    let before = inode(&trial.sandbox.objects()?);
    let program = trial.run(&["/lab"])?;
    let same = inode(&trial.sandbox.objects()?) == before;
    let messages = mq_getattr(&mq)?.mq_curmsgs;
    trial.judge(
        "a-queue-that-exists-is-left-alone",
        program.end() == FOUND && same && messages == 1,
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
    let program = trial.run(&["/lab/no"])?;
    let objects = trial.sandbox.objects()?;
    let left: Vec<String> = objects.iter().map(ToString::to_string).collect();
    let observed = if left.is_empty() {
        program.end().to_string()
    } else {
        format!("{}, and {}", program.end(), left.join(", "))
    };
    trial.judge("other-errors-are-told-apart", program.exited(2) && left.is_empty(), observed);
    Ok(())
}

fn inode(objects: &[Object]) -> Option<u64> {
    objects.iter().find_map(|object| match object {
        Object::Posix { name, ino, .. } if name == "/lab" => Some(*ino),
        _ => None,
    })
}

//! Exactly one process creates the queue.

use crate::finding::{Finding, found};
use crate::peer::create_queue;
use crate::sandbox::{Fault, Running};
use crate::trial::Trial;
use ipc_workbook::mqueue::{Mqd, mq_getattr, mq_receive, mq_send};
use nix::sys::stat::{Mode, fchmod};
use std::ffi::CStr;

/// The number of schedules.
const SCHEDULES: u64 = 100;

/// The exit codes of a process that created the queue, of one that found it, and of one whose name is not
/// possible.
const CREATED: i32 = 0;
const FOUND: i32 = 1;
const IMPOSSIBLE: i32 = 2;

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    three_at_once(trial)?;
    after_another(trial)?;
    overtaken_by_another(trial)?;
    with_an_impossible_name(trial)
}

fn three_at_once(trial: &mut Trial) -> Result<(), Fault> {
    trial.under_schedules(SCHEDULES, |scheduler| {
        for _ in 0..3 {
            scheduler.start(&["/lab"])?;
        }
        // The inode of the queue with this name, before each call.
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

/// Another process created a queue with this name before: one with a message, or one that nobody can open.
fn after_another(trial: &mut Trial) -> Result<(), Fault> {
    for (name, path, mode) in [(c"/lab", "/lab", 0o600), (c"/lab two", "/lab two", 0o000)] {
        trial.renew()?;
        let theirs = Theirs::make(name, mode)?;
        let before = trial.objects()?;
        let program = trial.run(&[path])?;
        let as_before = trial.objects()?.still_have(&before);
        let finding = theirs.left_alone(&program, as_before, "existed before")?;
        trial.judge_finding("a-queue-that-exists-is-left-alone", &finding);
    }
    Ok(())
}

/// Another process creates the queue while the program runs: before its first call, before its second, and so
/// on. That process ignores any lock of the program.
fn overtaken_by_another(trial: &mut Trial) -> Result<(), Fault> {
    let finding = trial.at_each_call(|trial, n| {
        let mut scheduler = trial.start_scheduled(&["/lab"])?;
        let call = scheduler.advance(0, n)?;
        let made = trial.objects()?.queue().is_some();
        let Some(call) = call.filter(|_| !made) else { return Ok(None) };
        let theirs = Theirs::make(c"/lab", 0o600)?;
        let before = trial.objects()?;
        scheduler.play()?;
        let as_before = trial.objects()?.still_have(&before);
        theirs.left_alone(scheduler.program(0), as_before, &format!("was created before {call}")).map(Some)
    })?;
    let finding = finding.map(|calls| format!("all well when another process creates it before {calls}"));
    trial.judge_finding("a-queue-that-exists-is-left-alone", &finding);
    Ok(())
}

/// Names that no queue can have: with a second slash, too long, and empty.
fn with_an_impossible_name(trial: &mut Trial) -> Result<(), Fault> {
    let long = format!("/lab{}", "g".repeat(255));
    for name in ["/lab/no", &long, "/"] {
        trial.renew()?;
        let mut program = trial.run(&[name])?;
        let left = trial.objects()?;
        let why = if program.stderr().trim().is_empty() { "nothing" } else { "something" };
        let passed = program.exited(IMPOSSIBLE) && left.is_empty() && why == "something";
        let shown: String = name.chars().take(16).collect();
        let observed =
            format!("{shown}: {}, and {}; on standard error: {why}", program.end(), left.or("no object"));
        trial.judge("other-errors-are-told-apart", passed, observed);
    }
    Ok(())
}

/// A queue of another process, with a message in it.
struct Theirs(Mqd);

impl Theirs {
    const MESSAGE: &[u8] = b"still here";
    const PRIORITY: u32 = 5;

    fn make(name: &CStr, mode: u32) -> Result<Self, Fault> {
        let queue = create_queue(name, 2, 16)?;
        mq_send(&queue, Self::MESSAGE, Self::PRIORITY)?;
        fchmod(&queue, Mode::from_bits_truncate(mode))?;
        Ok(Theirs(queue))
    }

    /// Checks that the program found the queue, and that it is the same queue with its message.
    fn left_alone(&self, program: &Running, as_before: bool, when: &str) -> Result<Finding, Fault> {
        let messages = mq_getattr(&self.0)?.mq_curmsgs;
        let mut buffer = [0; 16];
        let same_message = messages == 1
            && mq_receive(&self.0, &mut buffer)
                .is_ok_and(|(n, priority)| (&buffer[..n], priority) == (Self::MESSAGE, Self::PRIORITY));
        let which = if as_before { "the same queue" } else { "not the same queue" };
        let what = match messages {
            1 if same_message => "1 message".into(),
            1 => "another message".into(),
            n => format!("{n} messages"),
        };
        let observed = format!("a queue {when}: {}, {which}, {what}", program.end());
        Ok(found(program.exited(FOUND) && as_before && same_message, observed))
    }
}

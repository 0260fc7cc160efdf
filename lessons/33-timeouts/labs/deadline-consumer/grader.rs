//! A queue of a given name.

use crate::finding::either;
use crate::sandbox::Fault;
use crate::trial::Trial;

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    let program = trial.run(&["/lab"])?;
    trial.judge("the-program-ends-with-exit-code-0", program.exited(0), program.end());

    let objects = trial.objects()?;
    let is_there = objects.queue().is_some();
    let there = either(is_there, "a queue /lab", "no queue /lab");
    trial.judge_finding("the-queue-is-there", &there);

    // A program that did nothing has left nothing else either, and gets no point for it.
    let alone = is_there && objects.len() == 1;
    trial.judge("nothing-else-is-left", alone, objects.or("no object"));
    Ok(())
}

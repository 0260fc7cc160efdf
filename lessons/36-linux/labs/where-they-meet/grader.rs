//! A message into another namespace. The grader makes scenes of two namespaces and a process, and looks which queue
//! the message reaches.

mod scene;

use crate::peer::create_queue;
use crate::sandbox::Fault;
use crate::trial::Trial;
use ipc_workbook::mqueue::{mq_getattr, mq_open, mq_send};
use libc::O_RDONLY;
use scene::{LONGEST, ROOM, SIZE, Scene, Shows};

const SAME: &str = "a-process-of-its-own-namespace-means-its-own-queue";
const OTHER: &str = "a-process-of-another-namespace-means-the-queue-there";
const NO_WAY: &str = "a-folder-that-shows-no-queues-of-the-process-gets-nothing";
const ABSENT: &str = "an-absent-queue-stays-absent";
const FULL: &str = "a-full-queue-is-reported-at-once";
const FAILURES: &str = "each-failure-has-its-exit-code";

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    if trial.sandbox.is_shared() {
        return Err(Fault::new("this lab needs namespaces: its processes are in different ones"));
    }
    sent(trial)?;
    no_way(trial)?;
    absent(trial)?;
    full(trial)?;
    failures(trial)
}

fn sent(trial: &mut Trial) -> Result<(), Fault> {
    for (is_here, shows) in
        [(true, Shows::Here), (true, Shows::There), (true, Shows::Nothing), (false, Shows::There)]
    {
        for text in ["hello", "", LONGEST] {
            let scene = Scene::new(trial, is_here, shows)?;
            let mut program = trial.run(&[&scene.pid()?, "/lab", text])?;
            let sent = vec![(text.to_owned(), 0)];
            let (line, output, wanted) =
                if is_here { (SAME, "same\n", [sent, vec![]]) } else { (OTHER, "other\n", [vec![], sent]) };
            scene.judge(trial, line, &mut program, (0, output), &wanted)?;
        }
    }
    Ok(())
}

fn no_way(trial: &mut Trial) -> Result<(), Fault> {
    for shows in [Shows::Here, Shows::Nothing] {
        let scene = Scene::new(trial, false, shows)?;
        let mut program = trial.run(&[&scene.pid()?, "/lab", "hello"])?;
        scene.judge(trial, NO_WAY, &mut program, (6, ""), &[vec![], vec![]])?;
    }
    Ok(())
}

/// The queue `/only` exists in one namespace, and the process is in the other one.
fn absent(trial: &mut Trial) -> Result<(), Fault> {
    for is_here in [true, false] {
        let shows = if is_here { Shows::Here } else { Shows::There };
        let scene = Scene::new(trial, is_here, shows)?;
        let create = || Ok(create_queue(c"/only", ROOM, SIZE)?);
        let only = if is_here { scene.over_there(create)? } else { create()? };
        let mut program = trial.run(&[&scene.pid()?, "/only", "hello"])?;
        let open = || Ok(mq_open(c"/only", O_RDONLY, 0, None).is_ok());
        let created = if is_here { open()? } else { scene.over_there(open)? };
        if created {
            trial.judge(ABSENT, false, format!("{}: a queue /only was created there", scene.what));
        }
        if mq_getattr(&only)?.mq_curmsgs > 0 {
            trial.judge(ABSENT, false, format!("{}: the other queue /only got the message", scene.what));
        }
        scene.judge(trial, ABSENT, &mut program, (4, ""), &[vec![], vec![]])?;
    }
    Ok(())
}

fn full(trial: &mut Trial) -> Result<(), Fault> {
    for is_here in [true, false] {
        let shows = if is_here { Shows::Here } else { Shows::There };
        let scene = Scene::new(trial, is_here, shows)?;
        let queue = if is_here { &scene.here } else { &scene.there };
        for _ in 0..ROOM {
            mq_send(queue, b"full", 0)?;
        }
        let mut program = trial.run(&[&scene.pid()?, "/lab", "hello"])?;
        let full = vec![("full".to_owned(), 0); 2];
        let wanted = if is_here { [full, vec![]] } else { [vec![], full] };
        scene.judge(trial, FULL, &mut program, (5, ""), &wanted)?;
    }
    Ok(())
}

fn failures(trial: &mut Trial) -> Result<(), Fault> {
    let scene = Scene::new(trial, false, Shows::There)?;
    let pid = scene.pid()?;
    let (no_number, too_long) = (format!("{pid}x"), format!("{LONGEST}."));
    let calls: [(&[&str], i32); 7] = [
        (&[&pid, "/lab"], 2),
        (&[&pid, "/lab", "hello", "more"], 2),
        (&[&no_number, "/lab", "hello"], 2),
        (&["0", "/lab", "hello"], 2),
        (&["", "/lab", "hello"], 2),
        (&["4194304", "/lab", "hello"], 3), // one more than the largest process id
        (&[&pid, "/lab", &too_long], 1),
    ];
    for (args, code) in calls {
        let mut program = trial.run(args)?;
        scene.judge(trial, FAILURES, &mut program, (code, ""), &[vec![], vec![]])?;
    }
    Ok(())
}

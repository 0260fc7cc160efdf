//! Two programs meet by a key from a file.

use crate::finding::{Finding, found};
use crate::peer::{describe_message, take_message};
use crate::sandbox::Fault;
use crate::trial::Trial;
use ipc_workbook::observe::sysvipc::Table;
use ipc_workbook::sysv::msg::*;
use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The file, which lies where the programs start.
const FILE: &str = "/work/meeting";
const SERVER: [&str; 3] = ["server", "meeting", "7"];
const CLIENT: [&str; 4] = ["client", "meeting", "7", "Where do we meet?"];
const TEXT: &[u8] = b"Where do we meet?";
const ANSWER: &[u8] = b"WHERE DO WE MEET?";
const QUESTION_TYPE: i64 = 1;
const ANSWER_TYPE: i64 = 2;

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    trial.judge_part("the-server-answers-who-has-the-key", a_client_of_ours)?;
    trial.judge_part("the-client-asks-and-takes-the-answer", a_server_of_ours)?;
    both_in_any_order(trial)?;
    without_the_file(trial)?;
    with_a_strangers_queue(trial)
}

/// The server under test, and the grader as its client.
fn a_client_of_ours(trial: &mut Trial) -> Result<Finding, Fault> {
    let key = key_of_new(&trial.sandbox.path(FILE))?;
    let mut server = trial.start(&SERVER)?;
    if let Err(elsewhere) = trial.waits_in(&mut server, &["msgrcv"])? {
        return Ok(Err(elsewhere));
    }
    let objects = trial.objects()?;
    let queues = objects.rows(Table::Msg);
    let Some(queue) = queues.iter().find(|queue| queue.fact("key") == Ok(key.into())) else {
        return Ok(Err(format!("no queue with the key of ftok, but {}", objects.without_keys())));
    };
    msgsnd(queue.id, QUESTION_TYPE, TEXT, IPC_NOWAIT)?;
    let end = trial.wait(&mut server)?;
    let answer = take_message(queue.id, ANSWER_TYPE);
    let right = answer.as_deref() == Ok(ANSWER) && server.exited(0);
    Ok(found(right, format!("{}, and {end}", describe_message(&answer))))
}

/// The client under test, and the grader as its server, who has come first.
fn a_server_of_ours(trial: &mut Trial) -> Result<Finding, Fault> {
    trial.renew()?;
    let queue = msgget(key_of_new(&trial.sandbox.path(FILE))?, IPC_CREAT | IPC_EXCL | 0o600)?;
    let mut client = trial.start(&CLIENT)?;
    if let Err(elsewhere) = trial.waits_in(&mut client, &["msgrcv"])? {
        return Ok(Err(elsewhere));
    }
    let question = take_message(queue, QUESTION_TYPE);
    if question.as_deref() != Ok(TEXT) {
        return Ok(Err(format!("the question: {}", describe_message(&question))));
    }
    msgsnd(queue, ANSWER_TYPE, ANSWER, IPC_NOWAIT)?;
    let end = trial.wait(&mut client)?;
    // Whether it has removed the queue is another line's question.
    let taken = take_message(queue, ANSWER_TYPE).is_err();
    let left = if taken { "" } else { ", and the answer is still there" };
    Ok(found(client.exited(0) && taken, format!("it asked, and ended with {end}{left}")))
}

fn both_in_any_order(trial: &mut Trial) -> Result<(), Fault> {
    let file = trial.sandbox.path(FILE);
    trial.under_overtaking_schedules(40, |scheduler| {
        key_of_new(&file)?;
        let client_first = scheduler.pick(2) == 0;
        let order: [&[&str]; 2] = if client_first { [&CLIENT, &SERVER] } else { [&SERVER, &CLIENT] };
        let first = scheduler.start(order[0])?;
        // Hours are when the first has come as far as it comes alone.
        if scheduler.pick(2) == 0 {
            scheduler.advance(first, 20)?;
        }
        scheduler.start(order[1])?;
        // Of a conversation the kernel shows which process has sent and which has received last.
        let (mut talked, mut modes) = (false, Vec::new());
        let ends = scheduler.play_with(|moment| {
            for queue in moment.sandbox.objects()?.rows(Table::Msg) {
                talked |= queue.fact("lspid") != Ok(0) && queue.fact("lrpid") != Ok(0);
                modes.extend(queue.fact("perms"));
            }
            Ok(())
        })?;
        let met = talked && ends.are(&[0, 0]);
        let talked = if talked { "" } else { ", without a message" };
        let how = format!("the {} came first: {ends}{talked}", order[0][0]);
        let left = scheduler.sandbox().objects()?;
        let what = if met { left.or("no object") } else { "they did not meet".into() };

        modes.dedup();
        let mode: Vec<String> = modes.iter().map(|mode| format!("mode 0{mode}")).collect();
        let mode = if mode.is_empty() { "no queue".into() } else { mode.join(", ") };
        Ok(vec![
            ("either-may-come-first", found(met, how)),
            ("nothing-is-left", found(met && left.is_empty(), what)),
            ("the-queue-is-for-its-user-alone", found(modes == [600], mode)),
        ])
    })
}

fn without_the_file(trial: &mut Trial) -> Result<(), Fault> {
    for role in [&SERVER[..], &CLIENT[..]] {
        trial.renew()?;
        let program = trial.run(role)?;
        let made = trial.sandbox.path(FILE).exists();
        let left = trial.objects()?;
        let passed = program.exited(3) && !made && left.is_empty();
        let made = if made { ", and a new file" } else { "" };
        let observed = format!("{}: {}, {}{made}", role[0], program.end(), left.without_keys());
        let took_the_error = left.rows(Table::Msg).iter().any(|queue| queue.fact("key") == Ok((!0).into()));
        let because = took_the_error.then_some("ftok has failed, and its -1 was taken for a key");
        trial.judge_because("without-the-file-nothing-is-made", passed, observed, because);
    }
    Ok(())
}

/// A queue that grants its owner nothing but reading is as good as a stranger's.
fn with_a_strangers_queue(trial: &mut Trial) -> Result<(), Fault> {
    for role in [&SERVER[..], &CLIENT[..]] {
        trial.renew()?;
        let id = msgget(key_of_new(&trial.sandbox.path(FILE))?, IPC_CREAT | IPC_EXCL | 0o400)?;
        msgsnd(id, QUESTION_TYPE, b"not for you", IPC_NOWAIT)?;
        let before = trial.objects()?;
        let program = trial.run(role)?;
        let after = trial.objects()?;
        let touched = match (&before.rows(Table::Msg)[..], &after.rows(Table::Msg)[..]) {
            ([before], [after]) if before.id == after.id => after.changed_since(before),
            _ => format!("altogether: now there is {}", after.without_keys()),
        };
        let passed = program.exited(4) && touched == "nothing";
        let observed = format!("{}: {}, it has changed {touched}", role[0], program.end());
        trial.judge("what-is-somebody-elses-is-left-alone", passed, observed);
    }
    Ok(())
}

/// Makes the file, and the key that leads from it.
fn key_of_new(file: &Path) -> Result<key_t, Fault> {
    std::fs::write(file, "").map_err(|error| Fault::io(FILE, &error))?;
    let path = CString::new(file.as_os_str().as_bytes()).map_err(|_| Fault::new("a path holds a NUL"))?;
    Ok(ftok(&path, 7)?)
}

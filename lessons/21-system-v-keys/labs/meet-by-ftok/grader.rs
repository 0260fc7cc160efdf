//! Two programs meet by a key from a file.

use crate::sandbox::{Sandbox, Choice, End, Fault, Object, Running};
use crate::trial::Trial;
use ipc_workbook::observe::sysvipc::{Row, Table};
use ipc_workbook::sysv::msg::*;
use nix::errno::Errno;
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
    let (held, observed) = a_client_of_ours(trial)?;
    trial.judge("the-server-answers-who-has-the-key", held, observed);
    let (held, observed) = a_server_of_ours(trial)?;
    trial.judge("the-client-asks-and-takes-the-answer", held, observed);
    both_in_any_order(trial)?;
    without_the_file(trial)?;
    with_a_strangers_queue(trial)
}

/// The server under test, and the grader as its client.
fn a_client_of_ours(trial: &mut Trial) -> Result<(bool, String), Fault> {
    let file = trial.sandbox.path(FILE);
    let key = key_of_new(&file)?;
    let mut server = trial.sandbox.program(&SERVER).start()?;
    if let Some(elsewhere) = not_in_msgrcv(trial, &mut server)? {
        return Ok((false, elsewhere));
    }
    let Some(queue) = queues(&trial.sandbox)?.into_iter().find(|queue| queue.fact("key") == Ok(key.into()))
    else {
        return Ok((false, format!("no queue with the key of ftok, but {}", objects(&trial.sandbox)?)));
    };
    msgsnd(queue.id, QUESTION_TYPE, TEXT, IPC_NOWAIT)?;
    server.wait(&trial.sandbox, trial.limit())?;
    let answer = receive(queue.id, ANSWER_TYPE);
    let told = format!("{}, and {}", told(&answer), server.end());
    Ok((answer.as_deref() == Ok(ANSWER) && server.exited(0), told))
}

/// The client under test, and the grader as its server, who has come first.
fn a_server_of_ours(trial: &mut Trial) -> Result<(bool, String), Fault> {
    trial.sandbox.renew()?;
    let file = trial.sandbox.path(FILE);
    let queue = msgget(key_of_new(&file)?, IPC_CREAT | IPC_EXCL | 0o600)?;
    let mut client = trial.sandbox.program(&CLIENT).start()?;
    if let Some(elsewhere) = not_in_msgrcv(trial, &mut client)? {
        return Ok((false, elsewhere));
    }
    let question = receive(queue, QUESTION_TYPE);
    if question.as_deref() != Ok(TEXT) {
        return Ok((false, format!("the question: {}", told(&question))));
    }
    msgsnd(queue, ANSWER_TYPE, ANSWER, IPC_NOWAIT)?;
    client.wait(&trial.sandbox, trial.limit())?;
    // Whether it has removed the queue is another line's question.
    let taken = receive(queue, ANSWER_TYPE).is_err();
    let left = if taken { "" } else { ", and the answer is still there" };
    Ok((client.exited(0) && taken, format!("it asked, and ended with {}{left}", client.end())))
}

fn both_in_any_order(trial: &mut Trial) -> Result<(), Fault> {
    let file = trial.sandbox.path(FILE);
    trial.under_schedules(40, |scheduler, schedule, limit| {
        let sandbox = scheduler.sandbox();
        key_of_new(&file)?;
        let client_first = schedule.pick(2) == 0;
        let order: [&[&str]; 2] = if client_first { [&CLIENT, &SERVER] } else { [&SERVER, &CLIENT] };
        scheduler.start(order[0])?;
        // Hours are when the first has come as far as it comes alone.
        if schedule.pick(2) == 0 {
            let until = std::time::Instant::now() + limit;
            scheduler.until_all_wait(20, until, |_| (0, Choice::Go))?;
        }
        scheduler.start(order[1])?;
        // Of a conversation the kernel shows who has sent and who has received last.
        let (mut talked, mut modes) = (false, Vec::new());
        let ends = scheduler.play_with(limit, |pending| {
            for queue in queues(sandbox).unwrap_or_default() {
                talked |= queue.fact("lspid") != Ok(0) && queue.fact("lrpid") != Ok(0);
                modes.extend(queue.fact("perms"));
            }
            (schedule.turn(pending), Choice::Go)
        })?;
        let met = talked && ends == [0, 0].map(End::Exited);
        let (who, talked) = (order[0][0], if talked { "" } else { ", without a message" });
        let ends = format!("the {who} came first: {}, {}{talked}", ends[0], ends[1]);
        modes.dedup();
        let mode: Vec<String> = modes.iter().map(|mode| format!("mode 0{mode}")).collect();
        let mode = if mode.is_empty() { "no queue".into() } else { mode.join(", ") };
        let left: Vec<String> = queues(sandbox)?.iter().map(|queue| format!("queue {}", queue.id)).collect();
        let observed = match left[..] {
            _ if !met => "they did not meet".into(),
            [] => "no object".into(),
            _ => left.join(", "),
        };
        Ok(vec![
            ("either-may-come-first", met, ends),
            ("nothing-is-left", met && left.is_empty(), observed),
            ("the-queue-is-for-its-user-alone", modes == [600], mode),
        ])
    })
}

fn without_the_file(trial: &mut Trial) -> Result<(), Fault> {
    for role in [&SERVER[..], &CLIENT[..]] {
        trial.sandbox.renew()?;
        let program = trial.run(role)?;
        let made = trial.sandbox.path(FILE).exists();
        let left = objects(&trial.sandbox)?;
        let passed = program.exited(3) && !made && left.is_empty();
        let left = if left.is_empty() { "no object".into() } else { left };
        let made = if made { ", and a new file" } else { "" };
        let observed = format!("{}: {}, {left}{made}", role[0], program.end());
        let key = i64::from(!0);
        let because = queues(&trial.sandbox)?.iter().any(|queue| queue.fact("key") == Ok(key));
        let because = because.then_some("ftok has failed, and its -1 was taken for a key");
        trial.judge_because("without-the-file-nothing-is-made", passed, observed, because);
    }
    Ok(())
}

/// A queue that grants its owner nothing but reading is as good as a stranger's.
fn with_a_strangers_queue(trial: &mut Trial) -> Result<(), Fault> {
    for role in [&SERVER[..], &CLIENT[..]] {
        trial.sandbox.renew()?;
        let file = trial.sandbox.path(FILE);
        let id = msgget(key_of_new(&file)?, IPC_CREAT | IPC_EXCL | 0o400)?;
        msgsnd(id, QUESTION_TYPE, b"not for you", IPC_NOWAIT)?;
        let before = queues(&trial.sandbox)?;
        let program = trial.run(role)?;
        let after = queues(&trial.sandbox)?;
        let touched = match (&before[..], &after[..]) {
            ([before], [after]) if before.id == after.id => after.changed_since(before),
            _ => format!("altogether: now there is {}", objects(&trial.sandbox)?),
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

/// Waits until the program does, and says where, if that is not in msgrcv.
fn not_in_msgrcv(trial: &Trial, program: &mut Running) -> Result<Option<String>, Fault> {
    let rest = trial.sandbox.at_rest(trial.limit())?;
    if let Some(end) = program.ended() {
        return Ok(Some(format!("it did not wait: {end}")));
    }
    Ok(match rest {
        None => Some("it looks again and again".into()),
        Some(processes) if processes.iter().any(|process| process.sleeps_in(&["msgrcv"])) => None,
        Some(processes) => Some(crate::sandbox::describe(&processes)),
    })
}

fn receive(queue: i32, mtype: i64) -> Result<Vec<u8>, Errno> {
    let mut buffer = vec![0; 8192];
    let (n, _) = msgrcv(queue, &mut buffer, mtype, IPC_NOWAIT)?;
    buffer.truncate(n);
    Ok(buffer)
}

fn told(message: &Result<Vec<u8>, Errno>) -> String {
    match message {
        Ok(bytes) => format!("\"{}\"", bytes.escape_ascii()),
        Err(Errno::ENOMSG) => "no message".into(),
        Err(errno) => format!("msgrcv says {errno:?}"),
    }
}

fn queues(sandbox: &Sandbox) -> Result<Vec<Row>, Fault> {
    let queue = |object| match object {
        Object::SystemV(row) if row.table == Table::Msg => Some(row),
        _ => None,
    };
    Ok(sandbox.objects()?.into_iter().filter_map(queue).collect())
}

/// All objects, without their keys: those of ftok are other numbers each time.
fn objects(sandbox: &Sandbox) -> Result<String, Fault> {
    let objects = sandbox.objects()?;
    let objects = objects.iter().map(|object| match object {
        Object::SystemV(row) => format!("a {}", row.table.noun()),
        Object::Posix { .. } => object.to_string(),
    });
    Ok(objects.collect::<Vec<_>>().join(", "))
}

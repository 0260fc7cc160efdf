//! Two programs find the same queue by a key from a file.

use crate::finding::{Finding, either, found};
use crate::peer::{describe_message, take_message};
use crate::sandbox::Fault;
use crate::trial::Trial;
use ipc_workbook::observe::sysvipc::Table;
use ipc_workbook::sysv::msg::*;
use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The file, in the working directory of the programs.
const FILE: &str = "/work/meeting";
const SERVER: [&str; 3] = ["server", "meeting", "7"];
const CLIENT: [&str; 4] = ["client", "meeting", "7", "Where do we meet?"];
const QUESTION_TYPE: i64 = 1;
const ANSWER_TYPE: i64 = 2;

/// The file and the id that both programs know, and the client's question.
struct Case {
    /// The file's name in their working directory.
    file: &'static str,
    id: u8,
    text: String,
}

fn cases() -> [Case; 4] {
    let case = |file, id, text: &str| Case { file, id, text: text.into() };
    [
        case("meeting", 7, "Where do we meet?"),
        case("the old bridge.txt", 255, "-n 'ab`c' {xyz} \u{e4}\u{f6} %s\n0"),
        case("meeting", 1, ""),
        case("long", 128, &"longest".repeat(143)[..1000]),
    ]
}

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    for case in cases() {
        trial.judge_part("the-server-answers-who-has-the-key", |trial| a_client_of_ours(trial, &case))?;
        trial.judge_part("the-client-asks-and-takes-the-answer", |trial| a_server_of_ours(trial, &case))?;
    }
    both_in_any_order(trial)?;
    without_the_file(trial)?;
    with_a_strangers_queue(trial)
}

/// Tests the server; the grader is its client.
fn a_client_of_ours(trial: &mut Trial, case: &Case) -> Result<Finding, Fault> {
    trial.renew()?;
    let meeting = Meeting::new(trial, case)?;
    let mut server = trial.start(&["server", case.file, &case.id.to_string()])?;
    if let Err(elsewhere) = trial.waits_in(&mut server, &["msgrcv"])? {
        return Ok(Err(elsewhere));
    }
    let objects = trial.objects()?;
    let queues = objects.rows(Table::Msg);
    let Some(queue) = queues.iter().find(|queue| queue.fact("key") == Ok(meeting.key.into())) else {
        return Ok(Err(format!("no queue with the key from ftok; instead: {}", objects.without_keys())));
    };
    let _ = msgsnd(queue.id, QUESTION_TYPE, case.text.as_bytes(), IPC_NOWAIT);
    let end = trial.wait(&mut server)?;
    let answer = take_message(queue.id, ANSWER_TYPE);
    let right = answer.as_ref().is_ok_and(|answer| *answer == case.text.to_ascii_uppercase().as_bytes());
    let seen = format!("{}, and {end}", describe_message(&answer));
    Ok(found(right && server.exited(0), seen).and_then(|seen| meeting.is_untouched(seen)))
}

/// Tests the client; the grader is its server, which starts first. A queue of another process exists as well.
fn a_server_of_ours(trial: &mut Trial, case: &Case) -> Result<Finding, Fault> {
    trial.renew()?;
    let meeting = Meeting::new(trial, case)?;
    msgget(meeting.key ^ 1, IPC_CREAT | IPC_EXCL | 0o600)?;
    let others = trial.objects()?;
    let queue = msgget(meeting.key, IPC_CREAT | IPC_EXCL | 0o600)?;
    let mut client = trial.start(&["client", case.file, &case.id.to_string(), &case.text])?;
    if let Err(elsewhere) = trial.waits_in(&mut client, &["msgrcv"])? {
        return Ok(Err(elsewhere));
    }
    let question = take_message(queue, QUESTION_TYPE);
    if question.as_deref() != Ok(case.text.as_bytes()) {
        return Ok(Err(format!("the question was {}", describe_message(&question))));
    }
    let _ = msgsnd(queue, ANSWER_TYPE, case.text.to_ascii_uppercase().as_bytes(), IPC_NOWAIT);
    let end = trial.wait(&mut client)?;
    if !trial.objects()?.still_have(&others) {
        return Ok(Err("the queue with another key is gone or changed".into()));
    }
    // Another line judges whether it has removed the queue.
    let taken = take_message(queue, ANSWER_TYPE).is_err();
    let left = if taken { "" } else { ", and the answer is still in the queue" };
    let seen = format!("it asked, and ended with {end}{left}");
    Ok(found(client.exited(0) && taken, seen).and_then(|seen| meeting.is_untouched(seen)))
}

/// The file as the grader created it, and the key that ftok makes from it.
struct Meeting {
    path: PathBuf,
    key: key_t,
    made: (u64, i64, i64, u64),
}

impl Meeting {
    fn new(trial: &Trial, case: &Case) -> Result<Self, Fault> {
        let path = trial.sandbox.path("/work").join(case.file);
        let key = key_of_new(&path, case.id.into())?;
        let made = Meeting::state(&path).map_err(|error| Fault::io(case.file, &error))?;
        Ok(Meeting { path, key, made })
    }

    /// Returns inode, modification time and length.
    fn state(path: &Path) -> std::io::Result<(u64, i64, i64, u64)> {
        let meta = std::fs::metadata(path)?;
        Ok((meta.ino(), meta.mtime(), meta.mtime_nsec(), meta.len()))
    }

    fn is_untouched(&self, seen: String) -> Finding {
        let same = Meeting::state(&self.path).is_ok_and(|now| now == self.made);
        either(same, seen, "the file was changed or replaced")
    }
}

fn both_in_any_order(trial: &mut Trial) -> Result<(), Fault> {
    let file = trial.sandbox.path(FILE);
    trial.under_overtaking_schedules(40, |scheduler| {
        key_of_new(&file, 7)?;
        let client_first = scheduler.pick(2) == 0;
        let order: [&[&str]; 2] = if client_first { [&CLIENT, &SERVER] } else { [&SERVER, &CLIENT] };
        let first = scheduler.start(order[0])?;
        // Half of the time the first program runs as far as it can before the second one starts.
        if scheduler.pick(2) == 0 {
            scheduler.advance(first, 20)?;
        }
        scheduler.start(order[1])?;
        // The kernel shows which process sent last and which received last.
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
    const LINE: &str = "without-the-file-nothing-is-made";
    let without_text = &CLIENT[..3];
    for (args, code) in [(&SERVER[..], 3), (&CLIENT, 3), (without_text, 2), (&SERVER[..2], 2), (&[], 2)] {
        trial.renew()?;
        let program = trial.run(args)?;
        let made = trial.sandbox.path(FILE).exists();
        let left = trial.objects()?;
        let passed = program.exited(code) && !made && left.is_empty();
        let made = if made { ", and a new file" } else { "" };
        let observed = format!("{}: {}, {}{made}", args.join(" "), program.end(), left.without_keys());
        let took_the_error = left.rows(Table::Msg).iter().any(|queue| queue.fact("key") == Ok((!0).into()));
        let because = took_the_error.then_some("ftok failed, and its result -1 was used as a key");
        trial.judge_because(LINE, passed, observed, because);
    }
    Ok(())
}

/// A queue that gives its owner only some permissions, or none, stands for the queue of another user.
fn with_a_strangers_queue(trial: &mut Trial) -> Result<(), Fault> {
    for (role, mode) in [
        (&SERVER[..], 0o400),
        (&CLIENT, 0o400),
        (&SERVER, 0o200),
        (&CLIENT, 0o200),
        (&SERVER, 0),
        (&CLIENT, 0),
    ] {
        trial.renew()?;
        let id = msgget(key_of_new(&trial.sandbox.path(FILE), 7)?, IPC_CREAT | IPC_EXCL | mode)?;
        msgsnd(id, QUESTION_TYPE, b"not for you", IPC_NOWAIT)?;
        let before = trial.objects()?;
        let program = trial.run(role)?;
        let after = trial.objects()?;
        let touched = match (&before.rows(Table::Msg)[..], &after.rows(Table::Msg)[..]) {
            ([before], [after]) if before.id == after.id => after.changed_since(before),
            _ => format!("everything; now there is {}", after.without_keys()),
        };
        let passed = program.exited(4) && touched == "nothing";
        let observed =
            format!("{}, mode {mode:04o}: {}; changed on the queue: {touched}", role[0], program.end());
        trial.judge("what-is-somebody-elses-is-left-alone", passed, observed);
    }
    Ok(())
}

/// Creates the file, and returns the key that ftok makes from it.
fn key_of_new(file: &Path, id: i32) -> Result<key_t, Fault> {
    std::fs::write(file, "The file that both know.\n").map_err(|error| Fault::io(FILE, &error))?;
    let path =
        CString::new(file.as_os_str().as_bytes()).map_err(|_| Fault::new("a path contains a NUL byte"))?;
    Ok(ftok(&path, id)?)
}

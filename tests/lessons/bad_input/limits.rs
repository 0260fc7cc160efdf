//! Limits on descriptors, on queues, and on System V objects.

use super::*;
use crate::events::{agree_with_one_another, as_described};
use ipc_workbook::observe::Kind;
use nix::sys::resource::{Resource, setrlimit};

pub(super) fn no_queue_bytes(lesson: &str) {
    let usual = usual(lesson);
    for bytes in sample(vec![0, 97, 159], &format!("{lesson}: bytes of queues"), 1) {
        let mut command = workbook(lesson);
        after_fork(&mut command, move || Ok(setrlimit(Resource::RLIMIT_MSGQUEUE, bytes, bytes)?));
        if usual.makes(Kind::Queue) {
            refused(&mut command, 3, &["mq_open", "EMFILE", "ulimit -q"]);
        } else {
            run(&mut command, 0);
        }
        nothing_left("a limit on the bytes of queues");
    }
}

pub(super) fn few_descriptors(lesson: &str) {
    let usual = usual(lesson);
    // With fewer than 4 descriptors the loader cannot open the C library.
    for limit in sample((4..14).collect(), &format!("{lesson}: descriptors"), 1) {
        let mut command = workbook(lesson);
        after_fork(command.args(["--format", "json"]), move || {
            Ok(setrlimit(Resource::RLIMIT_NOFILE, limit, limit)?)
        });
        let output = limited(&mut command);
        let when = format!("with {limit} descriptors");
        no_panic(&output);
        match output.status.code() {
            Some(0) => assert!(complaints(&output).is_empty(), "{when}: {}", describe(&output)),
            Some(3) => {
                let complaints = complaints(&output);
                let good = complaints.len() == 1
                    && complaints[0].contains("EMFILE")
                    && complaints[0].contains("ulimit -n");
                assert!(good, "{when}: {}", describe(&output));
            }
            _ => panic!("{when}: {}", describe(&output)),
        }
        let events = events(&output);
        as_described(&events, &output);
        agree_with_one_another(lesson, &events, &output);
        for claim in events.iter().filter(|event| event["event"] == "claim") {
            assert_ne!(claim["held"], false, "{when}: {claim}: {}", describe(&output));
        }
        nothing_left(&when);
    }
    let mut command = workbook(lesson);
    after_fork(command.args(["--format", "json"]), || Ok(setrlimit(Resource::RLIMIT_NOFILE, 32, 32)?));
    let output = run(&mut command, 0);
    let claims = events(&output).iter().filter(|event| event["event"] == "claim").count();
    assert_eq!(claims, usual.claims.len(), "{}", describe(&output));
}

pub(super) fn queues_max(lesson: &str) {
    let usual = usual(lesson);
    let limit = std::fs::read_to_string("/proc/sys/fs/mqueue/queues_max").expect("a limit");
    let limit: usize = limit.trim().parse().expect("a number");
    let mut queues: Vec<(String, Held)> = Vec::new();
    while queues.len() < limit {
        let name = format!("/fill.{}", queues.len());
        queues.push((name.clone(), make(Kind::Queue, &name, 0o600)));
    }
    let mut command = workbook(lesson);
    if usual.makes(Kind::Queue) {
        refused(&mut command, 3, &["mq_open", "ENOSPC", "queues_max"]);
    } else {
        run(&mut command, 0);
    }
    for (name, _held) in queues {
        unmake(Kind::Queue, &name);
    }
}

pub(super) fn system_v_limits(lesson: &str) {
    let usual = usual(lesson);
    for (call, file) in [("msgget", "msgmni"), ("semget", "sem"), ("shmget", "shmmni")] {
        let file = format!("/proc/sys/kernel/{file}");
        let before = std::fs::read_to_string(&file).expect("a limit");
        // The last of the four numbers is the limit on sets.
        let words: Vec<&str> = before.split_whitespace().collect();
        let lowered = [&words[..words.len() - 1], &["0"]].concat().join(" ");
        if let Err(error) = std::fs::write(&file, &lowered) {
            skip(&format!("{lesson}: {file} cannot be lowered here: {error}"));
            return;
        }
        let mut command = workbook(lesson);
        if usual.keyed.contains(&call) {
            refused(&mut command, 3, &[call, "ENOSPC", "ipcs"]);
        } else {
            run(&mut command, 0);
        }
        std::fs::write(&file, before.trim_end()).expect("the limit");
        nothing_left(&file);
    }
}

//! Makes each system call of a lesson fail, with each errno in its manual page: strace replaces the
//! kernel's result. The lesson must end by itself, say which call failed and why, claim nothing that it
//! did not see, and leave nothing.
//!
//! An undisturbed run under strace shows which calls a lesson makes. Every occurrence of each call (of
//! many, the first, the last and some in between) is tried with one errno, and the first occurrence with
//! each errno. These are thousands of runs: each day tries a few of them, and `.ci/exhaustive` all.

mod strace;

use ipc_workbook_testing::calls::{CALLS, Call};
use ipc_workbook_testing::prelude::*;
use std::cell::LazyCell;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};
use strace::{NAME, injected, record};

pub(crate) fn trials(trials: &mut Trials) {
    if !have("strace") {
        trials.skip("calls that fail", "strace is not installed");
        return;
    }
    let users = Place::each_user(Mqueue::Mounted);
    trials.some_lessons("it reports calls that fail", &users, any_lesson, calls_fail);
    for (call, body) in [("mq_unlink", queue_stays as fn(&str)), ("unlink", file_stays)] {
        let sentence = format!("it reports what {call} cannot remove, and the remedy");
        trials.shared_layer(&sentence, &[Place::EASIEST], Profile::makes_something, body);
    }
    let blind_sentence = "it claims nothing that it cannot look at";
    trials.shared_layer(blind_sentence, &[Place::EASIEST], |_| true, blind);
}

/// The number of failures that are tried with a lesson. The exhaustive run tries all.
const FAILURES: usize = 2;

/// A failure to try: the call, its occurrence, and the errno.
type Failure = (&'static Call, u32, &'static str);

/// Finds the calls that the lesson makes, and makes them fail.
fn calls_fail(lesson: &str) {
    let usual = LazyCell::new(|| usual(lesson));
    let user = nix::unistd::geteuid();
    let all = failures(lesson);
    for (call, occurrence, errno) in sample(all.clone(), &format!("{lesson} {user} fails"), FAILURES) {
        if fails_once(lesson, call, errno, occurrence, &usual) {
            continue;
        }
        // Where processes race, the number of calls differs between runs, but the first one is always made.
        let first =
            all.iter().filter(|(of, ..)| of.name == call.name).map(|(_, occurrence, _)| *occurrence).min();
        let happened = fails_once(lesson, call, errno, first.unwrap_or(occurrence), &usual);
        // A thread makes the call futex only if it has to wait for another one.
        assert!(
            happened || call.name == "futex",
            "{} did not fail even at its first occurrence: this run made other calls than the recorded one",
            call.name
        );
    }
}

/// Returns every errno for the first occurrence of each call, and one errno for every occurrence.
fn failures(lesson: &str) -> Vec<Failure> {
    let mut all = Vec::new();
    for (name, occurrences) in record(lesson) {
        let call = CALLS.iter().find(|call| call.name == name).expect("a call of the table");
        for (n, errno) in call.errnos.iter().enumerate() {
            for (i, occurrence) in occurrences.iter().enumerate() {
                if i == 0 || i % call.errnos.len() == n {
                    all.push((call, *occurrence, *errno));
                }
            }
        }
    }
    all
}

fn queue_stays(lesson: &str) {
    for errno in ["EACCES", "EPERM", "EROFS"] {
        cannot_clean_up(lesson, "mq_unlink", errno);
    }
}

fn file_stays(lesson: &str) {
    for errno in ["EACCES", "EPERM", "EROFS"] {
        cannot_clean_up(lesson, "unlink", errno);
    }
}

/// Returns whether the narration shows the failed call. A lesson may continue after it, and then a claim
/// can fail that this call does not explain.
fn shown_as_a_call(output: &Output, call: &Call, errno: &str) -> bool {
    events(output)
        .iter()
        .any(|event| event["errno"] == errno && call.c_names.iter().any(|name| event["call"] == **name))
}

/// Runs the lesson once while one call fails. Returns whether the call was made and failed.
fn fails_once(
    lesson: &str,
    call: &Call,
    errno: &str,
    occurrence: u32,
    usual: &LazyCell<Usual, impl FnOnce() -> Usual>,
) -> bool {
    let (output, injections) = injected(lesson, call.name, call.on_objects, errno, &occurrence.to_string());
    let Some(output) = output else {
        run(workbook(lesson).args(["--name", NAME]), 0); // removes what the killed lesson has left
        return true;
    };
    let report = format!("{} with {errno} at {occurrence}: {injections}\n{}", call.name, describe(&output));
    no_panic(&output);
    assert_eq!(output.status.signal(), None, "{report}");
    let complaints = complaints(&output);
    let names_it = complaints.iter().any(|line| {
        let why = line.contains(errno) || translated(call.name, errno, line);
        // For calls that processes make in a race, a claim says how many failed with the errno.
        why && (line.contains("claim failed") || call.c_names.iter().any(|name| line.contains(name)))
            || believed(call.name, errno, line)
    }) || shown_as_a_call(&output, call, errno)
        // glibc's barriers and pthread_once end the process if their futex fails as it never does: with a
        // sentence of its own, and SIGABRT.
        || (call.name == "futex"
            && complaints.iter().any(|line| line.contains("SIGABRT") || line.contains("futex facility")));
    // strace counts the calls of each process separately, so it may hit more than one of them.
    let hit_more = injections.lines().count() > 1;
    match output.status.code() {
        Some(0) => all_claims_held(&output, usual, &report),
        // SIGPIPE: the reader of the pipe has exited. A process whose own call failed has said so before.
        Some(141) => {
            let explained = complaints.is_empty() || hit_more && names_it;
            assert!(call.name == "write" && errno == "EPIPE" && explained, "{report}");
        }
        Some(1 | 3) => assert!(names_it, "no line says what failed: {report}"),
        _ => panic!("{report}"),
    }
    remove_what_glibc_forgets();
    // sem_open calls fstat after it has linked the semaphore, and does not unlink it if fstat fails.
    // If strace has hit more calls, one of them may be the clean-up. In both cases the next run removes what is
    // left.
    if (call.name == "newfstatat" || hit_more) && !leftovers().is_empty() {
        run(workbook(lesson).args(["--name", NAME]), 0);
    }
    nothing_left(&report);
    !injections.is_empty()
}

/// Returns whether the message has another errno than the failed call: glibc translates some, and a
/// later call may fail because of the first.
fn translated(call: &str, errno: &str, line: &str) -> bool {
    match call {
        "mq_unlink" | "unlink" => errno == "EPERM" && line.contains("EACCES"),
        "munmap" => line.contains("sem_close") && line.contains("EINVAL"),
        // sem_open checks first whether a temporary name is free.
        "newfstatat" => line.contains("sem_open"),
        // The limit was not restored, so the next call reaches it.
        "prlimit64" => line.contains("mq_open") && line.contains("EMFILE"),
        // For kill(pid, 0), ESRCH is an answer and not a failure.
        "kill" => errno == "ESRCH" && line.contains("claim failed"),
        // glibc needs a socket for SIGEV_THREAD, and reports every failure of it so.
        "socket" => line.contains("mq_notify") && line.contains("ENOSYS"),
        _ => false,
    }
}

/// Returns whether the message is about another call, which failed because the lesson believed a false answer.
/// If kill(pid, 0) fails with ESRCH, a server removes the queue of a client that still waits for replies, and then
/// cannot open it.
fn believed(call: &str, errno: &str, line: &str) -> bool {
    call == "kill" && errno == "ESRCH" && line.contains("mq_open") && line.contains("ENOENT")
}

/// Panics unless every claim held or was reported as not seen, as exit code 0 promises.
fn all_claims_held(output: &Output, usual: &Usual, report: &str) {
    let events = events(output);
    let claims: Vec<_> = events.iter().filter(|event| event["event"] == "claim").collect();
    assert!(claims.iter().all(|claim| claim["held"] != false), "exit code 0, but a claim failed: {report}");
    let ids: Vec<&str> = claims.iter().filter_map(|claim| claim["id"].as_str()).collect();
    let usual: Vec<&str> = usual.claims.iter().map(|(id, _)| &**id).collect();
    assert_eq!(ids, usual, "exit code 0, but claims are missing: {report}");
    assert_eq!(events.last().map(|end| end["exit"] == 0), Some(true), "{report}");
}

/// Removes the files that glibc leaves. sem_open creates the semaphore with a random name and links it to the
/// right one. It ignores a failure to unlink the random name.
fn remove_what_glibc_forgets() {
    for path in leftovers() {
        let name = path.strip_prefix("/dev/shm/sem.").unwrap_or_default();
        if name.len() == 6 && name != "usual" {
            std::fs::remove_file(&path).expect("a file that this user can remove");
        }
    }
}

/// Makes every removal fail: the lesson says what is left, and the command that it prints removes it.
fn cannot_clean_up(lesson: &str, call: &str, errno: &str) {
    let (output, injections) = injected(lesson, call, false, errno, "1+");
    let output = output.expect("no wake-up fails");
    no_panic(&output);
    remove_what_glibc_forgets();
    let left = leftovers();
    let report = format!("{injections}\nleft {left:?}\n{}", describe(&output));
    let complaints = complaints(&output);
    // The file is in /tmp, which the namespace shares with the machine.
    for file in complaints.iter().filter_map(|line| line.split("(rm ").nth(1)?.split(')').next()) {
        if file.starts_with("/tmp/") {
            std::fs::remove_file(file).expect("the file that could not be removed exists");
        }
    }
    if left.is_empty() {
        assert!(
            usual(lesson)
                .objects
                .iter()
                .all(|kind| (*kind == ipc_workbook::observe::Kind::Queue) != (call == "mq_unlink")),
            "{report}"
        );
        return;
    }
    assert!(matches!(output.status.code(), Some(1 | 3)), "{report}");
    for object in &left {
        let line = complaints.iter().find(|line| line.contains("cannot remove") && line.contains(object));
        let line = line.unwrap_or_else(|| panic!("{object} is not mentioned: {report}"));
        assert!(line.contains(errno), "{report}");
        let remedy =
            line.split(['(', ')']).find(|part| part.starts_with("rm ") || part.starts_with("ipcrm "));
        let remedy = remedy.unwrap_or_else(|| panic!("the line names no command that removes it: {report}"));
        run(Command::new("sh").args(["-c", remedy]), 0);
    }
    nothing_left(&report);
}

/// Without /proc nothing can be said about the holders of an object.
fn blind(lesson: &str) {
    for errno in ["EMFILE", "ENOMEM", "EIO"] {
        let mut command = command("strace");
        command.args(["-f", "-qq", "-o", "/dev/null", "-P", "/proc", "-e", "trace=openat"]);
        command.arg("-e").arg(format!("inject=openat:error={errno}:when=1+"));
        let output = limited(command.arg(program(lesson)).args(["--format", "json"]));
        assert_eq!(output.status.code(), Some(0), "{errno}: {}", describe(&output));
        for event in events(&output) {
            for count in ["open_file_descriptions", "mappings"] {
                assert!(event.get(count).is_none_or(serde_json::Value::is_null), "{event}");
            }
        }
        nothing_left(errno);
    }
}

//! Each system call of a lesson made to fail, with each errno that its manual
//! page lists: strace puts the error in the kernel's mouth. The lesson must end
//! by itself, say which call failed and why, claim nothing that it did not see,
//! and leave nothing.
//!
//! Which calls a lesson makes is found by looking: a first run is recorded. Every
//! occurrence of each call (of many, the edges and some in between) is tried with one errno,
//! and the first with each errno. That is thousands of runs, so each day tries a few of them,
//! and `.ci/exhaustive` all.

mod strace;

use ipc_workbook_testing::calls::{CALLS, Call};
use ipc_workbook_testing::prelude::*;
use std::cell::LazyCell;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};
use strace::{NAME, injected, record};

pub(crate) fn trials(trials: &mut Trials) {
    if !have("strace") {
        trials.skip("each call made to fail", "there is no strace here");
        return;
    }
    trials.each_lesson("calls fail", &Place::each_user(Mqueue::Mounted), calls_fail);
    for (call, body) in [("mq_unlink", queue_stays as fn(&str)), ("unlink", file_stays)] {
        let sentence = format!("what {call} cannot remove is reported, with its remedy");
        trials.shared_layer(&sentence, &[Place::EASIEST], Profile::makes_something, body);
    }
    let blind_sentence = "what cannot be looked at is not claimed";
    trials.shared_layer(blind_sentence, &[Place::EASIEST], |_| true, blind);
}

/// How many failures are tried with each lesson; all of them in the exhaustive run.
const FAILURES: usize = 1;

/// One way for a lesson to meet a refusal: the call, its occurrence, and the errno.
type Failure = (&'static Call, u32, &'static str);

/// Finds out which calls the lesson makes, and lets them fail.
fn calls_fail(lesson: &str) {
    let usual = LazyCell::new(|| usual(lesson));
    let user = nix::unistd::geteuid();
    let all = failures(lesson);
    for (call, occurrence, errno) in sample(all.clone(), &format!("{lesson} {user} fails"), FAILURES) {
        if fails_once(lesson, call, errno, occurrence, &usual) {
            continue;
        }
        // In a race the number of calls differs from run to run. The first of them is always made.
        let first =
            all.iter().filter(|(of, ..)| of.name == call.name).map(|(_, occurrence, _)| *occurrence).min();
        let happened = fails_once(lesson, call, errno, first.unwrap_or(occurrence), &usual);
        assert!(
            happened,
            "{} was not injected, even at its first occurrence: the recorded run was another",
            call.name
        );
    }
}

/// Every errno at the first occurrence of each call, and every occurrence with one errno.
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

/// Whether the narration shows the failed call. A lesson may go on after it, and then a claim fails that
/// the call does not explain.
fn shown_as_a_call(output: &Output, call: &Call, errno: &str) -> bool {
    events(output)
        .iter()
        .any(|event| event["errno"] == errno && call.c_names.iter().any(|name| event["call"] == **name))
}

/// One run, in which one call fails: whether it happened at all.
fn fails_once(
    lesson: &str,
    call: &Call,
    errno: &str,
    occurrence: u32,
    usual: &LazyCell<Usual, impl FnOnce() -> Usual>,
) -> bool {
    let (output, injections) = injected(lesson, call.name, call.on_objects, errno, &occurrence.to_string());
    let report = format!("{} with {errno} at {occurrence}: {injections}\n{}", call.name, describe(&output));
    no_panic(&output);
    assert_eq!(output.status.signal(), None, "{report}");
    let complaints = complaints(&output);
    let names_it = complaints.iter().any(|line| {
        let why = line.contains(errno) || translated(call.name, errno, line);
        // Of calls that processes make in a race, a claim says how many failed with the errno.
        why && (line.contains("claim failed") || call.c_names.iter().any(|name| line.contains(name)))
    }) || shown_as_a_call(&output, call, errno);
    match output.status.code() {
        Some(0) => all_claims_held(&output, usual, &report),
        // The reader has gone.
        Some(141) => assert!(call.name == "write" && errno == "EPIPE" && complaints.is_empty(), "{report}"),
        Some(1 | 3) => assert!(names_it, "nobody says what failed: {report}"),
        _ => panic!("{report}"),
    }
    remove_what_glibc_forgets();
    // sem_open looks at the semaphore after it has linked it, and does not
    // unlink it when it cannot. And strace counts in each process anew, so that
    // it may hit the clean-up as well as the call. The next run finds what is left.
    let hit_more = injections.lines().count() > 1;
    if (call.name == "newfstatat" || hit_more) && !leftovers().is_empty() {
        run(workbook(lesson).args(["--name", NAME]), 0);
    }
    nothing_left(&report);
    !injections.is_empty()
}

/// glibc gives some calls another errno than the kernel gave it.
fn translated(call: &str, errno: &str, line: &str) -> bool {
    match call {
        "mq_unlink" | "unlink" => errno == "EPERM" && line.contains("EACCES"),
        "munmap" => line.contains("sem_close") && line.contains("EINVAL"),
        // Whether its name for the beginning is free.
        "newfstatat" => line.contains("sem_open"),
        // The next call runs into the limit that was not put back.
        "prlimit64" => line.contains("mq_open") && line.contains("EMFILE"),
        _ => false,
    }
}

/// Exit 0 says: every claim was looked at and held, or reported as not seen.
fn all_claims_held(output: &Output, usual: &Usual, report: &str) {
    let events = events(output);
    let claims: Vec<_> = events.iter().filter(|event| event["event"] == "claim").collect();
    assert!(claims.iter().all(|claim| claim["held"] != false), "exit 0, and a claim failed: {report}");
    let ids: Vec<&str> = claims.iter().filter_map(|claim| claim["id"].as_str()).collect();
    let usual: Vec<&str> = usual.claims.iter().map(|(id, _)| &**id).collect();
    assert_eq!(ids, usual, "exit 0, and not all was claimed: {report}");
    assert_eq!(events.last().map(|end| end["exit"] == 0), Some(true), "{report}");
}

/// `sem_open` makes the semaphore under a name that nobody can foresee, links it to
/// the wanted one, and does not look whether it could unlink the first.
fn remove_what_glibc_forgets() {
    for path in leftovers() {
        let name = path.strip_prefix("/dev/shm/sem.").unwrap_or_default();
        if name.len() == 6 && name != "usual" {
            std::fs::remove_file(&path).expect("a file of one's own");
        }
    }
}

/// The clean-up itself fails, each time: the lesson says what is left, and what
/// it says removes it.
fn cannot_clean_up(lesson: &str, call: &str, errno: &str) {
    let (output, injections) = injected(lesson, call, false, errno, "1+");
    no_panic(&output);
    remove_what_glibc_forgets();
    let left = leftovers();
    let report = format!("{injections}\nleft {left:?}\n{}", describe(&output));
    let complaints = complaints(&output);
    // A file in /tmp, which no namespace has for itself.
    for file in complaints.iter().filter_map(|line| line.split("(rm ").nth(1)?.split(')').next()) {
        if file.starts_with("/tmp/") {
            std::fs::remove_file(file).expect("what could not be removed is there");
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
        let remedy = remedy.unwrap_or_else(|| panic!("no remedy: {report}"));
        run(Command::new("sh").args(["-c", remedy]), 0);
    }
    nothing_left(&report);
}

/// With /proc out of reach nothing can be said of who holds an object.
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

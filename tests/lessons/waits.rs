//! A lesson says when it waits: a call that has not returned after a second is announced, and the line
//! after Ctrl-C names the step and the call. The process that watches for this stays invisible.
//!
//! strace returns a false success for one call, so that the lesson waits for something that never
//! happens: a message that was not sent, or a removal that was not made.

use ipc_workbook_testing::prelude::*;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::time::{Duration, Instant};

pub(crate) fn trials(trials: &mut Trials) {
    if have("strace") {
        for wait in WAITS {
            let name = format!("{}: it announces an endless wait ({})", wait.lesson, wait.words());
            trials.add(name, Place::EASIEST, move || announced(wait));
        }
    } else {
        trials.skip("an endless wait is announced", "strace is not installed");
    }
    trials.add("a server without clients announces that it waits".into(), Place::EASIEST, without_clients);
    trials.add(
        "if SIGINT is ignored, the announcement names another way to end it".into(),
        Place::EASIEST,
        ignored,
    );
    trials.add("a prompt is not announced as a wait".into(), Place::EASIEST, prompt);
    trials.shared_layer(
        "the watcher process has nothing open and is not shown",
        &Place::corners(),
        |_| true,
        unseen,
    );
}

/// A lie that makes a lesson wait, and the call in which it then waits.
#[derive(Clone, Copy)]
struct Wait {
    lesson: &'static str,
    lie: &'static str,
    process: &'static str,
    call: Option<&'static str>,
    /// The words in the line that is printed after Ctrl-C.
    said: &'static str,
}

const WAITS: [Wait; 4] = [
    Wait {
        lesson: "refcount_demo",
        lie: "mq_timedsend:retval=0",
        process: "A",
        call: Some("mq_receive"),
        said: "in step 5, in mq_receive",
    },
    Wait {
        lesson: "removed_while_waiting",
        lie: "msgctl:retval=0",
        process: "B",
        call: Some("msgrcv"),
        said: ", while B was in msgrcv",
    },
    Wait {
        lesson: "removed_while_waiting",
        lie: "semctl:retval=0",
        process: "D",
        call: Some("semop"),
        said: ", while D was in semop",
    },
    // The process never gets its turn, because the message that passes it on is not sent.
    Wait {
        lesson: "refcount_two_processes",
        lie: "sendto:retval=1:when=1",
        process: "A",
        call: None,
        said: ", while it waited for B",
    },
];

impl Wait {
    fn words(&self) -> &'static str {
        self.call.unwrap_or("for its turn")
    }
}

/// Waits for the event that announces a wait, and returns it with the pid of the lesson itself.
fn announcement(paused: &mut Paused) -> (Value, Pid) {
    let text = paused.wait_for("announcement", |text| {
        text.split_inclusive('\n').any(|line| line.contains("\"event\":\"waiting\"") && line.ends_with('\n'))
    });
    let whole = text.rsplit_once('\n').map_or("", |(lines, _)| lines);
    let events = events_in(whole);
    let waiting = events.iter().find(|event| event["event"] == "waiting").expect("the event").clone();
    let lesson = events.iter().find(|event| event["event"] == "call" && event["process"] == "A");
    let pid = lesson.and_then(|call| call["pid"].as_i64()).expect("a call of the lesson");
    (waiting, Pid::from_raw(i32::try_from(pid).expect("a pid")))
}

fn announced(wait: Wait) {
    let mark = mark();
    let mut command = command("strace");
    command.args(["-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e"]);
    let call = wait.lie.split(':').next().unwrap_or_default();
    command.arg(format!("trace={call}")).arg("-e").arg(format!("inject={}", wait.lie));
    command.arg(program(wait.lesson)).args(["--format", "json"]).env(MARK, &mark);
    let begun = Instant::now();
    let mut paused = Paused::of(&mut command);
    let (waiting, lesson) = announcement(&mut paused);
    assert!(begun.elapsed() > Duration::from_secs(1), "announced too early: {waiting}");
    assert_eq!(waiting["process"], wait.process, "{waiting}");
    assert_eq!(waiting["call"].as_str(), wait.call, "{waiting}");
    kill(lesson, Signal::SIGINT).expect("a lesson");
    let output = paused.end();
    assert_eq!(output.status.code(), Some(130), "{}", describe(&output));
    let complaints = complaints(&output);
    let told: Vec<&String> = complaints.iter().filter(|line| !line.contains("claim failed")).collect();
    let good = told.len() == 1 && told[0].contains(": interrupted in step ") && told[0].contains(wait.said);
    assert!(good, "{}", describe(&output));
    no_process_left(&mark, "interrupted");
    // The lie made the lesson believe that it had removed these.
    for left in leftovers() {
        let words: Vec<&str> = left.split_whitespace().collect();
        let flag = if words[0] == "msg" { "-q" } else { "-s" };
        run(std::process::Command::new("ipcrm").args([flag, words[2]]), 0);
    }
    nothing_left("interrupted");
}

fn without_clients() {
    let mut command = workbook("svmsg_demo_server");
    let mut paused = Paused::of(command.args(["--alone", "--format", "json"]));
    let (waiting, lesson) = announcement(&mut paused);
    assert_eq!((&waiting["call"], &waiting["process"]), (&"msgrcv".into(), &"A".into()), "{waiting}");
    assert!(waiting["until"].as_str().unwrap_or_default().contains("a message"), "{waiting}");
    assert_eq!(lesson, paused.pid());
    paused.signal(Signal::SIGINT);
    let output = paused.end();
    assert_eq!(output.status.code(), Some(130), "{}", describe(&output));
    // The wait is announced once.
    assert_eq!(stdout(&output).matches("\"waiting\"").count(), 1, "{}", describe(&output));
    assert!(complaints(&output)[0].contains(" in step 2, in msgrcv;"), "{}", describe(&output));
    nothing_left("interrupted");
}

/// Ctrl-C cannot end a lesson that was started with SIGINT ignored.
fn ignored() {
    let script = "trap '' INT; exec \"$0\" --alone";
    let mut paused = Paused::of(&mut shell("svmsg_demo_server", script));
    let text = paused.wait_for("announcement", |text| text.contains(" ends the lesson\n"));
    let kill = format!("the queue is removed; kill {} ends the lesson", paused.pid());
    assert!(text.contains(&kill), "{text}");
    paused.signal(Signal::SIGTERM);
    assert_eq!(paused.end().status.code(), Some(143));
    nothing_left("kill");
}

/// While the reader looks at a step, a process of the lesson may wait on purpose.
fn prompt() {
    let mut paused = Paused::start("removed_while_waiting", &[]);
    paused.prompts(1);
    paused.enter(1);
    paused.prompts(2);
    std::thread::sleep(Duration::from_secs(2));
    paused.signal(Signal::SIGINT);
    let output = paused.end();
    assert!(!stdout(&output).contains("waiting in"), "{}", describe(&output));
}

/// Returns the watcher processes with this mark.
fn watchers(mark: &str) -> Vec<Pid> {
    let is_watcher = |pid: &Pid| {
        ipc_workbook::observe::command_of(pid.as_raw()).is_some_and(|name| name == "lesson-watcher")
    };
    marked(mark).into_iter().filter(is_watcher).collect()
}

fn unseen(lesson: &str) {
    let steps = usual(lesson).steps;
    let mark = mark();
    let mut paused = Paused::of(workbook(lesson).arg("--pause").env(MARK, &mark));
    for step in 1..=steps {
        let text = paused.prompts(step);
        // The watcher gets its name a moment after the fork.
        let watcher = until("watcher", || watchers(&mark).first().copied());
        assert_eq!(watchers(&mark).len(), 1, "watchers at step {step}: {text}");
        assert!(!text.contains(&format!("pid {watcher} ")), "the watcher is shown as a holder: {text}");
        let descriptors = std::fs::read_dir(format!("/proc/{watcher}/fd")).expect("its descriptors");
        let beyond = descriptors.filter_map(Result::ok).map(|entry| entry.file_name()).filter(|name| {
            name.to_str().and_then(|name| name.parse::<i32>().ok()).is_none_or(|number| number > 2)
        });
        assert_eq!(beyond.count(), 0, "step {step}: the watcher has more than three descriptors: {text}");
        let maps = std::fs::read_to_string(format!("/proc/{watcher}/maps")).expect("its memory");
        assert!(!maps.contains("/dev/shm/") && !maps.contains("SYSV"), "step {step}: {maps}");
        paused.enter(1);
    }
    let output = paused.end();
    assert_eq!(output.status.code(), Some(0), "{}", describe(&output));
    no_process_left(&mark, "after the end");
}

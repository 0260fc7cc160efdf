//! Lessons that are interrupted, killed, or run twice at once: what they
//! created is gone, and so are their processes.

use ipc_workbook_testing::prelude::*;
use nix::sys::signal::Signal;
use nix::unistd::Pid;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

const SIGNALS: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];

pub(crate) fn trials(trials: &mut Trials) {
    let (all, corners, users) = (Place::all(), Place::corners(), Place::each_user(Mqueue::Mounted));
    trials.each_lesson("interrupted at each step it leaves nothing", &all, interrupted_at_each_step);
    trials.each_lesson(
        "killed at each step, the next run finds and removes what is left",
        &corners,
        killed_at_each_step,
    );
    trials.each_lesson("interrupted at any moment it leaves nothing", &corners, interrupted_at_any_moment);
    trials.each_lesson("killed at any moment, the next run leaves nothing", &corners, killed_at_any_moment);
    trials.shared_layer("two runs at once do not disturb each other", &corners, any_lesson, two_runs_at_once);
    trials.shared_layer(
        "two runs of different names at once both come to their end",
        &corners,
        any_lesson,
        two_names_at_once,
    );
    trials.shared_layer(
        "Ctrl-C, which reaches all its processes, ends it cleanly",
        &users,
        any_lesson,
        ctrl_c,
    );
    trials.shared_layer("a signal that is ignored stays ignored", &users, any_lesson, ignored_signal);
    trials.shared_layer(
        "interrupted in a private namespace it leaves nothing",
        &users,
        any_lesson,
        in_private,
    );
}

fn exit_code(signal: Signal) -> i32 {
    128 + signal as i32
}

/// A lesson that waits at the end of this step, the first of which is 0.
fn paused_after(lesson: &str, step: usize, mark: &str) -> Paused {
    let mut paused = Paused::of(workbook(lesson).arg("--pause").env(MARK, mark));
    paused.enter(step);
    paused.prompts(step + 1);
    paused
}

fn interrupted_at_each_step(lesson: &str) {
    let steps = usual(lesson).steps;
    assert!(steps > 0, "{lesson} has no step");
    // The users and places differ in where they begin, so that each step meets each signal.
    let turn = usize::from(nix::unistd::geteuid().is_root()) + usize::from(mqueue_is_mounted());
    for step in sample((0..steps).collect(), &format!("{lesson}: interrupted"), 1) {
        let signal = SIGNALS[(step + turn) % SIGNALS.len()];
        let when = format!("{signal} after step {}", step + 1);
        let mark = mark();
        let paused = paused_after(lesson, step, &mark);
        paused.signal(signal);
        let output = paused.end();
        assert_eq!(output.status.code(), Some(exit_code(signal)), "{when}: {}", describe(&output));
        assert_eq!(complaints(&output).len(), 1, "{when}: {}", describe(&output));
        no_panic(&output);
        nothing_left(&when);
        no_process_left(&mark, &when);
    }
}

fn killed_at_each_step(lesson: &str) {
    adopt_orphans();
    let usual = usual(lesson);
    let mut found_something = false;
    for step in sample((0..usual.steps).collect(), &format!("{lesson}: killed"), 2) {
        let when = format!("SIGKILL after step {}", step + 1);
        let mark = mark();
        let paused = paused_after(lesson, step, &mark);
        paused.signal(Signal::SIGKILL);
        let output = paused.end();
        assert_eq!(output.status.signal(), Some(9), "{when}: {}", describe(&output));
        no_process_left(&mark, &when);
        let left = leftovers();
        found_something |= !left.is_empty();

        let output = run(workbook(lesson).args(["--format", "json"]), 0);
        // A queue cannot be listed where /dev/mqueue is not mounted.
        let can_list = mqueue_is_mounted();
        let explained = leftover_notes(&output).len();
        assert!(explained >= left.len(), "{when}: {left:?} not explained: {}", describe(&output));
        assert!(
            !can_list || explained == left.len(),
            "{when}: only {left:?} was left: {}",
            describe(&output)
        );
        let events = events(&output);
        let claims = events.iter().filter(|event| event["event"] == "claim");
        let claims: Vec<_> = claims
            .map(|claim| (claim["id"].as_str().unwrap_or_default().to_string(), claim["held"].as_bool()))
            .collect();
        assert_eq!(claims, usual.claims, "{when}: {}", describe(&output));
        assert!(complaints(&output).is_empty(), "{when}: {}", describe(&output));
        nothing_left(&format!("{when}, and the next run"));
    }
    // Or else this would test nothing. In a sample the steps may be those after the last object has gone.
    let listed = mqueue_is_mounted() || !usual.makes(ipc_workbook::observe::Kind::Queue);
    let must_find = exhaustive() && listed && usual.makes_something();
    assert!(found_something || !must_find, "{lesson} never left anything when killed");
}

/// How long an undisturbed run takes here and now.
fn duration(lesson: &str) -> Duration {
    let start = Instant::now();
    run(&mut workbook(lesson), 0);
    start.elapsed()
}

/// Starts the lesson, and ends it with `signal` after a moment. None of its processes may be left.
fn shot(lesson: &str, after: Duration, signal: Signal) -> Output {
    let mark = mark();
    let mut command = workbook(lesson);
    command.env(MARK, &mark).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("a lesson");
    std::thread::sleep(after);
    // It has not been waited for, so the id is still its own.
    let _ = nix::sys::signal::kill(Pid::from_raw(i32::try_from(child.id()).expect("a pid")), signal);
    // What it says fits into the pipes. They are read last: a process that is
    // left would keep them open.
    wait_for_end(&mut child, lesson);
    no_process_left(&mark, &format!("{signal} after {after:?}"));
    child.wait_with_output().expect("an end")
}

const MOMENTS: u32 = 18;

fn interrupted_at_any_moment(lesson: &str) {
    let whole = duration(lesson);
    for moment in sample((0..MOMENTS).collect(), &format!("{lesson}: interrupted at a moment"), 2) {
        let signal = SIGNALS[moment as usize % SIGNALS.len()];
        let after = whole * moment / MOMENTS;
        let when = format!("{signal} after {after:?}");
        let output = shot(lesson, after, signal);
        // It may have been done already, or have had no handler yet.
        let good = match output.status.code() {
            Some(code) => code == 0 || code == exit_code(signal),
            None => output.status.signal() == Some(signal as i32),
        };
        assert!(good, "{when}: {}", describe(&output));
        no_panic(&output);
        nothing_left(&when);
    }
}

fn killed_at_any_moment(lesson: &str) {
    adopt_orphans();
    let whole = duration(lesson);
    for moment in sample((0..MOMENTS).collect(), &format!("{lesson}: killed at a moment"), 2) {
        let after = whole * moment / MOMENTS;
        let when = format!("SIGKILL after {after:?}");
        shot(lesson, after, Signal::SIGKILL);
        let output = run(&mut workbook(lesson), 0);
        assert!(complaints(&output).is_empty(), "{when}: {}", describe(&output));
        // glibc's sem_open makes a semaphore under a name nobody can foresee,
        // and then links it; killed between the two it leaves that name.
        for path in leftovers().iter().filter(|path| is_unfinished_semaphore(path)) {
            std::fs::remove_file(path).expect("a file");
        }
        nothing_left(&format!("{when}, and the next run"));
    }
}

fn is_unfinished_semaphore(path: &str) -> bool {
    path.strip_prefix("/dev/shm/sem.")
        .is_some_and(|name| name.len() == 6 && name.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

fn two_runs_at_once(lesson: &str) {
    let usual = usual(lesson);
    let whole = duration(lesson);
    let mut met = 0;
    for round in 0..12 {
        let start = || {
            let mut command = workbook(lesson);
            command.args(["--format", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().expect("a lesson")
        };
        let mut first = start();
        std::thread::sleep(whole * round / 12);
        let second = start();
        met += u32::from(first.try_wait().expect("a child").is_none());
        let both = [first, second].map(|child| end_of(child, lesson));
        let described = format!("round {round}: {}\n--- and {}", describe(&both[0]), describe(&both[1]));
        for output in &both {
            no_panic(output);
            match output.status.code() {
                Some(0) => {
                    let claims = events(output)
                        .iter()
                        .filter(|event| event["event"] == "claim")
                        .map(|claim| {
                            (claim["id"].as_str().unwrap_or_default().to_string(), claim["held"].as_bool())
                        })
                        .collect::<Vec<_>>();
                    assert_eq!(claims, usual.claims, "{described}");
                    assert!(
                        leftover_notes(output).is_empty(),
                        "took the other's object for a leftover: {described}"
                    );
                }
                Some(3) => {
                    assert_eq!(complaints(output).len(), 1, "{described}");
                }
                _ => panic!("{described}"),
            }
        }
        assert!(both.iter().any(|output| output.status.success()), "both gave up: {described}");
        nothing_left(&format!("round {round}"));
    }
    assert!(met > 0, "the runs never met");
    // The second one waits for the first for a moment, and no longer.
    if usual.makes_something() {
        let mut first = Paused::start(lesson, &[]);
        first.prompts(1);
        refused(&mut workbook(lesson), 3, &["another run is using the ", "wait until it ends, or"]);
        first.enter(usual.steps);
        assert!(first.end().status.success());
    }
}

/// What is measured of a user, not of a name, may be not seen; nothing may fail.
fn two_names_at_once(lesson: &str) {
    let whole = duration(lesson);
    for round in 0..8 {
        let start = |name: &str| {
            let mut command = workbook(lesson);
            command.args(["--format", "json", "--name", name]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a lesson")
        };
        let first = start("/first");
        std::thread::sleep(whole * round / 8);
        let second = start("/second");
        for output in [first, second].map(|child| end_of(child, lesson)) {
            assert_eq!(output.status.code(), Some(0), "round {round}: {}", describe(&output));
            assert!(complaints(&output).is_empty(), "round {round}: {}", describe(&output));
        }
        nothing_left(&format!("round {round}"));
    }
}

/// A terminal sends SIGINT to every process of the group.
fn ctrl_c(lesson: &str) {
    let steps = usual(lesson).steps;
    for step in sample((0..steps).collect(), &format!("{lesson}: Ctrl-C"), 2) {
        let when = format!("Ctrl-C after step {}", step + 1);
        let mark = mark();
        let mut paused = Paused::of(workbook(lesson).arg("--pause").env(MARK, &mark).process_group(0));
        paused.enter(step);
        paused.prompts(step + 1);
        nix::sys::signal::killpg(paused.pid(), Signal::SIGINT).expect("a group");
        let output = paused.end();
        assert_eq!(output.status.code(), Some(130), "{when}: {}", describe(&output));
        assert_eq!(complaints(&output).len(), 1, "{when}: {}", describe(&output));
        nothing_left(&when);
        no_process_left(&mark, &when);
    }
}

fn ignored_signal(lesson: &str) {
    let steps = usual(lesson).steps;
    for signal in sample(SIGNALS.to_vec(), &format!("{lesson}: ignored"), 1) {
        // As nohup does; the ignored signal stays ignored through exec.
        let name = format!("{signal:?}");
        let script = format!("trap '' {}; exec \"$0\" --pause", name.trim_start_matches("SIG"));
        let mut paused = Paused::of(&mut shell(lesson, &script));
        paused.prompts(1);
        paused.signal(signal);
        paused.enter(steps);
        let output = paused.end();
        assert_eq!(output.status.code(), Some(0), "{name}: {}", describe(&output));
        nothing_left(&name);
    }
}

fn in_private(lesson: &str) {
    let mark = mark();
    let mut paused = Paused::of(workbook(lesson).args(["--pause", "--private"]).env(MARK, &mark));
    paused.enter(1);
    paused.prompts(2);
    paused.signal(Signal::SIGINT);
    let output = paused.end();
    assert_eq!(output.status.code(), Some(130), "{}", describe(&output));
    nothing_left("SIGINT");
    no_process_left(&mark, "SIGINT");
}

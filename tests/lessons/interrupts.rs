//! Lessons that are interrupted, killed, or run twice at the same time: their objects and processes are
//! gone afterwards.

use ipc_workbook_testing::prelude::*;
use nix::sys::signal::Signal;
use nix::unistd::Pid;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

const SIGNALS: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];

pub(crate) fn trials(trials: &mut Trials) {
    let (all, corners, users) = (Place::all(), Place::corners(), Place::each_user(Mqueue::Mounted));
    trials.some_lessons(
        "it leaves nothing when it is interrupted at a step",
        &all,
        any_lesson,
        interrupted_at_each_step,
    );
    trials.some_lessons(
        "the next run removes what a killed run has left at a step",
        &corners,
        any_lesson,
        killed_at_each_step,
    );
    trials.some_lessons(
        "it leaves nothing when it is interrupted at any moment",
        &corners,
        any_lesson,
        interrupted_at_any_moment,
    );
    trials.some_lessons(
        "the next run removes what a killed run has left at any moment",
        &corners,
        any_lesson,
        killed_at_any_moment,
    );
    trials.shared_layer(
        "two runs at the same time do not disturb each other",
        &corners,
        any_lesson,
        two_runs_at_once,
    );
    trials.shared_layer(
        "two runs with different names at the same time both succeed",
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
    trials.shared_layer(
        "a signal that is ignored at the start stays ignored",
        &users,
        any_lesson,
        ignored_signal,
    );
    trials.shared_layer(
        "it leaves nothing when it is interrupted with --private",
        &users,
        any_lesson,
        in_private,
    );
}

fn exit_code(signal: Signal) -> i32 {
    128 + signal as i32
}

/// Starts the lesson with --pause, and returns when it waits at the end of the step. Steps count from 0.
fn paused_after(lesson: &str, step: usize, mark: &str) -> Paused {
    let mut paused = Paused::of(workbook(lesson).arg("--pause").env(MARK, mark));
    paused.enter(step);
    paused.prompts(step + 1);
    paused
}

fn interrupted_at_each_step(lesson: &str) {
    let steps = usual(lesson).steps;
    assert!(steps > 0, "{lesson} has no steps");
    // Each user and place begins with another signal, so that each step meets each signal.
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
    for step in sample((0..usual.steps).collect(), &format!("{lesson}: killed"), 1) {
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
        // Queues cannot be listed where /dev/mqueue is not mounted.
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
    // Otherwise, this would test nothing. In a sample, the last object may be gone before the chosen steps.
    let listed = mqueue_is_mounted() || !usual.makes(ipc_workbook::observe::Kind::Queue);
    let must_find = exhaustive() && listed && usual.makes_something();
    assert!(found_something || !must_find, "{lesson} never left anything when it was killed");
}

/// Measures how long an undisturbed run takes on this machine.
fn duration(lesson: &str) -> Duration {
    let start = Instant::now();
    run(&mut workbook(lesson), 0);
    start.elapsed()
}

/// Starts the lesson, and sends it `signal` after a moment. Panics if one of its processes is left.
fn shot(lesson: &str, after: Duration, signal: Signal) -> Output {
    let mark = mark();
    let mut command = workbook(lesson);
    command.env(MARK, &mark).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("a lesson");
    std::thread::sleep(after);
    // The child is not yet reaped, so its pid cannot belong to another process.
    let _ = nix::sys::signal::kill(Pid::from_raw(i32::try_from(child.id()).expect("a pid")), signal);
    // The output fits into the pipes. It is read last, because a process that is left would keep them
    // open.
    wait_for_end(&mut child, lesson);
    no_process_left(&mark, &format!("{signal} after {after:?}"));
    child.wait_with_output().expect("the output")
}

const MOMENTS: u32 = 18;

fn interrupted_at_any_moment(lesson: &str) {
    let whole = duration(lesson);
    for moment in sample((0..MOMENTS).collect(), &format!("{lesson}: interrupted at a moment"), 1) {
        let signal = SIGNALS[moment as usize % SIGNALS.len()];
        let after = whole * moment / MOMENTS;
        let when = format!("{signal} after {after:?}");
        let output = shot(lesson, after, signal);
        // The lesson may have ended already, or not yet have installed its handler.
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
    for moment in sample((0..MOMENTS).collect(), &format!("{lesson}: killed at a moment"), 1) {
        let after = whole * moment / MOMENTS;
        let when = format!("SIGKILL after {after:?}");
        shot(lesson, after, Signal::SIGKILL);
        let output = run(&mut workbook(lesson), 0);
        assert!(complaints(&output).is_empty(), "{when}: {}", describe(&output));
        // glibc's sem_open creates a semaphore with a random name, and then links it to the right name. A
        // run that is killed between the two leaves the random name.
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
                        "it took the object of the other run for a leftover: {described}"
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
    assert!(met > 0, "the two runs never ran at the same time");
    // The second run waits a moment for the first, and then gives up.
    if usual.makes_something() {
        let mut first = Paused::start(lesson, &[]);
        first.prompts(1);
        refused(&mut workbook(lesson), 3, &["another run is using the ", "wait until it ends, or"]);
        first.enter(usual.steps);
        assert!(first.end().status.success());
    }
}

/// Claims about a limit of the user, not of a name, may be not seen; no claim may fail.
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

/// The terminal sends SIGINT to every process of the foreground process group.
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
        // Ignores the signal as nohup does: it stays ignored after exec.
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

//! Clean-up on INT, TERM, HUP and errors, at any moment.

use crate::finding::found;
use crate::peer::create_queue;
use crate::sandbox::{End, Fault, Objects, Running};
use crate::scheduler::{Choice, Now, Pending};
use crate::trial::Trial;
use ipc_workbook::mman::{ftruncate, shm_open, shm_unlink};
use ipc_workbook::mqueue::{mq_open, mq_send, mq_unlink};
use ipc_workbook::observe::Kind;
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR, O_WRONLY};
use nix::errno::Errno;
use nix::sys::signal::Signal;
use std::ffi::CStr;

const NAME: &CStr = c"/lab";
const SIZE: u64 = 4096;

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    if !an_empty_message(trial)? {
        // A program that makes no objects shows nothing more.
        return Ok(());
    }
    signals_while_it_waits(trial)?;
    a_signal_at_each_call(trial)?;
    signal_after_signal(trial)?;
    calls_that_fail(trial)?;
    interrupted(trial)?;
    beside_others_objects(trial)?;
    taken_meanwhile(trial)?;
    killed_at_each_call(trial)
}

fn an_empty_message(trial: &mut Trial) -> Result<bool, Fault> {
    const LINE: &str = "an-empty-message-ends-it";
    trial.renew()?;
    let mut program = trial.start(&["/lab"])?;
    if let Err(seen) = is_up(trial, &mut program)? {
        trial.judge(LINE, false, seen);
        return Ok(false);
    }
    send(b"not empty")?;
    send(b"")?;
    let end = trial.wait(&mut program)?;
    let left = trial.objects()?;
    trial.judge(LINE, program.exited(0) && left.is_empty(), format!("{end}, {}", there(&left)));
    Ok(true)
}

fn signals_while_it_waits(trial: &mut Trial) -> Result<(), Fault> {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        trial.renew()?;
        let mut program = trial.start(&["/lab"])?;
        let is_up = is_up(trial, &mut program)?;
        program.kill(signal);
        let end = trial.wait(&mut program)?;
        let left = trial.objects()?;
        let clean = is_up.is_ok() && end.in_time() && left.is_empty();
        let observed = format!("{signal}: {end}, {}", there(&left));
        trial.judge("a-signal-while-it-waits-leaves-nothing", clean, observed);
        let status = [End::Killed(signal), End::Exited(128 + signal as i32)].contains(&end);
        trial.judge("the-exit-status-tells-of-the-signal", status, format!("{signal}: {end}"));
    }
    Ok(())
}

/// Just before each call; and as each returns, before the program can store what it has returned.
fn a_signal_at_each_call(trial: &mut Trial) -> Result<(), Fault> {
    for (choice, when) in [
        (Choice::Signal(Signal::SIGTERM), "SIGTERM before"),
        (Choice::SignalAfter(Signal::SIGTERM), "SIGTERM at the return of"),
    ] {
        let finding = trial.at_each_call(|trial, n| {
            let run = play(trial, |at, _| if at == n { choice } else { Choice::Go })?;
            Ok(run.map(|run| found(run.is_clean(), run.when(when))))
        })?;
        let finding = finding.map(|calls| format!("all well: {when} {calls}"));
        trial.judge_finding("a-signal-at-any-call-leaves-nothing", &finding);
    }
    Ok(())
}

/// From a call on, a signal comes before every other call. (Not before every one: a program that a
/// handler has sent back to a call has to make it some time.)
fn signal_after_signal(trial: &mut Trial) -> Result<(), Fault> {
    let finding = trial.at_each_call(|trial, n| {
        let run = play(trial, |at, _| match at.checked_sub(n) {
            Some(since) if since % 4 == 0 => Choice::Signal(Signal::SIGTERM),
            Some(since) if since % 2 == 0 => Choice::Signal(Signal::SIGINT),
            _ => Choice::Go,
        })?;
        Ok(run.map(|run| found(run.is_clean(), run.after("the first signal"))))
    })?;
    let finding = finding.map(|calls| format!("all well: signal after signal, from before {calls}"));
    trial.judge_finding("more-signals-change-nothing", &finding);
    Ok(())
}

/// There is no room for the first object, for the second, and so on.
fn calls_that_fail(trial: &mut Trial) -> Result<(), Fault> {
    let finding = trial.at_each_call(|trial, n| {
        let mut creating = 0;
        let run = play(trial, |_, call| {
            let creates = call.may_create();
            creating += usize::from(creates);
            let here = creates && creating == n + 1;
            if here { Choice::Fail(Errno::ENOSPC) } else { Choice::Go }
        })?;
        let right = |run: &Run| run.end == End::Exited(1) && run.left.is_empty();
        Ok(run.map(|run| found(right(&run), run.after("ENOSPC"))))
    })?;
    let finding = finding.map(|calls| format!("all well: ENOSPC from {calls}"));
    trial.judge_finding("a-call-that-fails-leaves-nothing", &finding);
    Ok(())
}

/// A signal that is none of the three has interrupted the first mq_receive.
fn interrupted(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let mut first = true;
    let run = play(trial, |_, call| {
        let here = call.is("mq_timedreceive") && std::mem::take(&mut first);
        if here { Choice::Fail(Errno::EINTR) } else { Choice::Go }
    })?;
    if let Some(run) = run {
        let passed = run.end == End::Exited(0) && run.left.is_empty();
        trial.judge("EINTR-alone-is-no-end", passed, run.after("EINTR"));
    }
    Ok(())
}

/// One of the two is there already; no signal comes, or one before each call.
fn beside_others_objects(trial: &mut Trial) -> Result<(), Fault> {
    const LINE: &str = "what-somebody-else-made-stays";
    for kind in [Kind::Queue, Kind::SharedMemory] {
        let case = format!("a {} of somebody else's was there", kind.noun());
        trial.renew()?;
        make(kind)?;
        let before = trial.objects()?;
        let program = trial.run(&["/lab"])?;
        let now = trial.objects()?;
        if !now.still_have(&before) || !program.exited(1) {
            trial.judge(LINE, false, format!("{case}: {}, {}", program.end(), there(&now)));
            return Ok(());
        }
        let finding = trial.at_each_call(|trial, n| {
            make(kind)?;
            let before = trial.objects()?;
            let choose = |at, _: &Pending| if at == n { Choice::Signal(Signal::SIGTERM) } else { Choice::Go };
            let run = play(trial, choose)?;
            let right = |run: &Run| run.left.still_have(&before) && run.end.in_time();
            Ok(run.map(|run| found(right(&run), format!("{case}: {}", run.after("SIGTERM")))))
        })?;
        let finding = finding.map(|calls| format!("all well: {case}, SIGTERM before {calls}"));
        trial.judge_finding(LINE, &finding);
    }
    Ok(())
}

/// While it waits, its names are taken away and given to other objects.
fn taken_meanwhile(trial: &mut Trial) -> Result<(), Fault> {
    const LINE: &str = "what-has-taken-its-place-stays";
    trial.renew()?;
    let mut program = trial.start(&["/lab"])?;
    if is_up(trial, &mut program)?.is_err() {
        return Ok(());
    }
    let taken = mq_unlink(NAME).and_then(|()| shm_unlink(NAME));
    if let Err(errno) = taken.and_then(|()| make(Kind::Queue)).and_then(|()| make(Kind::SharedMemory)) {
        trial.judge(LINE, false, format!("its names were not to be had while it waited: {errno:?}"));
        return Ok(());
    }
    let before = trial.objects()?;
    program.kill(Signal::SIGTERM);
    let end = trial.wait(&mut program)?;
    let now = trial.objects()?;
    let stay = now.still_have(&before) && end.in_time();
    let what =
        if stay { "both new ones stay".into() } else { format!("of the two new ones: {}", there(&now)) };
    trial.judge(LINE, stay, format!("{end}, {what}"));
    Ok(())
}

/// Killed before each call; then comes a run with --anew, which says that what is there are leftovers.
fn killed_at_each_call(trial: &mut Trial) -> Result<(), Fault> {
    let finding = trial.at_each_call(|trial, n| {
        let choose = |at, _: &Pending| if at == n { Choice::Kill } else { Choice::Go };
        let Some(killed) = play(trial, choose)? else { return Ok(None) };
        let mut program = trial.start(&["--anew", "/lab"])?;
        let is_up = is_up(trial, &mut program)?;
        program.kill(Signal::SIGTERM);
        let end = trial.wait(&mut program)?;
        let left = trial.objects()?;
        let clean = is_up.is_ok() && left.is_empty() && end.in_time();
        let then = is_up.map_or_else(|seen| seen, |()| format!("started; after SIGTERM {}", there(&left)));
        Ok(Some(found(clean, format!("{}; --anew: {then}", killed.after("SIGKILL")))))
    })?;
    let finding = finding.map(|calls| format!("all well: SIGKILL before {calls}"));
    trial.judge_finding("after-SIGKILL-anew-starts", &finding);
    Ok(())
}

/// One run under the scheduler.
struct Run {
    /// The first call that was not simply made.
    at: String,
    end: End,
    left: Objects,
}

impl Run {
    fn is_clean(&self) -> bool {
        self.end.in_time() && self.left.is_empty()
    }

    fn after(&self, what: &str) -> String {
        self.when(&format!("{what} before"))
    }

    fn when(&self, what: &str) -> String {
        format!("{what} {}: {}, {}", self.at, self.end, there(&self.left))
    }
}

/// Plays the program alone, with a choice for each call, of which it is told the number. When it waits for a
/// message, an empty one comes; but not after a signal, which has to end it. None if each call was made.
fn play(trial: &Trial, mut choose: impl FnMut(usize, &Pending) -> Choice) -> Result<Option<Run>, Fault> {
    let (mut calls, mut at, mut sent) = (0, None, false);
    let mut scheduler = trial.start_scheduled(&["/lab"])?;
    let ends = scheduler.play_as_peer(|now| match now {
        Now::Before(moment) => {
            let choice = choose(calls, moment.call);
            calls += 1;
            if choice != Choice::Go {
                at.get_or_insert_with(|| moment.call.name.clone());
                sent |= matches!(choice, Choice::Signal(_) | Choice::SignalAfter(_));
            }
            Ok(choice)
        }
        Now::AllWait => {
            if !std::mem::replace(&mut sent, true) {
                send(b"")?;
            }
            Ok(Choice::Go)
        }
    })?;
    let left = trial.objects()?;
    Ok(at.map(|at| Run { at, end: ends.first(), left }))
}

/// Waits until the program has made both objects and waits for something; otherwise says what there is.
fn is_up(trial: &Trial, program: &mut Running) -> Result<Result<(), String>, Fault> {
    let pid = program.pid();
    let is_up = trial.comes_to(program, || {
        let objects = trial.objects()?;
        let memory = objects.find(Kind::SharedMemory, "/lab").is_some_and(|memory| memory.size == SIZE);
        let waits = trial.processes()?.iter().any(|process| process.pid == pid && process.call.is_some());
        Ok(objects.queue().is_some() && memory && waits)
    })?;
    if is_up {
        return Ok(Ok(()));
    }
    let end = trial.end_now(program)?;
    Ok(Err(format!("{end}, before both objects were there: {}", there(&trial.objects()?))))
}

/// Makes an object of somebody else.
fn make(kind: Kind) -> Result<(), Errno> {
    if kind == Kind::Queue {
        return create_queue(NAME, 2, 32).map(drop);
    }
    let fd = shm_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0o600)?;
    ftruncate(&fd, 100)
}

/// A message to whatever has the name; if nothing has it, or takes no more, that is seen later.
fn send(message: &[u8]) -> Result<(), Errno> {
    match mq_open(NAME, O_WRONLY | O_NONBLOCK, 0, None).and_then(|mq| mq_send(&mq, message, 0)) {
        Ok(()) | Err(Errno::ENOENT | Errno::EAGAIN | Errno::EMSGSIZE) => Ok(()),
        Err(errno) => Err(errno),
    }
}

fn there(objects: &Objects) -> String {
    format!("still there: {}", objects.or("nothing"))
}

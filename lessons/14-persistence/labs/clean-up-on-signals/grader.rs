//! Clean-up on INT, TERM, HUP and errors, at any moment.

use crate::sandbox::{Sandbox, Choice, End, Fault, Object, Running, Scheduler};
use crate::trial::Trial;
use ipc_workbook::mman::{ftruncate, shm_open, shm_unlink};
use ipc_workbook::mqueue::{MqAttr, mq_open, mq_send, mq_unlink};
use ipc_workbook::observe::Kind;
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR, O_WRONLY};
use nix::errno::Errno;
use nix::sys::signal::Signal;
use std::ffi::CStr;
use std::time::{Duration, Instant};

const NAME: &CStr = c"/lab";
const SIZE: u64 = 4096;
/// The calls that make an object, or make it what it is to be.
const CREATING: [&str; 4] = ["mq_open", "openat", "open", "ftruncate"];

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    if !an_empty_message(trial)? {
        // Of what makes no objects there is nothing more to be seen.
        return Ok(());
    }
    signals_while_it_waits(trial)?;
    a_signal_at_each_call(trial)?;
    signal_after_signal(trial)?;
    calls_that_fail(trial)?;
    interrupted(trial)?;
    somebody_elses(trial)?;
    taken_meanwhile(trial)?;
    killed_at_each_call(trial)
}

fn an_empty_message(trial: &mut Trial) -> Result<bool, Fault> {
    const LINE: &str = "an-empty-message-ends-it";
    trial.sandbox.renew()?;
    let mut program = trial.sandbox.program(&["/lab"]).start()?;
    if let Err(seen) = up(&trial.sandbox, &mut program, trial.limit())? {
        trial.judge(LINE, false, seen);
        return Ok(false);
    }
    send(b"not empty")?;
    send(b"")?;
    let end = program.wait(&trial.sandbox, trial.limit())?.clone();
    let left = trial.sandbox.objects()?;
    trial.judge(LINE, program.exited(0) && left.is_empty(), format!("{end}, {}", told(&left)));
    Ok(true)
}

fn signals_while_it_waits(trial: &mut Trial) -> Result<(), Fault> {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        trial.sandbox.renew()?;
        let mut program = trial.sandbox.program(&["/lab"]).start()?;
        let is_up = up(&trial.sandbox, &mut program, trial.limit())?;
        program.kill(signal);
        let end = program.wait(&trial.sandbox, trial.limit())?.clone();
        let left = trial.sandbox.objects()?;
        let ended = is_up.is_ok() && !matches!(end, End::TimedOut(_));
        let observed = format!("{signal}: {end}, {}", told(&left));
        trial.judge("a-signal-while-it-waits-leaves-nothing", ended && left.is_empty(), observed);
        let status = [End::Killed(signal), End::Exited(128 + signal as i32)].contains(&end);
        trial.judge("the-exit-status-tells-of-the-signal", status, format!("{signal}: {end}"));
    }
    Ok(())
}

/// Does a thing to the first call, in another run to the second, and so on, until a run has no such
/// call. `one` tells of a run whether it was right, and what was observed.
fn at_each_call(
    trial: &mut Trial,
    line: &str,
    what: &str,
    mut one: impl FnMut(&mut Trial, usize) -> Result<Option<(bool, String)>, Fault>,
) -> Result<(), Fault> {
    // No right program makes so many calls that others notice.
    for n in 0..64 {
        trial.sandbox.renew()?;
        match one(trial, n)? {
            Some((true, _)) => {}
            Some((false, observed)) => {
                trial.judge(line, false, observed);
                return Ok(());
            }
            None => {
                trial.judge(line, n > 0, format!("all well: {what} each of {n} calls"));
                return Ok(());
            }
        }
    }
    trial.judge(line, false, "it makes call after call, and does not wait for a message");
    Ok(())
}

fn a_signal_at_each_call(trial: &mut Trial) -> Result<(), Fault> {
    at_each_call(trial, "a-signal-at-any-call-leaves-nothing", "SIGTERM before", |trial, n| {
        let played = play(trial, |at, _| if at == n { Choice::Signal(Signal::SIGTERM) } else { Choice::Go })?;
        Ok(played.map(|played| (played.ended && played.left.is_empty(), played.told("SIGTERM"))))
    })
}

/// From a call on, a signal comes before every other call. (Not before every one: whom a handler
/// has sent back to a call has to make it some time.)
fn signal_after_signal(trial: &mut Trial) -> Result<(), Fault> {
    at_each_call(trial, "more-signals-change-nothing", "signal after signal, from before", |trial, n| {
        let played = play(trial, |at, _| match at.checked_sub(n) {
            Some(since) if since % 4 == 0 => Choice::Signal(Signal::SIGTERM),
            Some(since) if since % 2 == 0 => Choice::Signal(Signal::SIGINT),
            _ => Choice::Go,
        })?;
        Ok(played.map(|played| (played.ended && played.left.is_empty(), played.told("the first signal"))))
    })
}

/// There is no room for the first object, for the second, and so on.
fn calls_that_fail(trial: &mut Trial) -> Result<(), Fault> {
    at_each_call(trial, "a-call-that-fails-leaves-nothing", "ENOSPC from", |trial, n| {
        let mut creating = 0;
        let played = play(trial, |_, call| {
            creating += usize::from(CREATING.contains(&call));
            let here = CREATING.contains(&call) && creating == n + 1;
            if here { Choice::Fail(Errno::ENOSPC) } else { Choice::Go }
        })?;
        let right = |played: &Played| played.end == End::Exited(1) && played.left.is_empty();
        Ok(played.map(|played| (right(&played), played.told("ENOSPC"))))
    })
}

/// A signal that is none of the three has interrupted the first mq_receive.
fn interrupted(trial: &mut Trial) -> Result<(), Fault> {
    trial.sandbox.renew()?;
    let mut first = true;
    let played = play(trial, |_, call| {
        let here = call == "mq_timedreceive" && std::mem::take(&mut first);
        if here { Choice::Fail(Errno::EINTR) } else { Choice::Go }
    })?;
    if let Some(played) = played {
        let passed = played.end == End::Exited(0) && played.left.is_empty();
        trial.judge("EINTR-alone-is-no-end", passed, played.told("EINTR"));
    }
    Ok(())
}

/// One of the two is there already; no signal comes, or one before each call.
fn somebody_elses(trial: &mut Trial) -> Result<(), Fault> {
    const LINE: &str = "what-somebody-else-made-stays";
    for kind in [Kind::Queue, Kind::SharedMemory] {
        let case = format!("a {} of somebody else's was there", kind.noun());
        trial.sandbox.renew()?;
        make(kind)?;
        let before = identities(&trial.sandbox)?;
        let program = trial.run(&["/lab"])?;
        if !stay(&trial.sandbox, &before)? || !program.exited(1) {
            let left = told(&trial.sandbox.objects()?);
            trial.judge(LINE, false, format!("{case}: {}, {left}", program.end()));
            return Ok(());
        }
        at_each_call(trial, LINE, &format!("{case}, SIGTERM before"), |trial, n| {
            make(kind)?;
            let before = identities(&trial.sandbox)?;
            let choice = |at, _: &str| if at == n { Choice::Signal(Signal::SIGTERM) } else { Choice::Go };
            let Some(played) = play(trial, choice)? else { return Ok(None) };
            let observed = format!("{case}: {}", played.told("SIGTERM"));
            Ok(Some((stay(&trial.sandbox, &before)? && played.ended, observed)))
        })?;
    }
    Ok(())
}

/// While it waits, its names are taken away and given to other objects.
fn taken_meanwhile(trial: &mut Trial) -> Result<(), Fault> {
    const LINE: &str = "what-has-taken-its-place-stays";
    trial.sandbox.renew()?;
    let mut program = trial.sandbox.program(&["/lab"]).start()?;
    if up(&trial.sandbox, &mut program, trial.limit())?.is_err() {
        return Ok(());
    }
    let taken = mq_unlink(NAME).and_then(|()| shm_unlink(NAME));
    if let Err(errno) = taken.and_then(|()| make(Kind::Queue)).and_then(|()| make(Kind::SharedMemory)) {
        trial.judge(LINE, false, format!("its names were not to be had while it waited: {errno:?}"));
        return Ok(());
    }
    let before = identities(&trial.sandbox)?;
    program.kill(Signal::SIGTERM);
    let end = program.wait(&trial.sandbox, trial.limit())?.clone();
    let stay = stay(&trial.sandbox, &before)? && !matches!(end, End::TimedOut(_));
    let left = trial.sandbox.objects()?;
    let what =
        if stay { "both new ones stay".into() } else { format!("of the two new ones: {}", told(&left)) };
    trial.judge(LINE, stay, format!("{end}, {what}"));
    Ok(())
}

/// Killed before each call; then comes a run that is told that what is there are leftovers.
fn killed_at_each_call(trial: &mut Trial) -> Result<(), Fault> {
    at_each_call(trial, "after-SIGKILL-anew-starts", "SIGKILL before", |trial, n| {
        let choice = |at, _: &str| if at == n { Choice::Kill } else { Choice::Go };
        let Some(played) = play(trial, choice)? else { return Ok(None) };
        let mut program = trial.sandbox.program(&["--anew", "/lab"]).start()?;
        let is_up = up(&trial.sandbox, &mut program, trial.limit())?;
        program.kill(Signal::SIGTERM);
        let end = program.wait(&trial.sandbox, trial.limit())?.clone();
        let left = trial.sandbox.objects()?;
        let passed = is_up.is_ok() && left.is_empty() && !matches!(end, End::TimedOut(_));
        let then = is_up.map_or_else(|seen| seen, |()| format!("started; after SIGTERM {}", told(&left)));
        Ok(Some((passed, format!("{}; --anew: {then}", played.told("SIGKILL")))))
    })
}

/// One run under the scheduler.
struct Played {
    /// The first call that was not simply made.
    at: String,
    end: End,
    ended: bool,
    left: Vec<Object>,
}

impl Played {
    fn told(&self, what: &str) -> String {
        format!("{what} before {}: {}, {}", self.at, self.end, told(&self.left))
    }
}

/// Plays the program alone, with a choice for each call by its number and name. When it waits for
/// a message, an empty one comes; but not after a signal, which has to end it. `None` if each call was made.
fn play(trial: &Trial, mut choose: impl FnMut(usize, &str) -> Choice) -> Result<Option<Played>, Fault> {
    let until = Instant::now() + trial.limit();
    let mut scheduler = Scheduler::new(&trial.sandbox);
    scheduler.start(&["/lab"])?;
    let (mut calls, mut at, mut told) = (0, None, false);
    while scheduler.program(0).ended().is_none() && Instant::now() < until {
        if let Some(next) = scheduler.pending().first() {
            let call = next.call.clone();
            let choice = choose(calls, &call);
            calls += 1;
            if choice != Choice::Go {
                at.get_or_insert(call);
                told |= matches!(choice, Choice::Signal(_));
            }
            scheduler.step(0, choice, until)?;
        } else {
            if !told {
                send(b"")?;
                told = true;
            }
            scheduler.wait_for_news(until)?;
        }
    }
    // What has not ended by now is killed.
    let end = scheduler.play_with(Duration::ZERO, |_| (0, Choice::Go))?.swap_remove(0);
    let ended = !matches!(end, End::TimedOut(_));
    let left = trial.sandbox.objects()?;
    Ok(at.map(|at| Played { at, end, ended, left }))
}

/// Waits until it has made both objects and waits for something; otherwise says what there is.
fn up(sandbox: &Sandbox, program: &mut Running, within: Duration) -> Result<Result<(), String>, Fault> {
    let until = Instant::now() + within;
    loop {
        let objects = sandbox.objects()?;
        let queue = find(&objects, Kind::Queue).is_some();
        let memory = find(&objects, Kind::SharedMemory).is_some_and(|size| size == SIZE);
        let waits =
            sandbox.processes()?.iter().any(|process| process.pid == program.pid() && process.call.is_some());
        let over = program.ended().is_some() || Instant::now() >= until;
        if queue && memory && waits && !over {
            return Ok(Ok(()));
        }
        if over {
            let end = program.wait(sandbox, Duration::ZERO)?;
            return Ok(Err(format!("{end}, before both objects were there: {}", told(&objects))));
        }
        program.listen(Duration::from_millis(1))?;
    }
}

/// The size of the object of that kind and of the name.
fn find(objects: &[Object], wanted: Kind) -> Option<u64> {
    objects.iter().find_map(|object| match object {
        Object::Posix { kind, name, size, .. } if *kind == wanted && name == "/lab" => Some(*size),
        _ => None,
    })
}

/// Makes an object of somebody else.
fn make(kind: Kind) -> Result<(), Errno> {
    if kind == Kind::Queue {
        return mq_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(2, 32))).map(drop);
    }
    let fd = shm_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0o600)?;
    ftruncate(&fd, 100)
}

/// A message to whoever has the name; if nobody has it, or takes no more, that is seen later.
fn send(message: &[u8]) -> Result<(), Errno> {
    match mq_open(NAME, O_WRONLY | O_NONBLOCK, 0, None).and_then(|mq| mq_send(&mq, message, 0)) {
        Ok(()) | Err(Errno::ENOENT | Errno::EAGAIN | Errno::EMSGSIZE) => Ok(()),
        Err(errno) => Err(errno),
    }
}

/// Which objects there are: a name may lead to another one than before, or to one that was changed.
fn identities(sandbox: &Sandbox) -> Result<Vec<(String, u64, u64)>, Fault> {
    let identity = |object: &Object| match object {
        Object::Posix { ino, size, .. } => (object.to_string(), *ino, *size),
        Object::SystemV(row) => (object.to_string(), u64::from(row.id.cast_unsigned()), 0),
    };
    Ok(sandbox.objects()?.iter().map(identity).collect())
}

/// Whether they are there as before. What a program leaves of its own is another line's matter.
fn stay(sandbox: &Sandbox, before: &[(String, u64, u64)]) -> Result<bool, Fault> {
    let now = identities(sandbox)?;
    Ok(before.iter().all(|theirs| now.contains(theirs)))
}

fn told(objects: &[Object]) -> String {
    let objects: Vec<String> = objects.iter().map(ToString::to_string).collect();
    if objects.is_empty() { "nothing left".into() } else { format!("{} there", objects.join(" and ")) }
}

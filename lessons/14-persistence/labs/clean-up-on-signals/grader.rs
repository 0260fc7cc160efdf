//! Clean-up after SIGINT, SIGTERM, SIGHUP and errors, at any moment.

use crate::finding::{Flaw, found};
use crate::peer::create_queue;
use crate::sandbox::{End, Fault, Objects, Running};
use crate::scheduler::{Choice, Now, Pending};
use crate::trial::Trial;
use ipc_workbook::mman::{ftruncate, shm_open, shm_unlink};
use ipc_workbook::mqueue::{mq_getattr, mq_open, mq_send, mq_unlink};
use ipc_workbook::observe::Kind;
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR, O_WRONLY};
use nix::errno::Errno;
use nix::sys::signal::Signal;
use std::ffi::CStr;

const NAME: &CStr = c"/lab";
/// The size of the memory, and of the longest message.
const SIZE: u64 = 4096;
const LONGEST: usize = 64;

const SIGNALS: [Signal; 3] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP];
/// The calls in which a program may wait for a message.
const WAITING: [&str; 8] =
    ["mq_timedreceive", "ppoll", "poll", "pselect6", "select", "epoll_wait", "epoll_pwait", "epoll_pwait2"];

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    if !an_empty_message(trial)? {
        // Without objects there is nothing more to check.
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

/// Other messages come first. Returns false if the program does not wait for any.
fn an_empty_message(trial: &mut Trial) -> Result<bool, Fault> {
    const LINE: &str = "an-empty-message-ends-it";
    for name in [NAME, c"/lab two"] {
        trial.renew()?;
        let path = name.to_string_lossy();
        let mut program = trial.start(&[&path])?;
        if let Err(seen) = is_up(trial, &mut program, &path)? {
            trial.judge(LINE, false, format!("{path}: {seen}"));
            return Ok(name != NAME);
        }
        let size = trial.objects()?.find(Kind::SharedMemory, &path).map_or(0, |memory| memory.size);
        let longest = mq_getattr(&mq_open(name, O_WRONLY, 0, None)?)?.mq_msgsize;
        let observed = format!("{size} bytes of memory, messages of {longest} bytes");
        trial.judge(LINE, size == SIZE && usize::try_from(longest) == Ok(LONGEST), observed);

        for (message, what) in
            [(&b"text"[..], "text"), (b"\0", "one zero byte"), (&[b'x'; LONGEST], "64 bytes")]
        {
            send(name, message)?;
            let goes_on = takes_it_and_goes_on(trial, &mut program, name)?;
            trial.judge(LINE, goes_on, format!("{path}: after a message of {what}: {}", program.end()));
        }
        send(name, b"")?;
        let end = trial.wait(&mut program)?;
        let left = trial.objects()?;
        trial.judge(LINE, program.exited(0) && left.is_empty(), format!("{end}, {}", there(&left)));
    }
    Ok(true)
}

/// Whether it receives the message and does not end a little later.
fn takes_it_and_goes_on(trial: &Trial, program: &mut Running, name: &CStr) -> Result<bool, Fault> {
    const LOOKS: u32 = 20;
    let mut looks = 0;
    trial.comes_to(program, || {
        let taken = mq_open(name, O_WRONLY, 0, None).and_then(|mq| mq_getattr(&mq));
        looks += u32::from(taken.is_ok_and(|attr| attr.mq_curmsgs == 0));
        Ok(looks > LOOKS)
    })
}

fn signals_while_it_waits(trial: &mut Trial) -> Result<(), Fault> {
    for signal in SIGNALS {
        trial.renew()?;
        let mut program = trial.start(&["/lab"])?;
        let is_up = is_up(trial, &mut program, "/lab")?;
        program.kill(signal);
        let end = trial.wait(&mut program)?;
        let left = trial.objects()?;
        let clean = is_up.is_ok() && end.in_time() && left.is_empty();
        let observed = format!("{signal}: {end}, {}", there(&left));
        trial.judge("a-signal-while-it-waits-leaves-nothing", clean, observed);
        trial.judge(
            "the-exit-status-tells-of-the-signal",
            tells_of(signal, &end),
            format!("{signal}: {end}"),
        );
    }
    Ok(())
}

/// Signals arrive just before each call, and then as each call returns, before the program can store its
/// result.
fn a_signal_at_each_call(trial: &mut Trial) -> Result<(), Fault> {
    let mut status = Flaw::default();
    for (after, when) in [(false, "before"), (true, "on return from")] {
        let finding = trial.at_each_call(|trial, n| {
            let signal = SIGNALS[n % SIGNALS.len()];
            let choice = if after { Choice::SignalAfter(signal) } else { Choice::Signal(signal) };
            let run = play(trial, |at, _| if at == n { choice } else { Choice::Go })?;
            Ok(run.map(|run| {
                let seen = run.when(&format!("{signal} {when}"));
                let told = run.cleaning_up || tells_of(signal, &run.end);
                status.seen_if(run.end.in_time() && !told, || seen.clone());
                found(run.is_clean(), seen)
            }))
        })?;
        let finding = finding.map(|calls| format!("all well with a signal {when} {calls}"));
        trial.judge_finding("a-signal-at-any-call-leaves-nothing", &finding);
    }
    trial.judge_finding(
        "the-exit-status-tells-of-the-signal",
        &status.or("as for that signal, at every call"),
    );
    Ok(())
}

/// Whether the end tells of the signal. Both conventions are accepted.
fn tells_of(signal: Signal, end: &End) -> bool {
    [End::Killed(signal), End::Exited(128 + signal as i32)].contains(end)
}

/// From one call on, a signal arrives before every other call. (Not before every call: a program that a
/// handler has sent back to a call must make it at some time.)
fn signal_after_signal(trial: &mut Trial) -> Result<(), Fault> {
    let finding = trial.at_each_call(|trial, n| {
        let run = play(trial, |at, _| match at.checked_sub(n) {
            Some(since) if since % 4 == 0 => Choice::Signal(Signal::SIGTERM),
            Some(since) if since % 2 == 0 => Choice::Signal(Signal::SIGINT),
            _ => Choice::Go,
        })?;
        Ok(run.map(|run| found(run.is_clean(), run.after("the first signal"))))
    })?;
    let finding = finding.map(|calls| format!("all well with signal after signal, beginning before {calls}"));
    trial.judge_finding("more-signals-change-nothing", &finding);
    Ok(())
}

/// The first call that creates fails with ENOSPC, then the second, and so on; or mq_receive fails.
fn calls_that_fail(trial: &mut Trial) -> Result<(), Fault> {
    const LINE: &str = "a-call-that-fails-leaves-nothing";
    let right = |run: &Run| run.end == End::Exited(1) && run.left.is_empty();
    let finding = trial.at_each_call(|trial, n| {
        let mut creating = 0;
        let run = play(trial, |_, call| {
            let creates = call.may_create();
            creating += usize::from(creates);
            let here = creates && creating == n + 1;
            if here { Choice::Fail(Errno::ENOSPC) } else { Choice::Go }
        })?;
        Ok(run.map(|run| found(right(&run), run.after("ENOSPC"))))
    })?;
    let finding = finding.map(|calls| format!("all well with ENOSPC from {calls}"));
    trial.judge_finding(LINE, &finding);

    trial.renew()?;
    let fails = |_, call: &Pending| {
        if call.is("mq_timedreceive") { Choice::Fail(Errno::ENOMEM) } else { Choice::Go }
    };
    if let Some(run) = play(trial, fails)? {
        trial.judge(LINE, right(&run), run.after("ENOMEM"));
    }
    Ok(())
}

/// Another signal interrupts the first mq_receive, or the call that the program waits in before that.
fn interrupted(trial: &mut Trial) -> Result<(), Fault> {
    for waiting in WAITING {
        trial.renew()?;
        let mut first = true;
        let run = play(trial, |_, call| {
            let here = call.is(waiting) && std::mem::take(&mut first);
            if here { Choice::Fail(Errno::EINTR) } else { Choice::Go }
        })?;
        if let Some(run) = run {
            let passed = run.end == End::Exited(0) && run.left.is_empty();
            trial.judge("EINTR-alone-is-no-end", passed, run.after("EINTR"));
        }
    }
    Ok(())
}

/// One of the two objects exists already. No signal arrives, or one before each call.
fn beside_others_objects(trial: &mut Trial) -> Result<(), Fault> {
    const LINE: &str = "what-somebody-else-made-stays";
    for kind in [Kind::Queue, Kind::SharedMemory] {
        let case = format!("a {} of another process existed", kind.noun());
        trial.renew()?;
        make(kind)?;
        let before = trial.objects()?;
        let program = trial.run(&["/lab"])?;
        let now = trial.objects()?;
        if !is_as(&now, &before) || !program.exited(1) {
            trial.judge(LINE, false, format!("{case}: {}, {}", program.end(), there(&now)));
            return Ok(());
        }
        let finding = trial.at_each_call(|trial, n| {
            make(kind)?;
            let before = trial.objects()?;
            let choose = |at, _: &Pending| if at == n { Choice::Signal(Signal::SIGTERM) } else { Choice::Go };
            let run = play(trial, choose)?;
            let right = |run: &Run| is_as(&run.left, &before) && run.end.in_time();
            Ok(run.map(|run| found(right(&run), format!("{case}: {}", run.after("SIGTERM")))))
        })?;
        let finding = finding.map(|calls| format!("all well: {case}, and SIGTERM came before {calls}"));
        trial.judge_finding(LINE, &finding);
    }
    Ok(())
}

/// While it waits, other objects take its names: one of the two, or both.
fn taken_meanwhile(trial: &mut Trial) -> Result<(), Fault> {
    const LINE: &str = "what-has-taken-its-place-stays";
    let (queue, memory) = (Kind::Queue, Kind::SharedMemory);
    for taken in [&[queue, memory][..], &[queue], &[memory]] {
        trial.renew()?;
        let mut program = trial.start(&["/lab"])?;
        if is_up(trial, &mut program, "/lab")?.is_err() {
            return Ok(());
        }
        if let Err(errno) = taken.iter().try_for_each(|kind| take(*kind)) {
            trial.judge(
                LINE,
                false,
                format!("the grader could not take its names while it waited: {errno:?}"),
            );
            return Ok(());
        }
        let mut before = trial.objects()?;
        for own in [queue, memory].iter().filter(|kind| !taken.contains(kind)) {
            before = before.besides(*own, "/lab");
        }
        program.kill(Signal::SIGTERM);
        let end = trial.wait(&mut program)?;
        let now = trial.objects()?;
        let nouns: Vec<&str> = taken.iter().map(|kind| kind.noun()).collect();
        let observed = format!("another {} had the name: {end}, {}", nouns.join(" and "), there(&now));
        trial.judge(LINE, is_as(&now, &before) && end.in_time(), observed);
    }
    Ok(())
}

/// Unlinks the program's object, and creates another one with its name.
fn take(kind: Kind) -> Result<(), Errno> {
    if kind == Kind::Queue {
        mq_unlink(NAME)?;
    } else {
        shm_unlink(NAME)?;
    }
    make(kind)
}

/// Kills the program before each call. The next run has --anew, which says that existing objects are
/// leftovers.
fn killed_at_each_call(trial: &mut Trial) -> Result<(), Fault> {
    let finding = trial.at_each_call(|trial, n| {
        let choose = |at, _: &Pending| if at == n { Choice::Kill } else { Choice::Go };
        let Some(killed) = play(trial, choose)? else { return Ok(None) };
        let mut program = trial.start(&["--anew", "/lab"])?;
        let is_up = is_up(trial, &mut program, "/lab")?;
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
    /// The first call at which the grader intervened.
    at: String,
    end: End,
    left: Objects,
    /// Whether the first signal came after the empty message, so that the exit status need not tell of it.
    cleaning_up: bool,
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

/// Runs one program with a choice for each call by its number. When the program waits for a message, it gets
/// an empty one; but not after a signal, which must end it. Returns `None` if each call was made.
fn play(trial: &Trial, mut choose: impl FnMut(usize, &Pending) -> Choice) -> Result<Option<Run>, Fault> {
    let (mut calls, mut at) = (0, None);
    let (mut signalled, mut sent, mut cleaning_up) = (false, false, false);
    let mut scheduler = trial.start_scheduled(&["/lab"])?;
    let ends = scheduler.play_as_peer(|now| match now {
        Now::Before(moment) => {
            let choice = choose(calls, moment.call);
            calls += 1;
            if choice != Choice::Go {
                at.get_or_insert_with(|| moment.call.name.clone());
            }
            if matches!(choice, Choice::Signal(_) | Choice::SignalAfter(_)) {
                cleaning_up |= sent && !signalled;
                signalled = true;
            }
            Ok(choice)
        }
        Now::AllWait => {
            if !signalled && !std::mem::replace(&mut sent, true) {
                send(NAME, b"")?;
            }
            Ok(Choice::Go)
        }
    })?;
    let left = trial.objects()?;
    Ok(at.map(|at| Run { at, end: ends.first(), left, cleaning_up }))
}

/// Waits until the program has created both objects and waits for something. The error says what there is.
fn is_up(trial: &Trial, program: &mut Running, name: &str) -> Result<Result<(), String>, Fault> {
    let pid = program.pid();
    let is_up = trial.comes_to(program, || {
        let objects = trial.objects()?;
        let memory = objects.find(Kind::SharedMemory, name).is_some_and(|memory| memory.size > 0);
        let waits = trial.processes()?.iter().any(|process| process.pid == pid && process.call.is_some());
        Ok(objects.find(Kind::Queue, name).is_some() && memory && waits)
    })?;
    if is_up {
        return Ok(Ok(()));
    }
    let end = trial.end_now(program)?;
    Ok(Err(format!("{end} before both objects existed; {}", there(&trial.objects()?))))
}

/// Creates an object of another process.
fn make(kind: Kind) -> Result<(), Errno> {
    if kind == Kind::Queue {
        return create_queue(NAME, 2, 32).map(drop);
    }
    let fd = shm_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0o600)?;
    ftruncate(&fd, 100)
}

/// Sends a message to the queue with this name. If there is none, or if it is full, a later check sees that.
fn send(name: &CStr, message: &[u8]) -> Result<(), Errno> {
    match mq_open(name, O_WRONLY | O_NONBLOCK, 0, None).and_then(|mq| mq_send(&mq, message, 0)) {
        Ok(()) | Err(Errno::ENOENT | Errno::EAGAIN | Errno::EMSGSIZE) => Ok(()),
        Err(errno) => Err(errno),
    }
}

/// Whether exactly the objects of `before` exist.
fn is_as(now: &Objects, before: &Objects) -> bool {
    now.still_have(before) && now.len() == before.len()
}

fn there(objects: &Objects) -> String {
    format!("objects left: {}", objects.or("none"))
}

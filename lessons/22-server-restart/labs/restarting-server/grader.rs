//! A server that restarts. It is killed before each of its calls, and the grader is its client.

use crate::finding::{Finding, found};
use crate::peer::take_message;
use crate::sandbox::{End, Fault, Sandbox, describe};
use crate::scheduler::{Choice, Moment, Scheduler};
use crate::trial::Trial;
use ipc_workbook::observe::sysvipc::Table;
use ipc_workbook::sysv::msg::*;
use nix::errno::Errno;
use nix::sys::signal::Signal;
use std::ffi::c_long;

const KEY: key_t = 0x6c61_6231;
const ARG: &str = "0x6c616231";
const REQUEST: c_long = 1;
const WORDS: &str = "who is it?";
/// After this many calls in a row the server counts as polling, and the grader continues.
const CALLS: usize = 40;
/// A server has made all its different calls after this many; a server that polls repeats them forever.
const KILLS: usize = 16;

const SIGTERM: &str = "SIGTERM-takes-the-queue-with-it";

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    a_plain_session(trial)?;
    another_key(trial)?;
    killed_at_each_call(trial)?;
    started_twice(trial)?;
    a_full_queue(trial)?;
    interrupted(trial)?;
    bad_requests(trial)?;
    terminated_at_each_call(trial)?;
    terminated_at_its_start(trial)
}

/// Nothing special happens: the server waits, answers, and is told to end.
fn a_plain_session(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let mut session = Session::new(trial, Trouble::None);
    let waits = session.start()?;
    let processes = trial.processes()?;
    let sleeps = waits && processes.iter().any(|one| one.sleeps_in(&["msgrcv"]));
    let seen = if waits { describe(&processes) } else { format!("not at rest after {CALLS} calls") };
    let modes: Vec<i64> =
        trial.objects()?.rows(Table::Msg).iter().filter_map(|row| row.fact("perms").ok()).collect();
    let answer = session.ask(2)?;
    let end = session.terminate()?;
    let (most, left) = (session.most_queues, trial.objects()?.len());
    trial.judge("without-requests-it-sleeps-in-msgrcv", sleeps, seen);
    trial.judge("there-is-never-a-second-queue", most == 1, format!("queues at one time: {most}"));
    trial.judge("there-is-never-a-second-queue", modes == [600], format!("queues with the modes {modes:?}"));
    trial.judge_finding("each-request-is-answered", &answer);
    if answer.is_ok() {
        judge_end(trial, &end, left, "while it waited");
    } else {
        trial.not_reached(&[SIGTERM], "each-request-is-answered");
    }
    Ok(())
}

/// Numbers of any length and texts of up to 64 bytes, on a queue with another key, beside a queue of another
/// process.
fn another_key(trial: &mut Trial) -> Result<(), Fault> {
    const LONGEST: &str = "abcdefghijklmnopqrstuvwxyz 'twas brillig, and the slithy toves";
    trial.renew()?;
    msgget(KEY, IPC_CREAT | IPC_EXCL | 0o600)?;
    let others = trial.objects()?;
    let mut session = Session::new(trial, Trouble::None).with_key(0x1a, "0x1a");
    session.start()?;
    let mut answers = Ok("answered".to_string());
    for (client, words) in [
        (4711, "who is 4711?"),
        (9, &LONGEST[..62]),
        (2_147_483_647, "two  blanks, {braces} `and` the rest: 100% z"),
        (9_000_000_000, "x"),
    ] {
        answers = answers.and(session.ask_for(client, words)?);
    }
    session.terminate()?;
    let untouched = trial.objects()?.still_have(&others);
    trial.judge_finding("each-request-is-answered", &answers);
    let seen = if untouched {
        "the queue with another key is unchanged"
    } else {
        "the queue with another key is gone or changed"
    };
    trial.judge("there-is-never-a-second-queue", untouched, seen);
    Ok(())
}

/// Kills one server before its call number n, and the next one as well. The third one must serve.
fn killed_at_each_call(trial: &mut Trial) -> Result<(), Fault> {
    let (mut kills, mut most) = (0, 0);
    let mut serves = Err("it makes no call before which it could be killed".to_string());
    for n in 0..KILLS {
        trial.renew()?;
        let mut killed = None;
        for _ in 0..2 {
            let mut session = Session::new(trial, Trouble::At(n, Choice::Kill));
            session.start()?;
            let _ = session.ask(2)?;
            session.terminate()?;
            most = most.max(session.most_queues);
            killed = session.troubled.take().or(killed);
        }
        let Some(call) = killed else { break };
        kills += 1;
        let mut session = Session::new(trial, Trouble::None);
        session.start()?;
        let asked = session.ask(2)?;
        most = most.max(session.most_queues);
        serves = asked.map_err(|why| format!("killed before call {} ({call}); then {why}", n + 1));
        if serves.is_err() {
            break;
        }
    }
    let serves = serves.map(|_| format!("killed before each of {kills} calls"));
    trial.judge_finding("killed-at-any-call-the-next-one-serves", &serves);
    trial.judge("there-is-never-a-second-queue", most == 1, format!("queues at one time: {most}"));
    Ok(())
}

/// Two servers start at once, after another one left its queue behind.
fn started_twice(trial: &mut Trial) -> Result<(), Fault> {
    trial.under_schedules(20, |scheduler| {
        msgget(KEY, IPC_CREAT | IPC_EXCL | 0o600)?;
        for _ in 0..2 {
            scheduler.start(&[ARG])?;
        }
        scheduler.with_at_most(2 * CALLS).until_all_wait()?;
        let answered = match request(KEY, 2, WORDS) {
            Ok(msqid) => {
                scheduler.until_all_wait()?;
                answer(msqid, 2, WORDS)
            }
            Err(errno) => Err(format!("the request cannot be sent: {errno:?}")),
        };
        let queues = queues(scheduler.sandbox())?;
        let held = answered.and_then(|answer| {
            found(queues == 1, if queues == 1 { answer } else { format!("there are {queues} queues") })
        });
        Ok(vec![("started-twice-at-once-one-serves", held)])
    })
}

fn a_full_queue(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let left = msgget(KEY, IPC_CREAT | IPC_EXCL | 0o600)?;
    while msgsnd(left, 99, &[b'O'; 8192], IPC_NOWAIT).is_ok() {}
    let mut session = Session::new(trial, Trouble::None);
    session.start()?;
    let answer = session.ask(2)?;
    trial.judge_finding("a-full-queue-of-before-is-no-obstacle", &answer);
    Ok(())
}

fn interrupted(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let mut session = Session::new(trial, Trouble::Interrupt);
    session.start()?;
    let answer = session.ask(2)?;
    trial.judge_finding("interrupted-it-goes-on", &answer);
    Ok(())
}

fn bad_requests(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let mut session = Session::new(trial, Trouble::None);
    session.start()?;
    let long = [b"7 ".as_slice(), &[b'x'; 198]].concat();
    for text in [
        b"hello".as_slice(),
        b"0 zero",
        b"-5 minus",
        b"",
        b" 7",
        b"7\0a\0b",
        b"99999999999999999999 x",
        &long,
    ] {
        if let Ok(msqid) = msgget(KEY, 0) {
            let _ = msgsnd(msqid, REQUEST, text, IPC_NOWAIT);
        }
        session.go_on()?;
    }
    let answer = session.ask(2)?;
    trial.judge_finding("a-bad-request-does-no-harm", &answer);
    Ok(())
}

/// SIGTERM arrives just before one of the calls with which the server answers, after anything that it may
/// have checked.
fn terminated_at_each_call(trial: &mut Trial) -> Result<(), Fault> {
    for n in 0..KILLS {
        trial.renew()?;
        let mut session = Session::new(trial, Trouble::None);
        session.start()?;
        session.trouble = Trouble::At(session.calls + n, Choice::Signal(Signal::SIGTERM));
        let _ = session.ask(2)?;
        let Some(call) = session.troubled.take() else { break };
        session.go_on()?;
        let end = session.scheduler.ends_now()?.first();
        let left = trial.objects()?.len();
        judge_end(trial, &end, left, &format!("before {call}"));
    }
    Ok(())
}

/// SIGTERM arrives as one of the first calls returns, before the server can store the result. A server that
/// is not ready yet may exit with any code, but nothing that it created may be left.
fn terminated_at_its_start(trial: &mut Trial) -> Result<(), Fault> {
    for n in 0..KILLS {
        trial.renew()?;
        let mut session = Session::new(trial, Trouble::At(n, Choice::SignalAfter(Signal::SIGTERM)));
        session.start()?;
        let Some(call) = session.troubled.take() else { break };
        session.go_on()?;
        let end = session.scheduler.ends_now()?.first();
        let left = trial.objects()?.len();
        let observed = format!("SIGTERM on return from {call}: {end}; objects left: {left}");
        trial.judge(SIGTERM, end.in_time() && left == 0, observed);
    }
    Ok(())
}

fn judge_end(trial: &mut Trial, end: &End, left: usize, when: &str) {
    let passed = end.exited(0) && left == 0;
    let left = if left == 0 { "nothing is left".into() } else { format!("objects left: {left}") };
    trial.judge(SIGTERM, passed, format!("SIGTERM {when}: {end}, {left}"));
}

/// What the grader does to the server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    /// At the call with this number, counted from 0.
    At(usize, Choice),
    /// Each call that may wait fails once with EINTR: the first msgrcv, the first msgsnd.
    Interrupt,
}

/// One run of the server, with the grader as its client.
struct Session<'a> {
    scheduler: Scheduler<'a>,
    key: key_t,
    arg: &'a str,
    trouble: Trouble,
    calls: usize,
    /// The call at which the grader intervened.
    troubled: Option<String>,
    most_queues: usize,
}

impl<'a> Session<'a> {
    fn new(trial: &'a Trial, trouble: Trouble) -> Self {
        let mut scheduler = trial.scheduler();
        scheduler.with_at_most(CALLS);
        Session { scheduler, key: KEY, arg: ARG, trouble, calls: 0, troubled: None, most_queues: 0 }
    }

    fn with_key(self, key: key_t, arg: &'a str) -> Self {
        Session { key, arg, ..self }
    }

    /// Starts the server. Returns whether it came to wait for something.
    fn start(&mut self) -> Result<bool, Fault> {
        self.scheduler.start(&[self.arg])?;
        self.go_on()
    }

    /// Lets the server run until it waits or has ended.
    fn go_on(&mut self) -> Result<bool, Fault> {
        let Session { scheduler, trouble, calls, troubled, most_queues, .. } = self;
        let mut interrupted: Vec<String> = Vec::new();
        let waits = scheduler.until_all_wait_with(|Moment { call, sandbox, .. }| {
            *most_queues = (*most_queues).max(queues(sandbox)?);
            *calls += 1;
            Ok(match *trouble {
                Trouble::At(n, choice) if *calls == n + 1 => {
                    *troubled = Some(call.name.clone());
                    choice
                }
                Trouble::Interrupt if call.may_wait() && !interrupted.contains(&call.name) => {
                    interrupted.push(call.name.clone());
                    Choice::Fail(Errno::EINTR)
                }
                _ => Choice::Go,
            })
        })?;
        self.most_queues = self.most_queues.max(queues(self.scheduler.sandbox())?);
        Ok(waits)
    }

    /// Sends a request as a new client, and lets the server run.
    fn ask(&mut self, client: c_long) -> Result<Finding, Fault> {
        self.ask_for(client, WORDS)
    }

    fn ask_for(&mut self, client: c_long, words: &str) -> Result<Finding, Fault> {
        let msqid = match request(self.key, client, words) {
            Ok(msqid) => msqid,
            Err(errno) => return Ok(Err(format!("the request cannot be sent: {errno:?}"))),
        };
        self.go_on()?;
        Ok(answer(msqid, client, words))
    }

    fn terminate(&mut self) -> Result<End, Fault> {
        self.scheduler.program(0).kill(Signal::SIGTERM);
        self.go_on()?;
        Ok(self.scheduler.ends_now()?.first())
    }
}

/// Sends a request. Returns the queue that it went to.
fn request(key: key_t, client: c_long, words: &str) -> Result<i32, Errno> {
    let msqid = msgget(key, 0)?;
    msgsnd(msqid, REQUEST, format!("{client} {words}").as_bytes(), IPC_NOWAIT)?;
    Ok(msqid)
}

/// Receives and checks the answer.
fn answer(msqid: i32, client: c_long, words: &str) -> Finding {
    match take_message(msqid, client) {
        Ok(text) if text == words.to_ascii_uppercase().as_bytes() => Ok("answered".into()),
        Ok(text) => Err(format!("the answer to {client} is {:?}", String::from_utf8_lossy(&text))),
        Err(errno) => Err(format!("there is no answer to {client}, msgrcv fails with {errno:?}")),
    }
}

fn queues(sandbox: &Sandbox) -> Result<usize, Fault> {
    Ok(sandbox.objects()?.rows(Table::Msg).len())
}

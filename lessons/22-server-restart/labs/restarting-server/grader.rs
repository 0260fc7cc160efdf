//! A server that comes back: it is killed before each of its calls, and the grader is its client.

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
const ARGS: [&str; 1] = ["0x6c616231"];
const REQUEST: c_long = 1;
/// So many calls in a row belong to a server that polls: it is not waited for any longer.
const CALLS: usize = 40;
/// A server has done all that it ever does when it has made so many; what polls does the same for ever.
const KILLS: usize = 16;

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    a_plain_session(trial)?;
    killed_at_each_call(trial)?;
    started_twice(trial)?;
    a_full_queue(trial)?;
    interrupted(trial)?;
    bad_requests(trial)?;
    terminated_at_each_call(trial)?;
    terminated_at_its_start(trial)
}

/// Nothing special happens: it waits, it answers, it is told to end.
fn a_plain_session(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let mut session = Session::new(trial, Trouble::None);
    let waits = session.start()?;
    let processes = trial.processes()?;
    let sleeps = waits && !processes.is_empty() && processes.iter().all(|one| one.sleeps_in(&["msgrcv"]));
    let seen = if waits { describe(&processes) } else { format!("{CALLS} calls, and not at rest") };
    let answer = session.ask(2)?;
    let answers = answer.clone().and(session.ask(4711)?);
    let end = session.terminate()?;
    let (most, left) = (session.most_queues, trial.objects()?.len());
    trial.judge("without-requests-it-sleeps-in-msgrcv", sleeps, seen);
    trial.judge("there-is-never-a-second-queue", most == 1, format!("{most} at one time"));
    judge_end(trial, answer.is_ok(), &end, left, "while it waited");
    trial.judge_finding("each-request-is-answered", &answers);
    Ok(())
}

/// Kills one server before its call number n, and the next one, too; the third one serves.
fn killed_at_each_call(trial: &mut Trial) -> Result<(), Fault> {
    let (mut kills, mut most) = (0, 0);
    let mut serves = Err("it makes no call at which it could be killed".to_string());
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
        serves = asked.map_err(|why| format!("killed before call {} ({call}), and then {why}", n + 1));
        if serves.is_err() {
            break;
        }
    }
    let serves = serves.map(|_| format!("killed before each of {kills} calls"));
    trial.judge_finding("killed-at-any-call-the-next-one-serves", &serves);
    trial.judge("there-is-never-a-second-queue", most == 1, format!("{most} at one time"));
    Ok(())
}

/// Two at once, after one that has left its queue.
fn started_twice(trial: &mut Trial) -> Result<(), Fault> {
    trial.under_schedules(20, |scheduler| {
        msgget(KEY, IPC_CREAT | IPC_EXCL | 0o600)?;
        for _ in 0..2 {
            scheduler.start(&ARGS)?;
        }
        scheduler.with_at_most(2 * CALLS).until_all_wait()?;
        let answered = match request(2) {
            Ok(msqid) => {
                scheduler.until_all_wait()?;
                answer(msqid, 2)
            }
            Err(errno) => Err(format!("the request is refused with {errno:?}")),
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
    for text in [b"hello".as_slice(), b"0 zero", b"-5 minus", b"", &long] {
        if let Ok(msqid) = msgget(KEY, 0) {
            let _ = msgsnd(msqid, REQUEST, text, IPC_NOWAIT);
        }
        session.go_on()?;
    }
    let answer = session.ask(2)?;
    trial.judge_finding("a-bad-request-does-no-harm", &answer);
    Ok(())
}

/// SIGTERM comes just before one of the calls with which it answers, after all that it may have looked at.
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
        judge_end(trial, true, &end, left, &format!("before {call}"));
    }
    Ok(())
}

/// SIGTERM comes as one of the calls returns with which it starts, before it can store the result. Where it
/// is not ready yet, its exit code says nothing; but what it has made must not stay.
fn terminated_at_its_start(trial: &mut Trial) -> Result<(), Fault> {
    for n in 0..KILLS {
        trial.renew()?;
        let mut session = Session::new(trial, Trouble::At(n, Choice::SignalAfter(Signal::SIGTERM)));
        session.start()?;
        let Some(call) = session.troubled.take() else { break };
        session.go_on()?;
        let end = session.scheduler.ends_now()?.first();
        let left = trial.objects()?.len();
        let observed = format!("SIGTERM at the return of {call}: {end}, {left} objects are left");
        trial.judge("SIGTERM-takes-the-queue-with-it", end.in_time() && left == 0, observed);
    }
    Ok(())
}

fn judge_end(trial: &mut Trial, has_served: bool, end: &End, left: usize, when: &str) {
    let passed = has_served && end.exited(0) && left == 0;
    let left = if left == 0 { "nothing is left".into() } else { format!("{left} objects are left") };
    trial.judge("SIGTERM-takes-the-queue-with-it", passed, format!("SIGTERM {when}: {end}, {left}"));
}

/// What happens to the server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    /// At the call of this number, counted from 0.
    At(usize, Choice),
    /// Each call that would wait fails once with EINTR: the first msgrcv, the first msgsnd.
    Interrupt,
}

/// One life of the server, with the grader as its client.
struct Session<'a> {
    scheduler: Scheduler<'a>,
    trouble: Trouble,
    calls: usize,
    /// The call at which the trouble came.
    troubled: Option<String>,
    most_queues: usize,
}

impl<'a> Session<'a> {
    fn new(trial: &'a Trial, trouble: Trouble) -> Self {
        let mut scheduler = trial.scheduler();
        scheduler.with_at_most(CALLS);
        Session { scheduler, trouble, calls: 0, troubled: None, most_queues: 0 }
    }

    /// Starts it. True if it came to wait for something.
    fn start(&mut self) -> Result<bool, Fault> {
        self.scheduler.start(&ARGS)?;
        self.go_on()
    }

    /// Lets it go on until it waits, or is gone.
    fn go_on(&mut self) -> Result<bool, Fault> {
        let Session { scheduler, trouble, calls, troubled, most_queues } = self;
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

    /// Asks, as a client that has not asked before, and lets the server go on.
    fn ask(&mut self, client: c_long) -> Result<Finding, Fault> {
        let msqid = match request(client) {
            Ok(msqid) => msqid,
            Err(errno) => return Ok(Err(format!("the request is refused with {errno:?}"))),
        };
        self.go_on()?;
        Ok(answer(msqid, client))
    }

    fn terminate(&mut self) -> Result<End, Fault> {
        self.scheduler.program(0).kill(Signal::SIGTERM);
        self.go_on()?;
        Ok(self.scheduler.ends_now()?.first())
    }
}

/// Sends a request; the queue that it went to.
fn request(client: c_long) -> Result<i32, Errno> {
    let msqid = msgget(KEY, 0)?;
    msgsnd(msqid, REQUEST, format!("{client} who is {client}?").as_bytes(), IPC_NOWAIT)?;
    Ok(msqid)
}

/// Looks for the answer.
fn answer(msqid: i32, client: c_long) -> Finding {
    match take_message(msqid, client) {
        Ok(text) if text == format!("WHO IS {client}?").as_bytes() => Ok("answered".into()),
        Ok(text) => Err(format!("the answer is {:?}", String::from_utf8_lossy(&text))),
        Err(errno) => Err(format!("there is no answer, msgrcv fails with {errno:?}")),
    }
}

fn queues(sandbox: &Sandbox) -> Result<usize, Fault> {
    Ok(sandbox.objects()?.rows(Table::Msg).len())
}

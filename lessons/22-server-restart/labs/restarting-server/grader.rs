//! A server that comes back: it is killed before each of its calls, and the grader is its client.

use crate::sandbox::{Sandbox, Choice, End, Fault, Object, Scheduler, describe};
use crate::trial::Trial;
use ipc_workbook::observe::sysvipc::Table;
use ipc_workbook::sysv::msg::*;
use nix::errno::Errno;
use nix::sys::signal::Signal;
use std::ffi::c_long;
use std::time::{Duration, Instant};

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

    let full = in_a_new_sandbox(trial, Trouble::None, |session| {
        let left = msgget(KEY, IPC_CREAT | IPC_EXCL | 0o600)?;
        while msgsnd(left, 99, &[b'O'; 8192], IPC_NOWAIT).is_ok() {}
        session.start()?;
        session.ask(2)
    })?;
    trial.judge("a-full-queue-of-before-is-no-obstacle", full.is_ok(), told(&full));

    let interrupted = in_a_new_sandbox(trial, Trouble::Interrupt, |session| {
        session.start()?;
        session.ask(2)
    })?;
    trial.judge("interrupted-it-goes-on", interrupted.is_ok(), told(&interrupted));

    let bad = in_a_new_sandbox(trial, Trouble::None, |session| {
        session.start()?;
        let long = [b"7 ".as_slice(), &[b'x'; 198]].concat();
        for text in [b"hello".as_slice(), b"0 zero", b"-5 minus", b"", &long] {
            if let Ok(msqid) = msgget(KEY, 0) {
                let _ = msgsnd(msqid, REQUEST, text, IPC_NOWAIT);
            }
            session.go()?;
        }
        session.ask(2)
    })?;
    trial.judge("a-bad-request-does-no-harm", bad.is_ok(), told(&bad));
    terminated_at_each_call(trial)
}

/// Nothing special happens: it waits, it answers, it is told to end.
fn a_plain_session(trial: &mut Trial) -> Result<(), Fault> {
    let mut session = Session::new(&trial.sandbox, trial.limit(), Trouble::None);
    let waits = session.start()?;
    let processes = trial.sandbox.processes()?;
    let sleeps = waits && !processes.is_empty() && processes.iter().all(|one| one.sleeps_in(&["msgrcv"]));
    let seen = if waits { describe(&processes) } else { format!("{CALLS} calls, and not at rest") };
    let answer = session.ask(2)?;
    let answers = answer.clone().and(session.ask(4711)?);
    let end = session.terminate()?;
    let (most, left) = (session.most_queues, trial.sandbox.objects()?);
    trial.judge("without-requests-it-sleeps-in-msgrcv", sleeps, seen);
    trial.judge("there-is-never-a-second-queue", most == 1, format!("{most} at one time"));
    judge_end(trial, answer.is_ok(), &end, left.len(), "while it waited");
    trial.judge("each-request-is-answered", answers.is_ok(), told(&answers));
    Ok(())
}

/// Kills one server before its call number n, and the next one, too; the third one serves.
fn killed_at_each_call(trial: &mut Trial) -> Result<(), Fault> {
    let (mut kills, mut most) = (0, 0);
    let mut verdict = Err("it makes no call at which it could be killed".to_string());
    for n in 0..KILLS {
        trial.sandbox.renew()?;
        let mut killed = None;
        for _ in 0..2 {
            let mut session = Session::new(&trial.sandbox, trial.limit(), Trouble::Kill(n));
            session.start()?;
            let _ = session.ask(2)?;
            session.terminate()?;
            most = most.max(session.most_queues);
            killed = session.troubled.take().or(killed);
        }
        let Some(call) = killed else { break };
        kills += 1;
        let mut session = Session::new(&trial.sandbox, trial.limit(), Trouble::None);
        session.start()?;
        let asked = session.ask(2)?;
        most = most.max(session.most_queues);
        verdict = asked.map_err(|why| format!("killed before call {} ({call}), and then {why}", n + 1));
        if verdict.is_err() {
            break;
        }
    }
    let observed =
        verdict.as_ref().map_or_else(Clone::clone, |()| format!("killed before each of {kills} calls"));
    trial.judge("killed-at-any-call-the-next-one-serves", verdict.is_ok(), observed);
    trial.judge("there-is-never-a-second-queue", most == 1, format!("{most} at one time"));
    Ok(())
}

/// Two at once, after one that has left its queue.
fn started_twice(trial: &mut Trial) -> Result<(), Fault> {
    trial.under_schedules(20, |scheduler, schedule, limit| {
        let until = Instant::now() + limit;
        msgget(KEY, IPC_CREAT | IPC_EXCL | 0o600)?;
        for _ in 0..2 {
            scheduler.start(&ARGS)?;
        }
        scheduler.until_all_wait(2 * CALLS, until, |pending| (schedule.pick(pending.len()), Choice::Go))?;
        let answered = match request(2) {
            Ok(msqid) => {
                scheduler
                    .until_all_wait(2 * CALLS, until, |pending| (schedule.pick(pending.len()), Choice::Go))?;
                answer(msqid, 2)
            }
            Err(errno) => Err(format!("the request is refused with {errno:?}")),
        };
        let held = answered.and(match queues(scheduler.sandbox())? {
            1 => Ok(()),
            n => Err(format!("there are {n} queues")),
        });
        Ok(vec![("started-twice-at-once-one-serves", held.is_ok(), told(&held))])
    })
}

/// SIGTERM comes just before one of the calls with which it answers, after all that it may have looked at.
fn terminated_at_each_call(trial: &mut Trial) -> Result<(), Fault> {
    for n in 0..KILLS {
        trial.sandbox.renew()?;
        let mut session = Session::new(&trial.sandbox, trial.limit(), Trouble::None);
        session.start()?;
        session.trouble = Trouble::Terminate(session.calls + n);
        let _ = session.ask(2)?;
        let Some(call) = session.troubled.take() else { break };
        session.go()?;
        let end = session.scheduler.play_with(Duration::ZERO, |_| (0, Choice::Go))?.remove(0);
        let left = trial.sandbox.objects()?.len();
        judge_end(trial, true, &end, left, &format!("before {call}"));
    }
    Ok(())
}

fn judge_end(trial: &mut Trial, has_served: bool, end: &End, left: usize, when: &str) {
    let passed = has_served && *end == End::Exited(0) && left == 0;
    let left = if left == 0 { "nothing is left".into() } else { format!("{left} objects are left") };
    trial.judge("SIGTERM-takes-the-queue-with-it", passed, format!("SIGTERM {when}: {end}, {left}"));
}

fn in_a_new_sandbox(
    trial: &mut Trial,
    trouble: Trouble,
    play: impl FnOnce(&mut Session) -> Result<Asked, Fault>,
) -> Result<Asked, Fault> {
    trial.sandbox.renew()?;
    play(&mut Session::new(&trial.sandbox, trial.limit(), trouble))
}

/// Whether a request was answered, or what came instead.
type Asked = Result<(), String>;

fn told(asked: &Asked) -> String {
    asked.as_ref().map_or_else(Clone::clone, |()| "answered".into())
}

/// What happens to the server at a call, counted from 0.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    Kill(usize),
    Terminate(usize),
    /// Each call that would wait fails once with EINTR: the first msgrcv, the first msgsnd.
    Interrupt,
}

/// One life of the server, with the grader as its client.
struct Session<'a> {
    scheduler: Scheduler<'a>,
    until: Instant,
    trouble: Trouble,
    calls: usize,
    /// The call at which the trouble came.
    troubled: Option<String>,
    most_queues: usize,
}

impl<'a> Session<'a> {
    fn new(sandbox: &'a Sandbox, limit: Duration, trouble: Trouble) -> Self {
        let until = Instant::now() + limit;
        Session { scheduler: Scheduler::new(sandbox), until, trouble, calls: 0, troubled: None, most_queues: 0 }
    }

    /// Starts it. True if it came to wait for something.
    fn start(&mut self) -> Result<bool, Fault> {
        self.scheduler.start(&ARGS)?;
        self.go()
    }

    /// Lets it go on until it waits, or is gone.
    fn go(&mut self) -> Result<bool, Fault> {
        let Session { scheduler, until, trouble, calls, troubled, most_queues } = self;
        let sandbox = scheduler.sandbox();
        let mut interrupted: Vec<String> = Vec::new();
        let waits = scheduler.until_all_wait(CALLS, *until, |pending| {
            *most_queues = (*most_queues).max(queues(sandbox).unwrap_or(0));
            let call = &pending[0];
            let flags = call.args[if call.call == "msgrcv" { 4 } else { 3 }];
            let may_wait = ["msgrcv", "msgsnd"].contains(&call.call.as_str())
                && flags & u64::from(IPC_NOWAIT.cast_unsigned()) == 0;
            *calls += 1;
            let choice = match *trouble {
                Trouble::Kill(n) if *calls == n + 1 => Choice::Kill,
                Trouble::Terminate(n) if *calls == n + 1 => Choice::Signal(Signal::SIGTERM),
                Trouble::Interrupt if may_wait && !interrupted.contains(&call.call) => {
                    interrupted.push(call.call.clone());
                    Choice::Fail(Errno::EINTR)
                }
                _ => Choice::Go,
            };
            if matches!(choice, Choice::Kill | Choice::Signal(_)) {
                *troubled = Some(call.call.clone());
            }
            (0, choice)
        })?;
        self.most_queues = self.most_queues.max(queues(sandbox)?);
        Ok(waits)
    }

    /// Asks, as a client whom nobody has seen before, and lets the server go on.
    fn ask(&mut self, client: c_long) -> Result<Asked, Fault> {
        let msqid = match request(client) {
            Ok(msqid) => msqid,
            Err(errno) => return Ok(Err(format!("the request is refused with {errno:?}"))),
        };
        self.go()?;
        Ok(answer(msqid, client))
    }

    fn terminate(&mut self) -> Result<End, Fault> {
        self.scheduler.program(0).kill(Signal::SIGTERM);
        self.go()?;
        Ok(self.scheduler.play_with(Duration::ZERO, |_| (0, Choice::Go))?.remove(0))
    }
}

/// Sends a request; the queue that it went to.
fn request(client: c_long) -> Result<i32, Errno> {
    let msqid = msgget(KEY, 0)?;
    msgsnd(msqid, REQUEST, format!("{client} who is {client}?").as_bytes(), IPC_NOWAIT)?;
    Ok(msqid)
}

/// Looks for the answer.
fn answer(msqid: i32, client: c_long) -> Asked {
    let mut text = [0; 64];
    match msgrcv(msqid, &mut text, client, IPC_NOWAIT | MSG_NOERROR) {
        Ok((length, _)) if text[..length] == *format!("WHO IS {client}?").as_bytes() => Ok(()),
        Ok((length, _)) => Err(format!("the answer is {:?}", String::from_utf8_lossy(&text[..length]))),
        Err(errno) => Err(format!("there is no answer, msgrcv says {errno:?}")),
    }
}

fn queues(sandbox: &Sandbox) -> Result<usize, Fault> {
    let is_queue = |object: &Object| matches!(object, Object::SystemV(row) if row.table == Table::Msg);
    Ok(sandbox.objects()?.iter().filter(|object| is_queue(object)).count())
}

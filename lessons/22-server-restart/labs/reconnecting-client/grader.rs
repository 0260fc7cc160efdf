//! A client that reconnects: the grader is its server, and restarts at the worst moments.

use crate::sandbox::{Sandbox, Choice, End, Fault, Pending, Scheduler};
use crate::trial::Trial;
use ipc_workbook::sysv::msg::*;
use nix::errno::Errno;
use std::ffi::c_long;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

const KEY: key_t = 0x6c61_6232;
const KEY_ARG: &str = "0x6c616232";
const REQUEST: c_long = 1;
/// Who makes more calls than this for a handful of requests runs in a circle.
const CALLS: usize = 400;

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    let plain = play(trial, |server, _| server.be_there())?;
    trial.judge("each-request-is-answered", plain.made_once(), &plain);

    for call in ["msgsnd", "msgrcv"] {
        // The second such call is that of the second request.
        let mut calls = 0;
        let stale = play(trial, |server, moment| {
            calls += usize::from(moment.is_before(call));
            if moment.is_before(call) && calls == 2 { server.restart() } else { server.be_there() }
        })?;
        let observed = format!("replaced before {call}: {stale}");
        trial.judge("a-stale-identifier-is-noticed", stale.made_once(), observed);
    }

    let mut waits = 0;
    let removed = play(trial, |server, moment| {
        waits += usize::from(moment.waits());
        if moment.waits() && waits == 2 { server.restart() } else { server.be_there() }
    })?;
    let observed = format!("replaced while it waits: {removed}");
    trial.judge("removed-while-it-waits-it-asks-again", removed.made_once(), observed);
    let mut full = true;
    let removed = play(trial, |server, moment| {
        server.be_there()?;
        match moment {
            Moment::Before(_) if full => server.allow_bytes(0),
            Moment::Waits if full => {
                full = false;
                server.restart()
            }
            _ => Ok(()),
        }
    })?;
    let observed = format!("replaced while it waits for room: {removed}");
    trial.judge("removed-while-it-waits-it-asks-again", removed.made_once(), observed);

    let mut waits = 0;
    let lost = play(trial, |server, moment| {
        waits += usize::from(moment.waits());
        if moment.waits() && waits == 2 {
            server.take();
            server.restart()
        } else {
            server.be_there()
        }
    })?;
    let same = lost.requests() == [1, 2, 2, 3] && lost.end == End::Exited(0);
    trial.judge("a-lost-answer-is-asked-for-with-the-same-number", same, &lost);
    away(trial)?;

    let mut interrupted: Vec<String> = Vec::new();
    let signalled = play_choosing(trial, 3, |server, moment| {
        server.be_there()?;
        let Moment::Before(call) = moment else { return Ok(Choice::Go) };
        let flags = call.args[if call.call == "msgrcv" { 4 } else { 3 }];
        let may_wait = moment.is_before("msgsnd") || moment.is_before("msgrcv");
        let may_wait = may_wait && flags & u64::from(IPC_NOWAIT.cast_unsigned()) == 0;
        if may_wait && !interrupted.contains(&call.call) {
            interrupted.push(call.call.clone());
            return Ok(Choice::Fail(Errno::EINTR));
        }
        Ok(Choice::Go)
    })?;
    trial.judge("EINTR-is-no-restart", signalled.made_once(), &signalled);

    let twice = play(trial, |server, _| {
        server.answers_twice = true;
        server.be_there()
    })?;
    let in_order = twice.made_once() && twice.most_at_once == 1;
    let observed = format!("{twice}, {} unanswered at one time", twice.most_at_once);
    trial.judge("an-old-answer-is-not-taken-for-the-new-one", in_order, observed);

    let mut sends = 0;
    let mistake = play_choosing(trial, 3, |server, moment| {
        server.be_there()?;
        sends += usize::from(moment.is_before("msgsnd"));
        Ok(if moment.is_before("msgsnd") { Choice::Fail(Errno::EINVAL) } else { Choice::Go })
    })?;
    let ended = sends > 0 && mistake.calls < 20 && mistake.end == End::Exited(1);
    let observed = format!("{} after {} calls, {sends} of them msgsnd", mistake.end, mistake.calls);
    trial.judge("a-mistake-of-its-own-ends-it", ended, observed);
    at_any_moment(trial)
}

/// There is no queue at first, and none for a while after the first one; at last none comes.
fn away(trial: &mut Trial) -> Result<(), Fault> {
    let (mut looks, mut short) = (Looks::default(), None);
    let pauses = play(trial, |server, moment| {
        looks.watch(moment, server.msqid.is_some());
        short = short.take().or_else(|| looks.short.clone());
        match server.generation {
            0 if looks.vain == 10 => server.be_there(),
            1 if moment.waits() => server.remove(),
            1 if server.msqid.is_none() && looks.vain == 30 => server.be_there(),
            _ => Ok(()),
        }
    })?;
    let observed = short.clone().unwrap_or_else(|| format!("pauses; {pauses}"));
    trial.judge("while-there-is-no-queue-it-pauses", short.is_none() && pauses.made_once(), observed);

    let mut looks = Looks::default();
    let never = play(trial, |_, moment| {
        looks.watch(moment, false);
        Ok(())
    })?;
    let left = trial.sandbox.objects()?.len();
    let gives_up = never.end == End::Exited(3) && (50..=100).contains(&looks.vain) && left == 0;
    let observed = format!("{} after {} looks, {left} objects", never.end, looks.vain);
    trial.judge("when-no-queue-comes-it-gives-up", gives_up, observed);
    Ok(())
}

/// What a client does that looks for a queue.
#[derive(Default)]
struct Looks {
    /// How often it has looked in vain since there was a queue.
    vain: usize,
    has_paused: bool,
    /// What it did in place of a pause.
    short: Option<String>,
}

impl Looks {
    fn watch(&mut self, moment: Moment, is_there: bool) {
        let Moment::Before(call) = moment else { return };
        if is_there {
            self.vain = 0;
        } else if call.call == "msgget" {
            if self.vain > 0 && !self.has_paused {
                self.short.get_or_insert("it looks again without a pause".into());
            }
            (self.vain, self.has_paused) = (self.vain + 1, false);
        } else if let Some(length) = pause(call) {
            self.has_paused = true;
            if length < Duration::from_millis(10) {
                self.short.get_or_insert(format!("a pause of {length:?} only"));
            }
        }
    }
}

/// How long the call sleeps, if it is one that does. A sleep until a moment is one as long as that.
fn pause(call: &Pending) -> Option<Duration> {
    let request = match call.call.as_str() {
        "nanosleep" => call.args[0],
        "clock_nanosleep" => call.args[2],
        _ => return None,
    };
    let mut timespec = [0; 16];
    File::open(format!("/proc/{}/mem", call.pid)).ok()?.read_exact_at(&mut timespec, request).ok()?;
    let [seconds, nanos] = [0, 8].map(|at| timespec[at..at + 8].try_into().map_or(0, u64::from_ne_bytes));
    Some(Duration::from_secs(seconds) + Duration::from_nanos(nanos))
}

/// Restarts wherever the schedule wants them, six at most, each with a while of absence or without.
fn at_any_moment(trial: &mut Trial) -> Result<(), Fault> {
    const N: u32 = 5;
    trial.under_schedules(60, |scheduler, schedule, limit| {
        let (mut restarts, mut absence) = (0, 0);
        let played = alone(scheduler, limit, N, |server, _| {
            if absence > 0 {
                absence -= 1;
                return Ok(Choice::Go);
            }
            server.be_there()?;
            if restarts < 6 && schedule.pick(4) == 0 {
                restarts += 1;
                if schedule.pick(2) == 0 {
                    server.take(); // and not answered any more
                }
                server.remove()?;
                absence = schedule.pick(20);
                if absence == 0 {
                    server.be_there()?;
                }
            }
            Ok(Choice::Go)
        })?;
        let held = played.end == End::Exited(0) && played.is_in_order(N) && played.most_at_once == 1;
        let observed = if held { "all answered in order".into() } else { played.to_string() };
        Ok(vec![("answered-whenever-the-server-restarts", held, observed)])
    })
}

fn play(
    trial: &mut Trial,
    mut trouble: impl FnMut(&mut Server, Moment) -> Result<(), Fault>,
) -> Result<Played, Fault> {
    play_choosing(trial, 3, |server, moment| trouble(server, moment).map(|()| Choice::Go))
}

fn play_choosing(
    trial: &mut Trial,
    n: u32,
    trouble: impl FnMut(&mut Server, Moment) -> Result<Choice, Fault>,
) -> Result<Played, Fault> {
    trial.sandbox.renew()?;
    let (sandbox, limit): (&Sandbox, Duration) = (&trial.sandbox, trial.limit());
    alone(&mut Scheduler::new(sandbox), limit, n, trouble)
}

/// Lets the client go on; before each of its calls, and when it waits, there may be trouble. While it waits, it is served.
fn alone(
    scheduler: &mut Scheduler,
    limit: Duration,
    n: u32,
    mut trouble: impl FnMut(&mut Server, Moment) -> Result<Choice, Fault>,
) -> Result<Played, Fault> {
    let until = Instant::now() + limit;
    let mut server = Server::default();
    let (mut calls, mut idle) = (0, 0);
    scheduler.start(&[KEY_ARG, &n.to_string()])?;
    while calls < CALLS && Instant::now() < until {
        if let Some(call) = scheduler.pending().first() {
            let choice = trouble(&mut server, Moment::Before(call))?;
            calls += 1;
            scheduler.step(0, choice, until)?;
        } else if scheduler.program(0).ended().is_some() {
            break;
        } else {
            let generation = server.generation;
            trouble(&mut server, Moment::Waits)?;
            let answered = server.serve();
            idle = if answered || generation != server.generation { 0 } else { idle + 1 };
            if idle > if server.msqid.is_some() { 0 } else { 50 } {
                break; // it waits for what does not come
            }
            scheduler.settle(until)?;
        }
    }
    let end = scheduler.play_with(Duration::ZERO, |_| (0, Choice::Go))?.remove(0);
    Ok(Played { end, calls, taken: server.taken, most_at_once: server.most_at_once })
}

/// Where the client is.
#[derive(Clone, Copy)]
enum Moment<'a> {
    Before(&'a Pending),
    /// In the kernel, for a message or for room.
    Waits,
}

impl Moment<'_> {
    fn is_before(self, name: &str) -> bool {
        matches!(self, Moment::Before(call) if call.call == name)
    }

    fn waits(self) -> bool {
        matches!(self, Moment::Waits)
    }
}

/// The server that the grader is.
#[derive(Default)]
struct Server {
    msqid: Option<i32>,
    /// How many queues it has had.
    generation: u32,
    answers_twice: bool,
    /// The numbers of the requests that it has taken, each with the generation.
    taken: Vec<(u32, u32)>,
    /// The greatest number of requests that were in the queue at one time.
    most_at_once: usize,
}

impl Server {
    fn be_there(&mut self) -> Result<(), Fault> {
        if self.msqid.is_none() {
            self.msqid = match msgget(KEY, IPC_CREAT | IPC_EXCL | 0o600) {
                // The client's; nobody will serve it.
                Err(Errno::EEXIST) => None,
                created => Some(created?),
            };
            self.generation += u32::from(self.msqid.is_some());
        }
        Ok(())
    }

    fn remove(&mut self) -> Result<(), Fault> {
        if let Some(msqid) = self.msqid.take() {
            msgctl(msqid, IPC_RMID)
                .or_else(|errno| if errno == Errno::EINVAL { Ok(()) } else { Err(errno) })?;
        }
        Ok(())
    }

    fn restart(&mut self) -> Result<(), Fault> {
        self.remove()?;
        self.be_there()
    }

    fn allow_bytes(&mut self, bytes: u64) -> Result<(), Fault> {
        let Some(msqid) = self.msqid else { return Ok(()) };
        let mut ds = msgctl(msqid, IPC_STAT)?;
        ds.msg_qbytes = bytes;
        Ok(msgctl(msqid, IPC_SET(&ds))?)
    }

    /// Takes all requests: for each the type that the answer is to have, and its number.
    fn take(&mut self) -> Vec<(c_long, u32)> {
        let mut requests = Vec::new();
        let mut text = [0; 64];
        let Some(msqid) = self.msqid else { return requests };
        while let Ok((length, _)) = msgrcv(msqid, &mut text, REQUEST, IPC_NOWAIT | MSG_NOERROR) {
            let text = String::from_utf8_lossy(&text[..length]).into_owned();
            let numbers = text.trim_end_matches('\0').split_once(' ');
            let numbers = numbers.and_then(|(to, number)| Some((to.parse().ok()?, number.parse().ok()?)));
            // What is no request counts as request 0, which nobody is to make.
            requests.push(numbers.unwrap_or((0, 0)));
        }
        self.most_at_once = self.most_at_once.max(requests.len());
        self.taken.extend(requests.iter().map(|(_, number)| (*number, self.generation)));
        requests
    }

    /// Takes all requests and answers them. Whether there were any.
    fn serve(&mut self) -> bool {
        let requests = self.take();
        for (to, number) in &requests {
            for _ in 0..=usize::from(self.answers_twice) {
                if let Some(msqid) = self.msqid {
                    let _ = msgsnd(msqid, *to, number.to_string().as_bytes(), IPC_NOWAIT);
                }
            }
        }
        !requests.is_empty()
    }
}

/// How it went.
struct Played {
    end: End,
    calls: usize,
    taken: Vec<(u32, u32)>,
    most_at_once: usize,
}

impl Played {
    fn requests(&self) -> Vec<u32> {
        self.taken.iter().map(|(number, _)| *number).collect()
    }

    fn made_once(&self) -> bool {
        self.requests() == [1, 2, 3] && self.end == End::Exited(0)
    }

    /// From 1 to n; the same again only when the queue is another one.
    fn is_in_order(&self, n: u32) -> bool {
        let starts = [(0, 0)].into_iter().chain(self.taken.iter().copied());
        let steps = starts.zip(&self.taken);
        let mut allowed =
            steps.map(|(before, now)| now.0 == before.0 + 1 || (now.0 == before.0 && now.1 > before.1));
        allowed.all(|allowed| allowed) && self.taken.last().is_some_and(|(number, _)| *number == n)
    }
}

impl std::fmt::Display for Played {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let requests: Vec<String> = self.requests().iter().map(ToString::to_string).collect();
        match &requests[..] {
            [] => write!(f, "no request, {}", self.end),
            _ => write!(f, "requests {}, {}", requests.join(" "), self.end),
        }
    }
}

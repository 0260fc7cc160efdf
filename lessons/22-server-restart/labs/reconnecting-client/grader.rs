//! A client that reconnects. The grader is its server, and restarts at the worst moments.

use crate::finding::{Finding, Flaw, found};
use crate::peer::take_message;
use crate::sandbox::{End, Fault};
use crate::scheduler::{Choice, Now, Scheduler};
use crate::trial::Trial;
use ipc_workbook::sysv::msg::*;
use nix::errno::Errno;
use std::ffi::c_long;
use std::time::Duration;

const KEY: key_t = 0x6c61_6232;
const KEY_ARG: &str = "0x6c616232";
const REQUEST: c_long = 1;
/// A client that makes more calls than this for a few requests is in an endless loop.
const CALLS: usize = 400;

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    let plain = play(trial, |server, _| server.be_there())?;
    trial.judge_finding("each-request-is-answered", &plain.makes_each_once());
    trial.judge_part("each-request-is-answered", a_thousand_requests)?;

    replaced_before_a_call(trial)?;
    replaced_while_it_waits(trial)?;
    an_answer_is_lost(trial)?;
    away_for_a_while(trial)?;
    away_for_ever(trial)?;
    interrupted(trial)?;
    answered_twice(trial)?;
    answered_late(trial)?;
    a_mistake_of_its_own(trial)?;
    at_any_moment(trial)
}

/// Makes the largest number of requests, with another key, beside a queue of another process.
fn a_thousand_requests(trial: &mut Trial) -> Result<Finding, Fault> {
    trial.renew()?;
    Server::default().be_there()?;
    let beside = trial.objects()?;
    let mut server = Server { key: 0x1a, ..Server::default() };
    server.be_there()?;
    let mut client = trial.start(&["0x1a", "1000"])?;
    trial.comes_to(&mut client, || {
        // Answer a client that continues at once without a pause.
        for _ in 0..1000 {
            server.serve();
            std::thread::yield_now();
        }
        Ok(false)
    })?;
    let end = trial.end_now(&mut client)?;
    let untouched = trial.objects()?.still_have(&beside);
    let in_order = server.taken.iter().map(|(number, _)| *number).eq(1..=1000);
    let seen = format!("1000 requests, key 0x1a: {} received, {end}", server.taken.len());
    let seen = if untouched { seen } else { "the queue with another key is gone or changed".into() };
    Ok(found(in_order && untouched && end.exited(0), seen))
}

fn replaced_before_a_call(trial: &mut Trial) -> Result<(), Fault> {
    for call in ["msgsnd", "msgrcv"] {
        // The second such call belongs to the second request.
        let mut calls = 0;
        let stale = play(trial, |server, now| {
            calls += usize::from(is_before(now, call));
            if is_before(now, call) && calls == 2 { server.restart() } else { server.be_there() }
        })?;
        let finding = stale.makes_each_once_when(&format!("queue replaced before {call}"));
        trial.judge_finding("a-stale-identifier-is-noticed", &finding);
    }
    Ok(())
}

/// The queue is removed while the client waits for an answer, or for room.
fn replaced_while_it_waits(trial: &mut Trial) -> Result<(), Fault> {
    const LINE: &str = "removed-while-it-waits-it-asks-again";
    let mut waits = 0;
    let removed = play(trial, |server, now| {
        waits += usize::from(matches!(now, Now::AllWait));
        if matches!(now, Now::AllWait) && waits == 2 { server.restart() } else { server.be_there() }
    })?;
    trial.judge_finding(LINE, &removed.makes_each_once_when("queue replaced while it waits"));

    let mut full = true;
    let removed = play(trial, |server, now| {
        server.be_there()?;
        match now {
            Now::Before(_) if full => server.allow_bytes(0),
            Now::AllWait if full => {
                full = false;
                server.restart()?;
            }
            _ => {}
        }
        Ok(())
    })?;
    trial.judge_finding(LINE, &removed.makes_each_once_when("queue replaced while it waits for room"));
    Ok(())
}

fn an_answer_is_lost(trial: &mut Trial) -> Result<(), Fault> {
    let mut waits = 0;
    let lost = play(trial, |server, now| {
        waits += usize::from(matches!(now, Now::AllWait));
        if matches!(now, Now::AllWait) && waits == 2 {
            server.take();
            server.restart()
        } else {
            server.be_there()
        }
    })?;
    let same = lost.requests() == [1, 2, 2, 3] && lost.end.exited(0);
    trial.judge("a-lost-answer-is-asked-for-with-the-same-number", same, &lost);
    Ok(())
}

/// There is no queue at first, and none for a while after the first queue.
fn away_for_a_while(trial: &mut Trial) -> Result<(), Fault> {
    let mut looks = Looks::default();
    let pauses = play(trial, |server, now| {
        looks.watch(now, server.msqid.is_some());
        match server.generation {
            0 if looks.vain == 10 => server.be_there(),
            1 if matches!(now, Now::AllWait) => server.remove(),
            1 if server.msqid.is_none() && looks.vain == 30 => server.be_there(),
            _ => Ok(()),
        }
    })?;
    let finding = looks.short.or("").and_then(|_| pauses.makes_each_once_when("with pauses"));
    trial.judge_finding("while-there-is-no-queue-it-pauses", &finding);
    Ok(())
}

fn away_for_ever(trial: &mut Trial) -> Result<(), Fault> {
    let mut looks = Looks::default();
    let never = play(trial, |_, now| {
        looks.watch(now, false);
        Ok(())
    })?;
    let left = trial.objects()?.len();
    let gives_up = never.end.exited(3) && (50..=100).contains(&looks.vain) && left == 0;
    let observed = format!("{} after {} calls of msgget; objects left: {left}", never.end, looks.vain);
    trial.judge("when-no-queue-comes-it-gives-up", gives_up, observed);
    Ok(())
}

fn interrupted(trial: &mut Trial) -> Result<(), Fault> {
    let mut interrupted: Vec<String> = Vec::new();
    let signalled = play_choosing(trial, |server, now| {
        server.be_there()?;
        Ok(match now {
            Now::Before(moment) if moment.call.may_wait() && !interrupted.contains(&moment.call.name) => {
                interrupted.push(moment.call.name.clone());
                Choice::Fail(Errno::EINTR)
            }
            _ => Choice::Go,
        })
    })?;
    trial.judge_finding("EINTR-is-no-restart", &signalled.makes_each_once());
    Ok(())
}

fn answered_twice(trial: &mut Trial) -> Result<(), Fault> {
    let twice = play(trial, |server, _| {
        server.answers_twice = true;
        server.be_there()
    })?;
    let in_order = twice.makes_each_once().is_ok() && twice.most_at_once == 1;
    let observed = format!("{twice}, unanswered requests at one time: {}", twice.most_at_once);
    trial.judge("an-old-answer-is-not-taken-for-the-new-one", in_order, observed);
    Ok(())
}

/// The answer to request 1 arrives again just before request 10 is sent.
fn answered_late(trial: &mut Trial) -> Result<(), Fault> {
    trial.renew()?;
    let (mut first, mut late) = (None, false);
    let played = serve(&mut trial.scheduler(), 12, |server, now| {
        server.be_there()?;
        first = first.or(server.answered.first().copied());
        if let (Some((to, number)), 9, false) = (first, server.taken.len(), late)
            && is_before(now, "msgsnd")
        {
            late = true;
            server.answer(to, number);
        }
        Ok(Choice::Go)
    })?;
    let in_order = late && played.end.exited(0) && played.is_in_order(12) && played.most_at_once == 1;
    let observed = format!(
        "a late answer to request 1: {played}, unanswered requests at one time: {}",
        played.most_at_once
    );
    trial.judge("an-old-answer-is-not-taken-for-the-new-one", in_order, observed);
    Ok(())
}

fn a_mistake_of_its_own(trial: &mut Trial) -> Result<(), Fault> {
    for failing in ["msgsnd", "msgrcv"] {
        let (mut fails, mut calls) = (0, 0);
        let mistake = play_choosing(trial, |server, now| {
            server.be_there()?;
            fails += usize::from(is_before(now, failing));
            calls += ["msgget", "msgsnd", "msgrcv"].iter().filter(|call| is_before(now, call)).count();
            Ok(if is_before(now, failing) { Choice::Fail(Errno::EINVAL) } else { Choice::Go })
        })?;
        let ended = fails > 0 && calls < 20 && mistake.end.exited(1);
        let observed = format!("{} after {calls} calls, {fails} of them {failing}", mistake.end);
        trial.judge("a-mistake-of-its-own-ends-it", ended, observed);
    }
    Ok(())
}

/// Restarts at random calls, six times at most, each with or without a time of absence.
fn at_any_moment(trial: &mut Trial) -> Result<(), Fault> {
    const N: u32 = 5;
    trial.under_schedules(60, |scheduler| {
        let (mut restarts, mut absence) = (0, 0);
        let mut random = scheduler.random();
        let played = serve(scheduler, N, |server, _| {
            if absence > 0 {
                absence -= 1;
                return Ok(Choice::Go);
            }
            server.be_there()?;
            if restarts < 6 && random.pick(4) == 0 {
                restarts += 1;
                if random.pick(2) == 0 {
                    server.take(); // and do not answer
                }
                server.remove()?;
                absence = random.pick(20);
                if absence == 0 {
                    server.be_there()?;
                }
            }
            Ok(Choice::Go)
        })?;
        let held = played.end.exited(0) && played.is_in_order(N) && played.most_at_once == 1;
        let observed = if held { "all answered in order".into() } else { played.to_string() };
        Ok(vec![("answered-whenever-the-server-restarts", found(held, observed))])
    })
}

fn play(
    trial: &mut Trial,
    mut trouble: impl FnMut(&mut Server, Now) -> Result<(), Fault>,
) -> Result<Played, Fault> {
    play_choosing(trial, |server, now| trouble(server, now).map(|()| Choice::Go))
}

fn play_choosing(
    trial: &mut Trial,
    trouble: impl FnMut(&mut Server, Now) -> Result<Choice, Fault>,
) -> Result<Played, Fault> {
    trial.renew()?;
    serve(&mut trial.scheduler(), 3, trouble)
}

/// Lets the client run. `trouble` may act before each of its calls, and when it waits. While the client
/// waits, it is served.
fn serve(
    scheduler: &mut Scheduler,
    n: u32,
    mut trouble: impl FnMut(&mut Server, Now) -> Result<Choice, Fault>,
) -> Result<Played, Fault> {
    let mut server = Server::default();
    let mut idle = 0;
    scheduler.with_at_most(CALLS).start(&[KEY_ARG, &n.to_string()])?;
    let ends = scheduler.play_as_peer(|now| {
        let generation = server.generation;
        let choice = trouble(&mut server, now)?;
        if let Now::Before(_) = now {
            return Ok(choice);
        }
        let answered = server.serve();
        idle = if answered || generation != server.generation { 0 } else { idle + 1 };
        // Without a queue it may wait for time to pass; with a queue it waits for something that never
        // happens.
        let patient = if server.msqid.is_some() { 0 } else { 50 };
        Ok(if idle > patient { Choice::Kill } else { Choice::Go })
    })?;
    Ok(Played { end: ends.first(), taken: server.taken, most_at_once: server.most_at_once })
}

fn is_before(now: Now, name: &str) -> bool {
    matches!(now, Now::Before(moment) if moment.call.is(name))
}

/// What a client does while it looks for a queue.
#[derive(Default)]
struct Looks {
    /// How many times it has looked in vain since there was a queue.
    vain: usize,
    /// When it looked last, by its own clock.
    looked: Duration,
    /// How long it has slept since its last look. A sleep until a moment may be shorter than the pause.
    slept: Duration,
    /// The first pause that was missing or too short.
    short: Flaw,
}

impl Looks {
    fn watch(&mut self, now: Now, is_there: bool) {
        const SHORTEST: Duration = Duration::from_millis(10);
        let Now::Before(moment) = now else { return };
        if is_there {
            self.vain = 0;
        } else if moment.call.is("msgget") {
            let slept = std::mem::take(&mut self.slept);
            let paused =
                moment.call.since.saturating_sub(std::mem::replace(&mut self.looked, moment.call.since));
            let is_short = self.vain > 0 && paused < SHORTEST;
            self.short.seen_if(is_short && slept.is_zero(), || "it looks again without a pause");
            self.short.seen_if(is_short, || format!("a pause of only {slept:?}"));
            self.vain += 1;
        } else if let Some(pause) = moment.call.sleeps_for() {
            self.slept += pause;
        }
    }
}

/// The grader's server.
struct Server {
    key: key_t,
    msqid: Option<i32>,
    /// How many queues it has created.
    generation: u32,
    answers_twice: bool,
    /// The numbers of the requests that it has received, each with the generation.
    taken: Vec<(u32, u32)>,
    /// The type and the number of each answer that it has sent.
    answered: Vec<(c_long, u32)>,
    /// The largest number of requests in the queue at one time.
    most_at_once: usize,
}

impl Default for Server {
    fn default() -> Self {
        let (taken, answered) = (Vec::new(), Vec::new());
        Server {
            key: KEY,
            msqid: None,
            generation: 0,
            answers_twice: false,
            taken,
            answered,
            most_at_once: 0,
        }
    }
}

impl Server {
    fn be_there(&mut self) -> Result<(), Fault> {
        if self.msqid.is_none() {
            self.msqid = match msgget(self.key, IPC_CREAT | IPC_EXCL | 0o600) {
                // The client created the queue. Nobody serves it.
                Err(Errno::EEXIST) => None,
                created => Some(created?),
            };
            self.generation += u32::from(self.msqid.is_some());
        }
        Ok(())
    }

    fn remove(&mut self) -> Result<(), Fault> {
        match self.msqid.take().map(|msqid| msgctl(msqid, IPC_RMID)) {
            None | Some(Ok(()) | Err(Errno::EINVAL)) => Ok(()),
            Some(Err(errno)) => Err(errno.into()),
        }
    }

    fn restart(&mut self) -> Result<(), Fault> {
        self.remove()?;
        self.be_there()
    }

    fn allow_bytes(&mut self, bytes: u64) {
        let Some(msqid) = self.msqid else { return };
        // An error means that the client removed the queue, which is its own fault.
        if let Ok(mut ds) = msgctl(msqid, IPC_STAT) {
            ds.msg_qbytes = bytes;
            let _ = msgctl(msqid, IPC_SET(&ds));
        }
    }

    /// Receives all requests. Returns the type of the answer and the number for each.
    fn take(&mut self) -> Vec<(c_long, u32)> {
        let Some(msqid) = self.msqid else { return Vec::new() };
        let texts = std::iter::from_fn(|| take_message(msqid, REQUEST).ok());
        let requests: Vec<(c_long, u32)> = texts.map(|text| request(&text)).collect();
        self.most_at_once = self.most_at_once.max(requests.len());
        self.taken.extend(requests.iter().map(|(_, number)| (*number, self.generation)));
        requests
    }

    /// Receives all requests and answers them. Returns whether there were any.
    fn serve(&mut self) -> bool {
        let requests = self.take();
        for (to, number) in &requests {
            for _ in 0..=usize::from(self.answers_twice) {
                self.answer(*to, *number);
            }
        }
        !requests.is_empty()
    }

    fn answer(&mut self, to: c_long, number: u32) {
        if let Some(msqid) = self.msqid {
            let _ = msgsnd(msqid, to, number.to_string().as_bytes(), IPC_NOWAIT);
        }
        self.answered.push((to, number));
    }
}

/// Parses a request. Anything else counts as request 0, which no client may send.
fn request(text: &[u8]) -> (c_long, u32) {
    let text = String::from_utf8_lossy(text);
    let numbers = text.trim_end_matches('\0').split_once(' ');
    numbers.and_then(|(to, number)| Some((to.parse().ok()?, number.parse().ok()?))).unwrap_or((0, 0))
}

/// The result of a run.
struct Played {
    end: End,
    taken: Vec<(u32, u32)>,
    most_at_once: usize,
}

impl Played {
    fn requests(&self) -> Vec<u32> {
        self.taken.iter().map(|(number, _)| *number).collect()
    }

    fn makes_each_once(&self) -> Finding {
        found(self.requests() == [1, 2, 3] && self.end.exited(0), self)
    }

    fn makes_each_once_when(&self, when: &str) -> Finding {
        let say = |observed| format!("{when}: {observed}");
        self.makes_each_once().map(say).map_err(say)
    }

    /// Whether the requests are 1 to n in order, and repeated only after a restart.
    fn is_in_order(&self, n: u32) -> bool {
        let starts = [(0, 0)].into_iter().chain(self.taken.iter().copied());
        let mut steps = starts.zip(&self.taken);
        steps.all(|(before, now)| now.0 == before.0 + 1 || (now.0 == before.0 && now.1 > before.1))
            && self.taken.last().is_some_and(|(number, _)| *number == n)
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

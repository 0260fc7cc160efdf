//! A client that reconnects. The grader is its server, and restarts at the worst moments.

mod server;

use crate::finding::{Finding, Flaw, found};
use crate::sandbox::{End, Fault};
use crate::scheduler::{Choice, Now, Scheduler};
use crate::trial::Trial;
use ipc_workbook::sysv::msg::key_t;
use nix::errno::Errno;
use server::Server;
use std::time::Duration;

const KEY: key_t = 0x6c61_6232;
const KEY_ARG: &str = "0x6c616232";
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
    Server::with_key(KEY).be_there()?;
    let beside = trial.objects()?;
    let mut server = Server::with_key(0x1a);
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
            let is_due = is_second(now.is_before(call), &mut calls);
            if is_due { server.restart() } else { server.be_there() }
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
        let is_due = is_second(now.all_wait(), &mut waits);
        if is_due { server.restart() } else { server.be_there() }
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
        if !is_second(now.all_wait(), &mut waits) {
            return server.be_there();
        }
        server.take(); // and do not answer
        server.restart()
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
            1 if now.all_wait() => server.remove(),
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
    let signalled = play(trial, |server, now| {
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
            && now.is_before("msgsnd")
        {
            late = true;
            server.answer(to, number);
        }
        Ok(())
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
        let mistake = play(trial, |server, now| {
            server.be_there()?;
            fails += usize::from(now.is_before(failing));
            calls += ["msgget", "msgsnd", "msgrcv"].iter().filter(|call| now.is_before(call)).count();
            Ok(if now.is_before(failing) { Choice::Fail(Errno::EINVAL) } else { Choice::Go })
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
                return Ok(());
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
            Ok(())
        })?;
        let held = played.end.exited(0) && played.is_in_order(N) && played.most_at_once == 1;
        let observed = if held { "all answered in order".into() } else { played.to_string() };
        Ok(vec![("answered-whenever-the-server-restarts", found(held, observed))])
    })
}

/// Returns whether this is the second moment at which `is_so` is true. `times` counts those moments.
fn is_second(is_so: bool, times: &mut u32) -> bool {
    *times += u32::from(is_so);
    is_so && *times == 2
}

/// Lets a new client make three requests.
fn play<C: Into<Choice>>(
    trial: &mut Trial,
    trouble: impl FnMut(&mut Server, Now) -> Result<C, Fault>,
) -> Result<Played, Fault> {
    trial.renew()?;
    serve(&mut trial.scheduler(), 3, trouble)
}

/// Lets the client run. `trouble` may act before each of its calls, and when it waits. While the client
/// waits, it is served.
fn serve<C: Into<Choice>>(
    scheduler: &mut Scheduler,
    n: u32,
    mut trouble: impl FnMut(&mut Server, Now) -> Result<C, Fault>,
) -> Result<Played, Fault> {
    let mut server = Server::with_key(KEY);
    let mut idle = 0;
    scheduler.with_at_most(CALLS).start(&[KEY_ARG, &n.to_string()])?;
    let ends = scheduler.play_as_peer(|now| {
        let generation = server.generation;
        let choice = trouble(&mut server, now)?.into();
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

//! A service that gives out tickets. The grader is its clients, and kills the server at each of its calls.

mod session;

use crate::finding::{Finding, found};
use crate::peer::{create_queue, take_messages};
use crate::sandbox::Fault;
use crate::scheduler::Choice;
use crate::trial::Trial;
use ipc_workbook::mqueue::{Mqd, mq_send};
use session::{CALLS, Session, Trouble, ready, send};
use std::ffi::{CStr, c_long};

/// The queues of client 7 and of client 8.
const SEVEN: &CStr = c"/lab-7";
const EIGHT: &CStr = c"/lab-8";
/// A server has made all its different calls after this many.
const KILLS: usize = 40;

pub(crate) fn grade(trial: &mut Trial) -> Result<(), Fault> {
    a_plain_session(trial)?;
    asked_again(trial)?;
    killed_at_each_call(trial)?;
    not_running(trial)?;
    a_client_is_dead(trial)?;
    a_client_is_gone(trial)?;
    bad_requests(trial)?;
    interrupted(trial)
}

fn a_plain_session(trial: &mut Trial) -> Result<(), Fault> {
    let (seven, eight) = begin(trial)?;
    let mut session = Session::new(trial, Trouble::None);
    let waits = session.start()?;
    let created = ready();
    for request in ["7 3", "8 3", "7 4"] {
        session.ask(request)?;
    }
    session.kill()?;
    let replies = (take_messages(&seven)?, take_messages(&eight)?);
    let seen = format!("client 7 gets {:?}, client 8 {:?}", replies.0, replies.1);
    trial.judge("each-request-gets-a-ticket", replies.0 == ["3 1", "4 3"] && replies.1 == ["3 2"], seen);
    let seen = match (waits, created) {
        (_, false) => "there is no queue /lab that takes a request".to_string(),
        (true, true) => "it waits".into(),
        (false, true) => format!("not at rest after {CALLS} calls"),
    };
    trial.judge("without-requests-it-sleeps", waits && created, seen);
    Ok(())
}

fn asked_again(trial: &mut Trial) -> Result<(), Fault> {
    let (seven, _eight) = begin(trial)?;
    let mut session = Session::new(trial, Trouble::None);
    session.start()?;
    for request in ["7 1", "7 1", "7 2"] {
        session.ask(request)?;
    }
    session.kill()?;
    let replies = take_messages(&seven)?;
    let same = replies == ["1 1", "1 1", "2 2"];
    trial.judge("the-same-request-gets-the-same-ticket", same, format!("the replies are {replies:?}"));
    Ok(())
}

/// Kills a server before its call number n, and the next one as well. The clients then ask the third one for
/// everything again.
fn killed_at_each_call(trial: &mut Trial) -> Result<(), Fault> {
    let mut kills = 0;
    let mut promises = Err("it makes no call before which it could be killed".to_string());
    for n in 0..KILLS {
        let (seven, eight) = begin(trial)?;
        let mut replies = Vec::new();
        let mut killed = None;
        for requests in [["7 1", "8 1"], ["8 1", "7 1"]] {
            let mut session = Session::new(trial, Trouble::At(n, Choice::Kill));
            session.start()?;
            for request in requests {
                session.ask(request)?;
                replies.extend(tickets(&seven, &eight)?);
            }
            session.kill()?;
            killed = killed.or(session.troubled.take());
        }
        let Some(call) = killed else { break };
        kills += 1;
        let mut session = Session::new(trial, Trouble::None);
        session.start()?;
        for request in ["7 2", "8 1", "7 1", "8 2"] {
            session.ask(request)?;
            replies.extend(tickets(&seven, &eight)?);
        }
        session.kill()?;
        promises = kept(&replies).map_err(|why| format!("killed before call {} ({call}): {why}", n + 1));
        if promises.is_err() {
            break;
        }
    }
    let promises = promises.map(|_| format!("killed before each of {kills} calls"));
    trial.judge_finding("killed-at-any-call-it-keeps-its-promises", &promises);
    Ok(())
}

/// Each of the four requests has one ticket, and no two have the same.
fn kept(replies: &[(String, String)]) -> Finding {
    let mut given: Vec<&(String, String)> = replies.iter().collect();
    given.sort();
    given.dedup();
    let mut tickets: Vec<&String> = given.iter().map(|(_, ticket)| ticket).collect();
    tickets.sort();
    tickets.dedup();
    let requests = ["7 1", "7 2", "8 1", "8 2"];
    let each_has_one = given.iter().map(|(request, _)| request.as_str()).eq(requests);
    found(each_has_one && tickets.len() == requests.len(), format!("request and ticket: {given:?}"))
}

fn not_running(trial: &mut Trial) -> Result<(), Fault> {
    let (seven, eight) = begin(trial)?;
    let mut session = Session::new(trial, Trouble::None);
    session.start()?;
    session.kill()?;
    let sent = ["7 1", "8 1", "7 2"].iter().filter(|request| send(request).is_ok()).count();
    let mut session = Session::new(trial, Trouble::None);
    session.start()?;
    session.kill()?;
    let replies = take_messages(&seven)?.len() + take_messages(&eight)?.len();
    let seen = format!("{sent} requests waited, {replies} replies");
    trial.judge("requests-that-wait-outlive-the-server", (sent, replies) == (3, 3), seen);
    Ok(())
}

fn a_client_is_dead(trial: &mut Trial) -> Result<(), Fault> {
    let (seven, _eight) = begin(trial)?;
    let full = create_queue(c"/lab-9", 1, 64)?;
    mq_send(&full, b"1 1", 0)?;
    let answered = asks_after(trial, "9 5", &seven)?;
    trial.judge_finding("a-dead-client-does-not-block-the-others", &answered);
    Ok(())
}

fn a_client_is_gone(trial: &mut Trial) -> Result<(), Fault> {
    let (seven, _eight) = begin(trial)?;
    let answered = asks_after(trial, "9 5", &seven)?;
    trial.judge_finding("a-client-without-a-queue-does-no-harm", &answered);
    Ok(())
}

/// Sends a request of client 9, and then one of client 7, which must get a reply.
fn asks_after(trial: &Trial, first: &str, seven: &Mqd) -> Result<Finding, Fault> {
    let mut session = Session::new(trial, Trouble::None);
    session.start()?;
    session.ask(first)?;
    session.ask("7 6")?;
    session.kill()?;
    let replies = take_messages(seven)?;
    let good = replies.len() == 1 && replies[0].starts_with("6 ");
    Ok(found(good, format!("the other client gets {replies:?}")))
}

fn bad_requests(trial: &mut Trial) -> Result<(), Fault> {
    let (seven, _eight) = begin(trial)?;
    let mut session = Session::new(trial, Trouble::None);
    session.start()?;
    let long = "7".repeat(64);
    for text in [
        "hello",
        "",
        "7",
        "7 ",
        " 7 1",
        "7 x",
        "7 1 1",
        "7 -1",
        "7\0 1",
        "7 1\0",
        "7 0",
        "7 9999999999",
        &long,
    ] {
        session.ask(text)?;
    }
    session.ask("7 5")?;
    session.kill()?;
    let replies = take_messages(&seven)?;
    trial.judge("a-bad-request-does-no-harm", replies == ["5 1"], format!("the replies are {replies:?}"));
    Ok(())
}

fn interrupted(trial: &mut Trial) -> Result<(), Fault> {
    let (seven, _eight) = begin(trial)?;
    let mut session = Session::new(trial, Trouble::Interrupt);
    session.start()?;
    session.ask("7 1")?;
    session.kill()?;
    let replies = take_messages(&seven)?;
    trial.judge("interrupted-it-goes-on", replies == ["1 1"], format!("after EINTR: {replies:?}"));
    Ok(())
}

/// Starts again from nothing, and creates the queues of the clients 7 and 8.
fn begin(trial: &mut Trial) -> Result<(Mqd, Mqd), Fault> {
    trial.renew()?;
    let room: c_long = 10;
    Ok((create_queue(SEVEN, room, 64)?, create_queue(EIGHT, room, 64)?))
}

/// Receives the replies to both clients, each with the request that it answers.
fn tickets(seven: &Mqd, eight: &Mqd) -> Result<Vec<(String, String)>, Fault> {
    let mut tickets = Vec::new();
    for (client, queue) in [(7, seven), (8, eight)] {
        for reply in take_messages(queue)? {
            let (id, ticket) = reply.split_once(' ').unwrap_or((&reply, ""));
            tickets.push((format!("{client} {id}"), ticket.to_string()));
        }
    }
    Ok(tickets)
}

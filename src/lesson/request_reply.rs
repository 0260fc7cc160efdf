//! A service with one request queue, and one reply queue for each client. mq_server,
//! mq_dead_client, mq_client and mq_restart_load use it.
//!
//! The server gives each id one ticket, whichever client sends it and however often. The name of a reply
//! queue is the name of the service, a hyphen, and the name of the client: `/mq_server-B`.

use super::journal::Journal;
use super::name::Name;
use super::request::{Request, read_reply};
use super::speak::Outcome;
use crate::call::Result as CallResult;
use crate::cli::Failure;
use crate::mqueue::{
    MqAttr, Mqd, mq_close, mq_open, mq_receive, mq_send, mq_timedreceive, mq_timedsend, mq_unlink,
};
use crate::observe::Kind;
use crate::signal::kill;
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_WRONLY, c_long};
use nix::errno::Errno::{EAGAIN, EEXIST, ENOENT, ESRCH};
use nix::sys::time::TimeSpec;

/// The size of the longest request or reply.
pub const SIZE: usize = 64;
const MSGSIZE: c_long = 64;
/// The steps of a server: it receives a request, does the work, opens the reply queue, sends, and closes.
pub const STEPS: u16 = 5;
/// So many requests can wait for a server; by default, Linux allows no more.
const REQUESTS: c_long = 10;
/// A client waits for one reply at a time. One more may come late.
const REPLIES: c_long = 2;

/// Returns the name of a client's reply queue.
pub fn reply_queue(service: &Name, client: &str) -> Outcome<Name> {
    service.with_ending(Kind::Queue, &format!("-{client}"))
}

// ANCHOR: server
/// A server. All that must outlive it is in two objects: its queue and its journal.
#[derive(Debug)]
pub struct Server<'a> {
    service: &'a Name,
    requests: Mqd,
    journal: Journal,
}

impl<'a> Server<'a> {
    /// Starts a server: creates both objects, or takes over those of a server that was killed. Unlike a
    /// server of chapter 22, it keeps the requests that wait: each of them can be answered by itself.
    pub fn start(service: &'a Name, records: usize) -> Outcome<Server<'a>> {
        let attr = MqAttr::new(REQUESTS, MSGSIZE);
        let requests = match mq_open(service, O_CREAT | O_EXCL | O_RDONLY, 0o600, Some(&attr)) {
            Err(EEXIST) => mq_open(service, O_RDONLY, 0, None)?,
            created => created?,
        };
        let server = Server { service, requests, journal: Journal::open(service, records)? };
        server.remove_queues_of_dead_clients()?;
        Ok(server)
    }

    /// Answers one request. `pause` is called between any two steps; mq_restart_load kills the server there.
    /// Returns what became of the reply.
    pub fn answer_one(&mut self, mut pause: impl FnMut() -> Outcome) -> Outcome<CallResult<()>> {
        let mut buffer = [0; SIZE];
        let (length, _) = mq_receive(&self.requests, &mut buffer)?;
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        let Some(request) = Request::parse(&text) else { return Ok(Ok(())) };
        pause()?;
        let ticket = self.journal.ticket_of(&request)?; // the work
        pause()?;
        let reply_queue = reply_queue(self.service, &request.client)?;
        // O_NONBLOCK: the client may be dead, and its queue full.
        let reply_queue = match mq_open(&reply_queue, O_WRONLY | O_NONBLOCK, 0, None) {
            Err(ENOENT) => return Ok(Err(ENOENT)), // it did not wait for the reply
            opened => opened?,
        };
        pause()?;
        let sent = mq_send(&reply_queue, format!("id {} ticket {ticket}", request.id).as_bytes(), 0);
        pause()?;
        mq_close(reply_queue)?;
        match sent {
            Err(EAGAIN) => self.remove_queues_of_dead_clients()?,
            sent => sent?,
        }
        Ok(sent)
    }

    /// Removes the reply queue of each client of the journal whose process no longer exists.
    fn remove_queues_of_dead_clients(&self) -> Outcome {
        for (client, pid) in self.journal.clients() {
            if kill(*pid, None) != Err(ESRCH) {
                continue;
            }
            match mq_unlink(&reply_queue(self.service, client)?) {
                Err(ENOENT) => {} // the client has done it itself
                removed => removed?,
            }
        }
        Ok(())
    }
}
// ANCHOR_END: server

impl Server<'_> {
    /// Returns the queue of the requests.
    #[must_use]
    pub fn requests(&self) -> &Mqd {
        &self.requests
    }
}

// ANCHOR: client
/// A client, with a queue of its own for the replies.
#[derive(Debug)]
pub struct Client {
    /// Its name.
    name: String,
    /// The descriptor through which it sends requests.
    pub requests: Mqd,
    /// The descriptor through which it receives replies.
    pub replies: Mqd,
    reply_queue: Name,
}

impl Client {
    /// Opens the queue of the service, and creates the client's own.
    pub fn connect(service: &Name, client: &str) -> Outcome<Client> {
        let requests = mq_open(service, O_WRONLY, 0, None).map_err(|errno| match errno {
            ENOENT => no_server(service),
            errno => Failure::from(errno),
        })?;
        let reply_queue = reply_queue(service, client)?;
        let attr = MqAttr::new(REPLIES, MSGSIZE);
        let create = || mq_open(&reply_queue, O_CREAT | O_EXCL | O_RDONLY, 0o600, Some(&attr));
        let replies = match create() {
            Err(EEXIST) => {
                mq_unlink(&reply_queue)?; // of a dead process that had the same name
                create()?
            }
            created => created?,
        };
        Ok(Client { name: client.into(), requests, replies, reply_queue })
    }

    /// Sends the request. A full queue means that no server takes requests.
    pub fn send(&self, id: &str, abs_timeout: &TimeSpec) -> CallResult<()> {
        let pid = nix::unistd::getpid().as_raw();
        let request = Request { client: self.name.clone(), pid, id: id.into() };
        mq_timedsend(&self.requests, request.text().as_bytes(), 0, abs_timeout)
    }

    /// Receives the reply to this request, and returns the ticket. A reply to an earlier request may come
    /// late; it is skipped.
    pub fn receive(&self, id: &str, abs_timeout: &TimeSpec) -> CallResult<u32> {
        loop {
            let mut buffer = [0; SIZE];
            let (length, _) = mq_timedreceive(&self.replies, &mut buffer, abs_timeout)?;
            let reply = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if let Some(("id", answered, ticket)) = read_reply(&reply)
                && answered == id
            {
                return Ok(ticket);
            }
        }
    }

    /// Removes the client's queue. A client that is killed cannot do this.
    pub fn disconnect(self) -> Outcome {
        mq_close(self.requests)?;
        mq_close(self.replies)?;
        Ok(mq_unlink(&self.reply_queue)?)
    }
}
// ANCHOR_END: client

/// Makes the failure for a service without a queue.
fn no_server(service: &Name) -> Failure {
    let name = service.to_string_lossy();
    Failure::Machine(format!("mq_open: ENOENT: there is no queue {name}; run mq_server --alone first"))
}

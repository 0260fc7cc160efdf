//! Eight clients and one server of `request_reply`, of which mq_restart_load kills one after another.

use super::name::Name;
use super::process::Process;
use super::request_reply::{Client, STEPS, Server, reply_queue};
use super::speak::{Lesson, Outcome};
use super::turn::Turn;
use crate::cli::Failure;
use crate::mman::{Mapping, mmap, shm_open};
use crate::mqueue::{Mqd, mq_close, mq_getattr, mq_open, mq_unlink};
use crate::number::signed;
use crate::unistd::close;
use libc::{MAP_SHARED, O_RDONLY, PROT_READ};
use nix::errno::Errno::{EAGAIN, ENOENT, ETIMEDOUT};
use nix::sys::time::TimeSpec;
use std::mem::replace;

/// How many clients there are.
pub const CLIENTS: u32 = 8;
/// A deadline in 1970: the processes take turns, so a reply is there or does not come.
const NO_WAIT: TimeSpec = TimeSpec::new(1, 0);

/// Where a process is killed.
#[derive(Clone, Copy, Debug)]
pub enum Killed {
    /// The server, before it makes this one of its five steps. Before step 1, eight requests wait.
    Server(u16),
    /// A client that has sent a request, after the server has made so many steps.
    Client(u16),
    /// A client that has received a reply, before it has noted the ticket; and then its successor, which has
    /// created its queue and has not sent anything.
    ClientAndSuccessor,
}

/// What the processes share: the service, and the tickets of the requests as the clients note them.
#[derive(Clone, Copy)]
pub struct Board<'a> {
    /// The lesson.
    pub lesson: &'a Lesson,
    /// The service.
    pub service: &'a Name,
    /// The clients make the requests 1 to this number.
    pub requests: u32,
    /// Four bytes for each request; 0 for none.
    pub tickets: &'a Mapping,
}

/// What happened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    /// How often a request was sent.
    pub sent: u32,
    /// How many processes were killed.
    pub kills: u32,
    /// How many requests were in the queue when a server was killed.
    pub waited: i64,
    /// How many queues of dead clients the last server has not removed.
    pub left: u32,
}

/// The server and the clients, as the lesson's process drives them.
pub struct Load<'a> {
    board: Board<'a>,
    queue: Mqd,
    server: Process,
    clients: Vec<Seat>,
    count: Count,
}

/// One of the clients, and its successors.
struct Seat {
    process: Process,
    /// How many processes this client has had.
    processes: u32,
    /// Its first request that has no ticket yet.
    next: u32,
}

impl<'a> Load<'a> {
    /// Starts the server and the clients.
    pub fn start(board: Board<'a>) -> Outcome<Self> {
        let mut server = board.server()?;
        server.turn()?;
        let queue = mq_open(board.service, O_RDONLY, 0, None)?;
        let mut clients = Vec::new();
        for number in 1..=CLIENTS {
            let mut process = board.client(number, 1)?;
            process.turn()?;
            clients.push(Seat { process, processes: 1, next: number });
        }
        Ok(Load { board, queue, server, clients, count: Count::default() })
    }

    // ANCHOR: kill
    /// Each client sends a request, the server answers all, and each client receives its reply.
    pub fn round(&mut self) -> Outcome {
        let asked = self.all_send()?;
        self.serve_and_receive(&asked)
    }

    /// Kills a process, or two, and starts their successors. `client` has sent a request then.
    pub fn kill(&mut self, killed: Killed, client: usize) -> Outcome {
        match killed {
            Killed::Server(1) => {
                let asked = self.all_send()?;
                self.restart_server()?;
                self.serve_and_receive(&asked)
            }
            Killed::Server(step) => {
                self.send(client)?;
                self.server.turns(step - 1)?;
                self.restart_server()?;
                self.clients[client].process.turn()
            }
            Killed::Client(steps) => {
                self.send(client)?;
                self.server.turns(steps)?;
                self.restart_client(client)?;
                self.server.turns(STEPS - steps)
            }
            Killed::ClientAndSuccessor => {
                self.send(client)?;
                self.server.turns(STEPS)?;
                self.clients[client].process.turn()?;
                self.restart_client(client)?;
                self.restart_client(client)
            }
        }
    }
    // ANCHOR_END: kill

    /// Returns whether all requests have tickets.
    fn is_done(&mut self) -> Outcome<bool> {
        for client in 0..self.clients.len() {
            if !self.has_tickets(client)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn all_send(&mut self) -> Outcome<Vec<usize>> {
        let mut asked = Vec::new();
        for client in 0..self.clients.len() {
            if self.send(client)? {
                asked.push(client);
            }
        }
        Ok(asked)
    }

    /// Lets a client note its last ticket and send its next request. Returns whether there is one.
    fn send(&mut self, client: usize) -> Outcome<bool> {
        if self.has_tickets(client)? {
            return Ok(false);
        }
        self.clients[client].process.turn()?;
        let sends = !self.has_tickets(client)?;
        self.count.sent += u32::from(sends);
        Ok(sends)
    }

    fn serve_and_receive(&mut self, asked: &[usize]) -> Outcome {
        match asked.len() {
            0 => {}
            1 => self.server.turns(STEPS)?,
            _ => self.server.turn()?,
        }
        asked.iter().try_for_each(|client| self.clients[*client].process.turn())
    }

    /// Returns whether a client has noted a ticket for each of its requests.
    fn has_tickets(&mut self, client: usize) -> Outcome<bool> {
        let seat = &mut self.clients[client];
        while seat.next <= self.board.requests && self.board.ticket(seat.next)? != 0 {
            seat.next += CLIENTS;
        }
        Ok(seat.next > self.board.requests)
    }

    fn restart_server(&mut self) -> Outcome {
        replace(&mut self.server, self.board.server()?).kill(self.board.lesson)?;
        self.count.kills += 1;
        self.count.waited += signed(mq_getattr(&self.queue)?.mq_curmsgs);
        self.server.turn()
    }

    fn restart_client(&mut self, client: usize) -> Outcome {
        let seat = &mut self.clients[client];
        seat.processes += 1;
        let number = u32::try_from(client + 1).unwrap_or(CLIENTS);
        let successor = self.board.client(number, seat.processes)?;
        replace(&mut seat.process, successor).kill(self.board.lesson)?;
        self.count.kills += 1;
        seat.process.turn()
    }

    /// Lets the clients make the requests that are left, and ends all processes. A last server starts when no
    /// client is left.
    pub fn finish(mut self) -> Outcome<Count> {
        // A request that gets no answer must not keep the lesson forever.
        for _ in 0..self.board.requests {
            if self.is_done()? {
                break;
            }
            self.round()?;
        }
        let all_done = self.is_done()?;
        let Load { board, queue, server, clients, mut count } = self;
        let mut dead = Vec::new();
        for (number, seat) in (1..).zip(clients) {
            dead.extend((1..seat.processes).map(|process| client_name(number, process)));
            if all_done { seat.process.finish()? } else { seat.process.kill(board.lesson)? }
        }
        server.kill(board.lesson)?;
        let mut last = board.server()?;
        last.turn()?;
        last.kill(board.lesson)?;
        mq_close(queue)?;
        for client in dead {
            match mq_unlink(&reply_queue(board.service, &client)?) {
                Err(ENOENT) => {}
                removed => {
                    removed?;
                    count.left += 1;
                }
            }
        }
        Ok(count)
    }
}

/// Returns the endings of the names of all reply queues. A client that is killed has a successor with another
/// queue. No client has more than four processes.
#[must_use]
pub fn endings_of_reply_queues() -> Vec<String> {
    let of = |client| (1..=4).map(move |process| format!("-{}", client_name(client, process)));
    (1..=CLIENTS).flat_map(of).collect()
}

/// Returns the name of a client's process: `3.1` for the first process of client 3.
fn client_name(number: u32, process: u32) -> String {
    format!("{number}.{process}")
}

/// Makes the failure for a reply queue that is full. A client waits for one reply at a time.
fn no_room() -> Failure {
    Failure::Contradicted(
        "mq_send fails with EAGAIN, although each reply queue has room for two replies".into(),
    )
}

impl Board<'_> {
    /// Returns each request, and the ticket that a client has noted for it. The object is mapped once more, so
    /// that the tickets are those that the kernel has, as a program would read them that starts now.
    pub fn all_tickets(self, object: &Name) -> Outcome<Vec<(u32, u32)>> {
        let fd = shm_open(object, O_RDONLY, 0)?;
        let mapped_now = mmap(None, self.tickets.len(), PROT_READ, MAP_SHARED, &fd, 0)?;
        close(fd)?;
        let board = Board { tickets: &mapped_now, ..self };
        (1..=self.requests).map(|request| Ok((request, board.ticket(request)?))).collect()
    }

    /// Returns the ticket that a client has noted for this request.
    fn ticket(self, request: u32) -> Outcome<u32> {
        let mut ticket = [0; 4];
        self.tickets.read(4 * request as usize, &mut ticket)?;
        Ok(u32::from_le_bytes(ticket))
    }

    fn server(self) -> Outcome<Process> {
        self.lesson.process("server", |turn| self.serve(turn))
    }

    fn client(self, number: u32, process: u32) -> Outcome<Process> {
        self.lesson.process(&format!("client {number}"), |turn| self.ask(turn, number, process))
    }

    // ANCHOR: processes
    /// The server. In each turn it answers all requests that wait. If only one waits, each step of the answer
    /// is a turn, so that the server can be killed between any two steps.
    fn serve(self, turn: &mut Turn) -> Outcome {
        let mut server = Server::start(self.service, self.requests as usize)?;
        loop {
            turn.finish()?;
            let waiting = mq_getattr(server.requests())?.mq_curmsgs;
            for _ in 0..waiting {
                match server.answer_one(|| if waiting == 1 { turn.finish() } else { Ok(()) })? {
                    Err(EAGAIN) => return Err(no_room()),
                    sent => sent?,
                }
            }
        }
    }

    /// A client. It makes every eighth request, and sends a request again in its next turn if no reply has
    /// come. A successor goes on with the first request for which no ticket is noted.
    fn ask(self, turn: &mut Turn, number: u32, process: u32) -> Outcome {
        let client = Client::connect(self.service, &client_name(number, process))?;
        turn.finish()?;
        for request in (number..=self.requests).step_by(CLIENTS as usize) {
            let id = request.to_string();
            while self.ticket(request)? == 0 {
                client.send(&id, &NO_WAIT)?;
                turn.finish()?;
                let ticket = client.receive(&id, &NO_WAIT);
                turn.finish()?;
                match ticket {
                    Err(ETIMEDOUT) => {}
                    ticket => self.tickets.write(4 * request as usize, &ticket?.to_le_bytes())?,
                }
            }
        }
        turn.finish()?;
        client.disconnect()
    }
    // ANCHOR_END: processes
}

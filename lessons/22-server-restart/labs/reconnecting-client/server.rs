//! The server of the client under test: it appears, answers, restarts and stays away as the grader wants.

use crate::peer::take_message;
use crate::sandbox::Fault;
use ipc_workbook::sysv::msg::*;
use nix::errno::Errno;
use std::ffi::c_long;

const REQUEST: c_long = 1;

/// The grader's server.
#[derive(Default)]
pub(super) struct Server {
    key: key_t,
    pub(super) msqid: Option<i32>,
    /// How many queues it has created.
    pub(super) generation: u32,
    pub(super) answers_twice: bool,
    /// The numbers of the requests that it has received, each with the generation.
    pub(super) taken: Vec<(u32, u32)>,
    /// The type and the number of each answer that it has sent.
    pub(super) answered: Vec<(c_long, u32)>,
    /// The largest number of requests in the queue at one time.
    pub(super) most_at_once: usize,
}

impl Server {
    pub(super) fn with_key(key: key_t) -> Self {
        Server { key, ..Server::default() }
    }

    pub(super) fn be_there(&mut self) -> Result<(), Fault> {
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

    pub(super) fn remove(&mut self) -> Result<(), Fault> {
        match self.msqid.take().map(|msqid| msgctl(msqid, IPC_RMID)) {
            None | Some(Ok(()) | Err(Errno::EINVAL)) => Ok(()),
            Some(Err(errno)) => Err(errno.into()),
        }
    }

    pub(super) fn restart(&mut self) -> Result<(), Fault> {
        self.remove()?;
        self.be_there()
    }

    pub(super) fn allow_bytes(&mut self, bytes: u64) {
        let Some(msqid) = self.msqid else { return };
        // An error means that the client removed the queue, which is its own fault.
        if let Ok(mut ds) = msgctl(msqid, IPC_STAT) {
            ds.msg_qbytes = bytes;
            let _ = msgctl(msqid, IPC_SET(&ds));
        }
    }

    /// Receives all requests. Returns the type of the answer and the number for each.
    pub(super) fn take(&mut self) -> Vec<(c_long, u32)> {
        let Some(msqid) = self.msqid else { return Vec::new() };
        let texts = std::iter::from_fn(|| take_message(msqid, REQUEST).ok());
        let requests: Vec<(c_long, u32)> = texts.map(|text| request(&text)).collect();
        self.most_at_once = self.most_at_once.max(requests.len());
        self.taken.extend(requests.iter().map(|(_, number)| (*number, self.generation)));
        requests
    }

    /// Receives all requests and answers them. Returns whether there were any.
    pub(super) fn serve(&mut self) -> bool {
        let requests = self.take();
        for (to, number) in &requests {
            for _ in 0..=usize::from(self.answers_twice) {
                self.answer(*to, *number);
            }
        }
        !requests.is_empty()
    }

    pub(super) fn answer(&mut self, to: c_long, number: u32) {
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

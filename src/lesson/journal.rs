//! The journal of a server: which requests it has done, in shared memory that outlives it.

use super::name::Name;
use super::request::Request;
use super::speak::Outcome;
use crate::cli::Failure;
use crate::mman::{Mapping, ftruncate, mmap, shm_open};
use crate::observe::Kind;
use crate::unistd::close;
use libc::{MAP_SHARED, O_CREAT, O_EXCL, O_RDWR, PROT_READ, PROT_WRITE, off_t};
use nix::errno::Errno::EEXIST;
use std::collections::{BTreeMap, BTreeSet};

/// A record is a byte with the length of a text, and the text of a request. A length of 0 is no record yet.
const RECORD: usize = 64;

// ANCHOR: journal
/// Record 1 is the request that got ticket 1, and so on.
#[derive(Debug)]
pub struct Journal {
    memory: Mapping,
    /// How many records there are.
    records: u32,
    /// The ticket of each id.
    tickets: BTreeMap<String, u32>,
    clients: BTreeSet<(String, i32)>,
}

impl Journal {
    /// Creates the journal, or reads the one that an earlier server has written.
    pub fn open(service: &Name, records: usize) -> Outcome<Journal> {
        let name = service.with_ending(Kind::SharedMemory, "")?;
        let fd = match shm_open(&name, O_CREAT | O_EXCL | O_RDWR, 0o600) {
            Err(EEXIST) => shm_open(&name, O_RDWR, 0)?,
            created => created?,
        };
        let length = RECORD * records;
        ftruncate(&fd, off_t::try_from(length).unwrap_or(off_t::MAX))?; // the earlier server may have come no further
        let memory = mmap(None, length, PROT_READ | PROT_WRITE, MAP_SHARED, &fd, 0)?;
        close(fd)?;
        let mut journal = Journal { memory, records: 0, tickets: BTreeMap::new(), clients: BTreeSet::new() };
        while let Some(request) = journal.read()? {
            journal.note(&request);
        }
        Ok(journal)
    }

    /// Does the work, unless it is done already: gives the request the next ticket.
    pub fn ticket_of(&mut self, request: &Request) -> Outcome<u32> {
        if let Some(ticket) = self.tickets.get(&request.id) {
            return Ok(*ticket);
        }
        let text = request.text();
        let start = self.next();
        let length = u8::try_from(text.len()).ok().filter(|length| usize::from(*length) < RECORD);
        let Some(length) = length.filter(|_| start < self.memory.len()) else {
            return Err(journal_is_full());
        };
        self.memory.write(start + 1, text.as_bytes())?;
        self.memory.write(start, &[length])?; // with this one byte the request is done, and known to be done
        self.note(request);
        Ok(self.records)
    }
    // ANCHOR_END: journal

    /// Returns where the next record begins.
    fn next(&self) -> usize {
        RECORD * self.records as usize
    }

    /// Reads the next record, if there is one.
    fn read(&self) -> Outcome<Option<Request>> {
        let mut record = [0; RECORD];
        if self.next() == self.memory.len() {
            return Ok(None);
        }
        self.memory.read(self.next(), &mut record)?;
        let length = usize::from(record[0]).min(RECORD - 1);
        Ok(Request::parse(&String::from_utf8_lossy(&record[1..=length])))
    }

    fn note(&mut self, request: &Request) {
        self.records += 1;
        self.tickets.insert(request.id.clone(), self.records);
        self.clients.insert((request.client.clone(), request.pid));
    }

    /// Returns how often the work was done.
    #[must_use]
    pub fn done(&self) -> u32 {
        self.records
    }

    /// Returns the ticket that the id has.
    #[must_use]
    pub fn ticket(&self, id: &str) -> Option<u32> {
        self.tickets.get(id).copied()
    }

    /// Returns the name and the process of each client.
    pub(super) fn clients(&self) -> impl Iterator<Item = &(String, i32)> {
        self.clients.iter()
    }
}

/// Makes the failure for a journal that has no room.
fn journal_is_full() -> Failure {
    Failure::Machine("the journal is full; end the server with Ctrl-C, and start it again".into())
}

//! A service that gives out tickets: PROGRAM /NAME

use ipc_workbook::call::Errno;
use ipc_workbook::mman::{Mapping, ftruncate, mmap, shm_open};
use ipc_workbook::mqueue::{MqAttr, mq_open, mq_receive, mq_send};
use libc::{MAP_SHARED, O_CREAT, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY, PROT_READ, PROT_WRITE};
use std::collections::HashMap;
use std::ffi::{CStr, CString};

/// The largest number of records, and the size of one: 8 bytes of which the last byte is written last.
const RECORDS: usize = 1024;
const SIZE: usize = 9;

/// The requests that have a ticket, in memory that outlives the server.
struct Journal {
    memory: Mapping,
    tickets: HashMap<[u8; 8], usize>,
}

impl Journal {
    fn open(name: &CStr) -> Result<Journal, Errno> {
        let fd = shm_open(name, O_CREAT | O_RDWR, 0o600)?;
        ftruncate(&fd, (RECORDS * SIZE) as i64)?;
        let memory = mmap(None, RECORDS * SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, &fd, 0)?;
        let mut tickets = HashMap::new();
        let mut record = [0; SIZE];
        for n in 0..RECORDS {
            memory.read(n * SIZE, &mut record)?;
            let [request @ .., 1] = record else { break };
            tickets.insert(request, n + 1);
        }
        Ok(Journal { memory, tickets })
    }

    fn ticket_of(&mut self, client: u32, id: u32) -> Result<usize, Errno> {
        let request = (u64::from(client) << 32 | u64::from(id)).to_le_bytes();
        if let Some(ticket) = self.tickets.get(&request) {
            return Ok(*ticket);
        }
        let n = self.tickets.len();
        self.memory.write(n * SIZE, &request)?;
        self.memory.write(n * SIZE + 8, &[1])?; // now the record is complete
        self.tickets.insert(request, n + 1);
        Ok(n + 1)
    }
}

fn number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|n| digits && (1..=999_999_999).contains(n))
}

fn request(text: &[u8]) -> Option<(u32, u32)> {
    let (client, id) = std::str::from_utf8(text).ok()?.split_once(' ')?;
    Some((number(client)?, number(id)?))
}

fn serve(service: &str) -> Result<(), Errno> {
    let name = CString::new(service).map_err(|_| Errno::EINVAL)?;
    let mut journal = Journal::open(&name)?;
    let requests = mq_open(&name, O_CREAT | O_RDONLY, 0o600, Some(&MqAttr::new(10, 64)))?;
    loop {
        let mut buffer = [0; 64];
        let length = match mq_receive(&requests, &mut buffer) {
            Err(Errno::EINTR) => continue,
            received => received?.0,
        };
        let Some((client, id)) = request(&buffer[..length]) else { continue };
        let ticket = journal.ticket_of(client, id)?;
        let reply_queue = CString::new(format!("{service}-{client}")).map_err(|_| Errno::EINVAL)?;
        // Without a queue, or without room in it, the reply is dropped: the client asks again.
        if let Ok(mq) = mq_open(&reply_queue, O_WRONLY | O_NONBLOCK, 0, None) {
            let _ = mq_send(&mq, format!("{id} {ticket}").as_bytes(), 0);
        }
    }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, service] = &args[..] else {
        eprintln!("use: {} /NAME", args[0]);
        std::process::exit(2);
    };
    if let Err(errno) = serve(service) {
        eprintln!("{errno}");
        std::process::exit(1);
    }
}

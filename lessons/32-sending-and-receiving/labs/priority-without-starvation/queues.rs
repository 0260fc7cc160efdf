//! The three queues of the program under test, as the grader uses them.

use crate::peer::create_queue;
use crate::sandbox::Fault;
use ipc_workbook::mqueue::{MqAttr, Mqd, mq_receive, mq_send, mq_setattr};
use nix::errno::Errno;

/// The three queues. No call of the grader waits.
pub(super) struct Queues {
    pub(super) urgent: Mqd,
    pub(super) bulk: Mqd,
    pub(super) out: Mqd,
}

impl Queues {
    pub(super) fn new() -> Result<Self, Fault> {
        let create = |name| -> Result<Mqd, Errno> {
            let queue = create_queue(name, 10, 64)?;
            mq_setattr(&queue, &MqAttr { mq_flags: libc::O_NONBLOCK.into(), ..MqAttr::default() })?;
            Ok(queue)
        };
        Ok(Queues { urgent: create(c"/urgent")?, bulk: create(c"/bulk")?, out: create(c"/out")? })
    }

    pub(super) fn fill(&self, urgent: u32, bulk: u32) -> Result<(), Errno> {
        (0..urgent).try_for_each(|_| mq_send(&self.urgent, b"u", 1))?;
        (0..bulk).try_for_each(|_| mq_send(&self.bulk, b"b", 1))
    }

    /// Sends the message that ends a queue to both.
    pub(super) fn end_both(&self) -> Result<(), Errno> {
        mq_send(&self.urgent, b"", 0)?;
        mq_send(&self.bulk, b"", 0)
    }

    /// Takes what has arrived: bytes and priorities.
    pub(super) fn arrived(&self) -> Result<Vec<(Vec<u8>, u32)>, Errno> {
        let mut arrived = Vec::new();
        let mut buffer = [0; 64];
        loop {
            match mq_receive(&self.out, &mut buffer) {
                Ok((length, priority)) => arrived.push((buffer[..length].to_vec(), priority)),
                Err(Errno::EAGAIN) => return Ok(arrived),
                Err(errno) => return Err(errno),
            }
        }
    }

    /// Takes what has arrived, as text without spaces.
    pub(super) fn letters(&self) -> Result<String, Errno> {
        Ok(self.arrived()?.iter().map(|(bytes, _)| String::from_utf8_lossy(bytes).into_owned()).collect())
    }
}

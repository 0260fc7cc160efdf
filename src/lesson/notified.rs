//! What a process does that is notified of messages by SIGUSR1: it registers, and drains the queue.

use crate::call::Result;
use crate::mqueue::{Mqd, mq_notify, mq_receive};
use crate::signal::{SigEvent, SigVal};
use nix::errno::Errno::EAGAIN;
use nix::sys::signal::Signal::SIGUSR1;

/// Asks for SIGUSR1.
pub fn register(mq: &Mqd) -> Result<()> {
    let event = SigEvent::Signal { sigev_signo: SIGUSR1 as i32, sigev_value: SigVal::new(0) };
    mq_notify(mq, Some(&event))
}

/// Receives into this buffer until the queue is empty, and returns the number of messages. The descriptor has
/// `O_NONBLOCK`.
pub fn drain(mq: &Mqd, buffer: &mut [u8]) -> Result<usize> {
    let mut number = 0;
    loop {
        match mq_receive(mq, buffer) {
            Ok(_) => number += 1,
            Err(EAGAIN) => return Ok(number),
            Err(errno) => return Err(errno),
        }
    }
}

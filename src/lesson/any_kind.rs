//! Calls that work for each kind of POSIX object, for lessons that do the same thing with all three kinds.

use super::name::Name;
use crate::call::Result;
use crate::mman::{Mapping, ftruncate, mmap, munmap, shm_open, shm_unlink};
use crate::mqueue::{MqAttr, Mqd, mq_close, mq_open, mq_unlink};
use crate::observe::{Kind, Observe, Snapshot, Unseen};
use crate::semaphore::{Sem, sem_close, sem_open, sem_unlink};
use crate::unistd::close;
use libc::{MAP_SHARED, O_CREAT, O_RDWR, PROT_READ, PROT_WRITE};
use std::ffi::CStr;

/// An open POSIX object, as one process has it.
#[derive(Debug)]
pub enum Hold {
    /// The queue's descriptor.
    Queue(Mqd),
    /// The semaphore's address.
    Semaphore(Sem),
    /// A mapping. Its descriptor is closed already.
    SharedMemory(Mapping),
}

impl Hold {
    /// Opens the object. With `O_CREAT` in `oflag`, creates it if it does not exist.
    pub fn open(name: &Name, oflag: i32) -> Result<Hold> {
        Ok(match name.kind() {
            Kind::Queue => Hold::Queue(mq_open(name, oflag, 0o600, Some(&MqAttr::new(4, 64)))?),
            Kind::Semaphore => Hold::Semaphore(sem_open(name, oflag, 0o600, 1)?),
            Kind::SharedMemory => {
                let fd = shm_open(name, oflag, 0o600)?;
                if oflag & O_CREAT != 0 {
                    ftruncate(&fd, 4096)?;
                }
                let memory = mmap(None, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, &fd, 0)?;
                close(fd)?; // the mapping does not need the descriptor
                Hold::SharedMemory(memory)
            }
        })
    }

    /// Closes or unmaps the object, with the call for its kind.
    pub fn close(self) -> Result<()> {
        match self {
            Hold::Queue(mq) => mq_close(mq),
            Hold::Semaphore(sem) => sem_close(sem),
            Hold::SharedMemory(memory) => munmap(memory),
        }
    }
}

impl Observe for Hold {
    fn snapshot(&self) -> std::result::Result<Snapshot, Unseen> {
        match self {
            Hold::Queue(mq) => mq.snapshot(),
            Hold::Semaphore(sem) => sem.snapshot(),
            Hold::SharedMemory(memory) => memory.snapshot(),
        }
    }
}

/// Opens or creates an object with the call for its kind. Dropping the result closes it.
pub fn open(kind: Kind, name: &CStr, oflag: i32) -> Result<Box<dyn Observe>> {
    Ok(match kind {
        Kind::Queue => Box::new(mq_open(name, oflag, 0o600, Some(&MqAttr::new(2, 64)))?),
        Kind::Semaphore => Box::new(sem_open(name, oflag & !O_RDWR, 0o600, 0)?),
        Kind::SharedMemory => Box::new(shm_open(name, oflag, 0o600)?),
    })
}

/// Removes the name, with the call for its kind.
pub fn unlink(name: &Name) -> Result<()> {
    match name.kind() {
        Kind::Queue => mq_unlink(name),
        Kind::Semaphore => sem_unlink(name),
        Kind::SharedMemory => shm_unlink(name),
    }
}

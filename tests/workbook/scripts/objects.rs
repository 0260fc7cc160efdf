//! Real objects that the scripts must find.

use ipc_workbook::mman::{Mapping, ftruncate, mmap, shm_open};
use ipc_workbook::mqueue::{MqAttr, Mqd, mq_open};
use ipc_workbook::semaphore::{Sem, sem_open};
use ipc_workbook::sysv::ipc::IPC_PRIVATE;
use ipc_workbook::sysv::msg::{msgget, msgsnd};
use ipc_workbook::sysv::sem::{Sembuf, semget, semop};
use ipc_workbook::sysv::shm::shmget;
use ipc_workbook_testing::child::in_child;
use libc::{IPC_CREAT, O_CREAT, O_EXCL, O_RDWR};
use std::ffi::CString;
use std::os::fd::OwnedFd;

const NEW: i32 = O_CREAT | O_EXCL | O_RDWR;

fn c(bytes: impl AsRef<[u8]>) -> CString {
    CString::new(bytes.as_ref()).expect("no NUL")
}

/// Creates 4096 bytes of shared memory. The descriptor in the result keeps it open.
pub(super) fn shm(name: impl AsRef<[u8]>) -> OwnedFd {
    let fd = shm_open(&c(name), NEW, 0o600).expect("shm_open");
    ftruncate(&fd, 4096).expect("ftruncate");
    fd
}

/// Maps shared memory.
pub(super) fn map(fd: &OwnedFd) -> Mapping {
    mmap(None, 4096, libc::PROT_READ, libc::MAP_SHARED, fd, 0).expect("mmap")
}

/// Creates a queue. The descriptor in the result keeps it open.
pub(super) fn queue(name: impl AsRef<[u8]>) -> Mqd {
    mq_open(&c(name), NEW, 0o600, Some(&MqAttr::new(2, 16))).expect("mq_open")
}

/// Creates a semaphore with this value. The result keeps it open.
pub(super) fn semaphore(name: impl AsRef<[u8]>, value: u32) -> Sem {
    sem_open(&c(name), NEW, 0o600, value).expect("sem_open")
}

/// Creates a System V queue.
pub(super) fn sv_queue() -> i32 {
    msgget(IPC_PRIVATE, 0o600).expect("msgget")
}

/// Creates a set of `n` semaphores.
pub(super) fn sv_set(n: i32) -> i32 {
    semget(IPC_PRIVATE, n, 0o600).expect("semget")
}

/// Creates a segment of 4096 bytes with the key [`KEY`]. Its creator, whose pid the kernel records, has
/// exited.
pub(super) fn sv_memory() -> i32 {
    let get = || shmget(KEY, 4096, IPC_CREAT | 0o600);
    in_child(get).expect("shmget");
    get().expect("shmget")
}

pub(super) const KEY: i32 = 0x0011_2233;

/// Sends a message of four bytes.
pub(super) fn send(queue: i32) -> nix::Result<()> {
    msgsnd(queue, 1, b"hi!\0", 0)
}

/// Adds 3 to the first semaphore of the set.
pub(super) fn increment(set: i32) -> nix::Result<()> {
    semop(set, &[Sembuf::new(0, 3, 0)])
}

/// Creates an object of each kind, held by nobody, and returns the three System V identifiers.
pub(super) fn six_orphans() -> [i32; 3] {
    drop((shm("/memory"), semaphore("/semaphore", 259), queue("/queue")));
    let ids = [sv_queue(), sv_set(1), sv_memory()];
    in_child(|| send(ids[0]).and_then(|()| increment(ids[1]))).expect("used");
    ids
}

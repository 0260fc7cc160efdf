//! POSIX or System V? Asks the kernel: PROGRAM COUNT SIZE BYTES

use ipc_workbook::mman::{shm_open, shm_unlink};
use ipc_workbook::mqueue::*;
use ipc_workbook::sysv::{msg::*, shm::*};
use libc::{O_CREAT, O_EXCL, O_NONBLOCK, O_RDWR};
use nix::errno::Errno;
use std::ffi::CStr;
use std::os::fd::AsRawFd;

const NAME: &CStr = c"/posix_or_system_v";
const KEY: key_t = 0x706f_7376;

type Result<T> = std::result::Result<T, Errno>;

fn new_queue(count: usize, size: usize) -> Result<Mqd> {
    let attr = MqAttr::new(count as i64, size as i64);
    mq_open(NAME, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&attr))
}

fn new_system_v_queue() -> Result<i32> {
    msgget(KEY, IPC_CREAT | IPC_EXCL | 0o600)
}

fn posix_queue(count: usize, size: usize) -> Result<()> {
    let mq = new_queue(count, size)?;
    let sent = (0..count).try_for_each(|_| mq_send(&mq, &vec![0; size], 0));
    mq_unlink(NAME)?;
    sent
}

fn system_v_queue(count: usize, size: usize) -> Result<()> {
    let msqid = new_system_v_queue()?;
    let sent = (0..count).try_for_each(|_| msgsnd(msqid, 1, &vec![0; size], IPC_NOWAIT));
    msgctl(msqid, IPC_RMID)?;
    sent
}

/// `ftruncate` would only promise the pages.
fn posix_memory(bytes: usize) -> Result<()> {
    let file = shm_open(NAME, O_CREAT | O_EXCL | O_RDWR, 0o600)?;
    let errno = unsafe { libc::posix_fallocate(file.as_raw_fd(), 0, bytes as i64) };
    shm_unlink(NAME)?;
    if errno == 0 { Ok(()) } else { Err(Errno::from_raw(errno)) }
}

fn system_v_memory(bytes: usize) -> Result<()> {
    let shmid = shmget(KEY, bytes, IPC_CREAT | IPC_EXCL | 0o600)?;
    let written = shmat(shmid, None, 0).and_then(|memory| memory.write(0, &vec![1; bytes]));
    shmctl(shmid, IPC_RMID)?;
    written
}

/// Sends to the old queue, when the new one is there.
fn send_to_the_old_posix_queue() -> Result<()> {
    let old = new_queue(1, 1)?;
    mq_unlink(NAME)?;
    let _new = new_queue(1, 1)?;
    let sent = mq_send(&old, b"?", 0);
    mq_unlink(NAME)?;
    sent
}

fn send_to_the_old_system_v_queue() -> Result<()> {
    let old = new_system_v_queue()?;
    msgctl(old, IPC_RMID)?;
    let new = new_system_v_queue()?;
    let sent = msgsnd(old, 1, b"?", IPC_NOWAIT);
    msgctl(new, IPC_RMID)?;
    sent
}

fn say(question: &str, verdict: bool) -> bool {
    println!("{question} {}", if verdict { "yes" } else { "no" });
    verdict
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let numbers: Vec<usize> = args[1..].iter().filter_map(|number| number.parse().ok()).collect();
    let [count, size, bytes] = numbers[..] else {
        eprintln!("use: {} COUNT SIZE BYTES", args[0]);
        std::process::exit(2);
    };
    let mut posix = say("queue posix", posix_queue(count, size).is_ok());
    let mut system_v = say("queue system-v", system_v_queue(count, size).is_ok());
    posix &= say("memory posix", posix_memory(bytes).is_ok());
    system_v &= say("memory system-v", system_v_memory(bytes).is_ok());
    let posix_tells = say("told posix", send_to_the_old_posix_queue().is_err());
    let told = matches!(send_to_the_old_system_v_queue(), Err(Errno::EINVAL | Errno::EIDRM));
    let system_v_tells = say("told system-v", told);
    let take = match (posix, system_v) {
        (true, true) if posix_tells && !system_v_tells => "posix",
        (_, true) => "system-v",
        (true, false) => "posix",
        (false, false) => "neither",
    };
    println!("take {take}");
}

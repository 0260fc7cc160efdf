//! Does one round for each line of standard input, and leaves nothing open: PROGRAM /NAME

use ipc_workbook::call::Errno;
use ipc_workbook::mman::{mmap, shm_open};
use ipc_workbook::mqueue::{mq_open, mq_receive};
use ipc_workbook::semaphore::{sem_open, sem_post};
use libc::{MAP_SHARED, O_RDONLY, O_RDWR, PROT_READ, PROT_WRITE};
use std::ffi::{CStr, CString};

const SIZE: usize = 4096;

/// Each handle closes itself when it goes out of scope: at the end, and at each `?`.
fn one_round(name: &CStr) -> Result<(), Errno> {
    let mq = mq_open(name, O_RDONLY, 0, None)?;
    let sem = sem_open(name, 0, 0, 0)?;
    let fd = shm_open(name, O_RDWR, 0)?;
    let memory = mmap(None, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, &fd, 0)?;

    let mut message = [0; 65];
    let (n, _) = mq_receive(&mq, &mut message[..64])?;
    message[n] = 0;
    memory.write(0, &message[..=n])?;
    sem_post(&sem)
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, name] = &args[..] else {
        eprintln!("use: {} /NAME", args[0]);
        std::process::exit(2);
    };
    let name = CString::new(name.as_str()).expect("no NUL");
    for _line in std::io::stdin().lines() {
        if let Err(errno) = one_round(&name) {
            eprintln!("skipped: {errno}");
        }
    }
}

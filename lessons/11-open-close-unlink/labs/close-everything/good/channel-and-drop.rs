//! Rust: a thread receives the rounds from a channel, and each handle closes itself when it is dropped.

use ipc_workbook::mman::{mmap, shm_open};
use ipc_workbook::mqueue::{mq_open, mq_receive};
use ipc_workbook::semaphore::{sem_open, sem_post};
use libc::{MAP_SHARED, O_RDONLY, O_RDWR, PROT_READ, PROT_WRITE};
use std::error::Error;
use std::ffi::{CStr, CString};
use std::sync::mpsc::channel;

fn one_round(name: &CStr) -> Result<(), Box<dyn Error>> {
    let queue = mq_open(name, O_RDONLY, 0, None)?;
    let semaphore = sem_open(name, 0, 0, 0)?;
    let memory = mmap(None, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, &shm_open(name, O_RDWR, 0)?, 0)?;
    let mut message = [0; 65];
    let (n, _) = mq_receive(&queue, &mut message[..64])?;
    message[n] = 0;
    memory.write(0, &message[..=n])?;
    sem_post(&semaphore)?;
    Ok(())
}

fn main() {
    let name = CString::new(std::env::args().nth(1).expect("a name")).expect("no NUL");
    let (lines, rounds) = channel::<()>();
    let (done, ends) = channel();
    let worker = std::thread::spawn(move || {
        for () in rounds {
            let end = one_round(&name).map_err(|error| error.to_string());
            done.send(end).expect("somebody waits for it");
        }
    });
    for _line in std::io::stdin().lines() {
        lines.send(()).expect("somebody works");
        if let Err(why) = ends.recv().expect("an end of the round") {
            eprintln!("skipped: {why}");
        }
    }
    drop(lines);
    worker.join().expect("the worker ends");
}

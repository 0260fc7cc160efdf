//! A client that reconnects: PROGRAM KEY N

use ipc_workbook::sysv::msg::*;
use nix::errno::Errno;
use std::process::exit;
use std::time::Duration;

/// Waits for a queue under the key, but not for ever.
fn find(key: key_t) -> i32 {
    for _ in 0..100 {
        match msgget(key, 0) {
            Ok(msqid) => return msqid,
            Err(Errno::ENOENT) => std::thread::sleep(Duration::from_millis(20)),
            Err(errno) => {
                eprintln!("msgget: {errno}");
                exit(1);
            }
        }
    }
    eprintln!("there is no queue with the key {key:#x}");
    exit(3)
}

/// A call has failed. If the queue is another one now, that was the reason; else the mistake is ours.
fn reconnect(key: key_t, msqid: i32, errno: Errno) -> i32 {
    if let Errno::EINVAL | Errno::EIDRM = errno {
        let new = find(key);
        if new != msqid {
            return new;
        }
    }
    eprintln!("the queue is there, and yet: {errno}");
    exit(1)
}

fn uninterrupted<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Errno::EINTR) => {}
            other => return other,
        }
    }
}

/// Sends the request, and waits for its answer; an older one is of no interest.
fn ask(msqid: i32, number: u32) -> Result<(), Errno> {
    let pid = std::process::id();
    let request = format!("{pid} {number}");
    uninterrupted(|| msgsnd(msqid, 1, request.as_bytes(), 0))?;
    loop {
        let mut text = [0; 64];
        let (length, _) = uninterrupted(|| msgrcv(msqid, &mut text, pid.into(), MSG_NOERROR))?;
        if text[..length] == *number.to_string().as_bytes() {
            return Ok(());
        }
    }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, key, n] = &args[..] else {
        eprintln!("use: {} KEY N", args[0]);
        exit(2);
    };
    let key = key_t::from_str_radix(key.trim_start_matches("0x"), 16).expect("a key in hexadecimal");
    let mut msqid = find(key);
    for number in 1..=n.parse().expect("a number") {
        while let Err(errno) = ask(msqid, number) {
            msqid = reconnect(key, msqid, errno);
        }
    }
}

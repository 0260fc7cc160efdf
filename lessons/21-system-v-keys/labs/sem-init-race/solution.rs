//! Sells one of SEATS seats, which a semaphore counts; the first program sets its value: PROGRAM KEY SEATS

use ipc_workbook::sysv::sem::{IPC_CREAT, IPC_NOWAIT, Sembuf, semget, semop};
use nix::errno::Errno;

/// The two semaphores of the set.
const SEATS: u16 = 0;
const OPEN: u16 = 1;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, key, seats] = &args[..] else {
        eprintln!("use: {} KEY SEATS", args[0]);
        std::process::exit(2);
    };
    let key = key.parse().expect("a key");
    let seats = seats.parse().expect("a number of seats");
    // It does not matter which process has created the set, or whether that process was killed.
    let semid = semget(key, 2, IPC_CREAT | 0o600).expect("semget");
    // All three or none: only the process that finds OPEN at 0 adds the seats, and no other finds it at 0.
    let open = [Sembuf::new(OPEN, 0, IPC_NOWAIT), Sembuf::new(OPEN, 1, 0), Sembuf::new(SEATS, seats, 0)];
    match semop(semid, &open) {
        Ok(()) | Err(Errno::EAGAIN) => {}
        Err(errno) => panic!("semop: {errno}"),
    }
    let sold = semop(semid, &[Sembuf::new(SEATS, -1, IPC_NOWAIT)]).is_ok();
    std::process::exit(i32::from(!sold));
}

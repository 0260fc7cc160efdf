//! A critical section whose holder may be killed: PROGRAM KEY N

use ipc_workbook::sysv::sem::*;
use nix::errno::Errno;

const SECTION: u16 = 0;
const COUNT: u16 = 1;

/// SEM_UNDO undoes this operation when the process ends, in whatever way.
const TAKE: [Sembuf; 1] = [Sembuf::new(SECTION, -1, SEM_UNDO)];
/// Giving back with the same flag balances it. The count must stay, so the operation on it has no such flag.
const GIVE: [Sembuf; 2] = [Sembuf::new(SECTION, 1, SEM_UNDO), Sembuf::new(COUNT, 1, 0)];

fn work(key: key_t, n: u32) -> Result<(), Errno> {
    let semid = semget(key, 0, 0)?;
    for _ in 0..n {
        while let Err(errno) = semop(semid, &TAKE) {
            if errno != Errno::EINTR {
                return Err(errno);
            }
        }
        std::thread::yield_now();
        semop(semid, &GIVE)?;
    }
    Ok(())
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, key, n] = &args[..] else {
        eprintln!("use: {} KEY N", args[0]);
        std::process::exit(2);
    };
    let key = key_t::from_str_radix(key.trim_start_matches("0x"), 16).expect("a key in hexadecimal");
    if let Err(errno) = work(key, n.parse().expect("a number")) {
        eprintln!("{errno}");
        let gone = [Errno::ENOENT, Errno::EIDRM, Errno::EINVAL].contains(&errno);
        std::process::exit(if gone { 3 } else { 1 });
    }
}

//! Two numbers in shared memory, and their companion semaphore: PROGRAM SHMKEY SEMKEY N

use ipc_workbook::sysv::{sem::*, shm::*};
use nix::errno::Errno;

const FREE: u16 = 0;
const READY: u16 = 1;

/// Whoever comes makes the set ready; of all attempts the first one counts. Killed before, it
/// has done nothing; killed after, all of it.
fn find_set(key: key_t) -> Result<i32, Errno> {
    let semid = semget(key, 2, IPC_CREAT | 0o600)?;
    let ready = [Sembuf::new(READY, 0, IPC_NOWAIT), Sembuf::new(READY, 1, 0), Sembuf::new(FREE, 1, 0)];
    match semop(semid, &ready) {
        Ok(()) | Err(Errno::EAGAIN) => Ok(semid),
        Err(errno) => Err(errno),
    }
}

fn take(semid: i32) -> Result<(), Errno> {
    loop {
        match semop(semid, &[Sembuf::new(FREE, -1, SEM_UNDO)]) {
            Err(Errno::EINTR) => {}
            taken => return taken,
        }
    }
}

fn give(semid: i32) -> Result<(), Errno> {
    semop(semid, &[Sembuf::new(FREE, 1, SEM_UNDO)])
}

fn get(memory: &Attached, offset: usize) -> Result<u64, Errno> {
    let mut bytes = [0; 8];
    memory.read(offset, &mut bytes)?;
    Ok(u64::from_ne_bytes(bytes))
}

fn update(memory: &Attached) -> Result<(), Errno> {
    let count = get(memory, 0)?;
    // Whoever was killed in here has made one half.
    memory.write(8, &(count * (count + 1) / 2).to_ne_bytes())?;
    memory.write(0, &(count + 1).to_ne_bytes())?;
    std::thread::yield_now();
    memory.write(8, &(get(memory, 8)? + get(memory, 0)?).to_ne_bytes())
}

fn work(shm_key: key_t, sem_key: key_t, n: u32) -> Result<(), Errno> {
    let semid = find_set(sem_key)?;
    take(semid)?;
    // In here nobody removes the segment.
    let shmid = shmget(shm_key, 16, IPC_CREAT | 0o600)?;
    if n == 0 {
        shmctl(shmid, IPC_RMID)?;
        return semctl(semid, 0, IPC_RMID); // last: it keeps everybody out
    }
    let memory = shmat(shmid, None, 0)?;
    for i in 0..n {
        if i > 0 {
            take(semid)?;
        }
        update(&memory)?;
        give(semid)?;
    }
    Ok(())
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let [_, shm_key, sem_key, n] = &args[..] else {
        eprintln!("use: {} SHMKEY SEMKEY N", args[0]);
        std::process::exit(2);
    };
    let [shm_key, sem_key] = [shm_key, sem_key]
        .map(|key| key_t::from_str_radix(key.trim_start_matches("0x"), 16).expect("a key in hexadecimal"));
    if let Err(errno) = work(shm_key, sem_key, n.parse().expect("a number")) {
        eprintln!("{errno}");
        std::process::exit(if [Errno::EIDRM, Errno::EINVAL].contains(&errno) { 3 } else { 1 });
    }
}

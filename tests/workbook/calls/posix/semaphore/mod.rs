//! `<semaphore.h>`.

mod listener;
mod open;
mod value;

use super::*;
use ipc_workbook::semaphore::*;
use std::ffi::CStr;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const S: &CStr = c"/s";
const FILE: &str = "/dev/shm/sem.s";
const FUTEX: &[c_long] = &[libc::SYS_futex];
const SEM_VALUE_MAX: u32 = 2_147_483_647;

/// Creates a semaphore.
fn semaphore(value: u32) -> Sem {
    sem_open(S, O_CREAT | O_EXCL, 0o600, value).expect("sem_open")
}

fn unlink() {
    sem_unlink(S).expect("sem_unlink");
}

/// Returns the value in the semaphore's file. Where `sem_t` has 64 bits of data, glibc stores the value
/// in the lower half and the number of waiters in the upper half.
fn value_in(file: &str) -> u64 {
    let bytes = std::fs::read(file).expect("the semaphore's file");
    u64::from_ne_bytes(bytes[..8].try_into().expect("eight bytes")) & 0xffff_ffff
}

fn value() -> u64 {
    value_in(FILE)
}

//! `<sys/sem.h>`: semaphore sets.

mod control;
mod get;
mod listener;
mod operate;

use super::*;
use ipc_workbook::call::Errno::*;
use ipc_workbook::sysv::sem::*;
use std::ffi::c_ushort;

/// glibc implements `semop` with `semtimedop` where the kernel has it.
const OPERATING: &[c_long] = &[libc::SYS_semop, libc::SYS_semtimedop];

/// Creates a set with the key [`KEY`].
fn set(nsems: c_int, mode: c_int) -> c_int {
    semget(KEY, nsems, IPC_CREAT | IPC_EXCL | mode).expect("semget")
}

/// Creates a set with these values.
fn set_of<const N: usize>(values: [c_ushort; N]) -> c_int {
    let semid = set(c_int::try_from(N).expect("a small number"), 0o600);
    semctl(semid, 0, SETALL(&values)).expect("SETALL");
    semid
}

fn values(semid: c_int) -> Vec<c_ushort> {
    semctl(semid, 0, GETALL).expect("GETALL")
}

fn set_mode(semid: c_int, mode: u32) {
    let mut ds = semctl(semid, 0, IPC_STAT).expect("IPC_STAT");
    ds.sem_perm.mode = mode;
    semctl(semid, 0, IPC_SET(&ds)).expect("IPC_SET");
}

fn remove(semid: c_int) {
    semctl(semid, 0, IPC_RMID).expect("IPC_RMID");
}

/// Makes one operation.
fn op(semid: c_int, sem_num: c_ushort, sem_op: i16, sem_flg: c_int) -> Result<()> {
    semop(semid, &[Sembuf::new(sem_num, sem_op, sem_flg)])
}

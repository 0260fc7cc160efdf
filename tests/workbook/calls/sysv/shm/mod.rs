//! `<sys/shm.h>`: segments, and attached memory.

mod attach;
mod control;
mod get;
mod listener;

use super::*;
use ipc_workbook::call::Errno::*;
use ipc_workbook::sysv::shm::*;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::Signal;
use nix::sys::wait::WaitStatus;
use std::num::NonZeroUsize;

/// Creates a segment with the key [`KEY`].
fn segment(size: usize, mode: c_int) -> c_int {
    shmget(KEY, size, IPC_CREAT | IPC_EXCL | mode).expect("shmget")
}

fn attach(shmid: c_int) -> Attached {
    shmat(shmid, None, 0).expect("shmat")
}

fn attached(shmid: c_int) -> i64 {
    shown("shm", shmid, "nattch")
}

fn set_mode(shmid: c_int, mode: u32) {
    let mut ds = shmctl(shmid, IPC_STAT).expect("IPC_STAT");
    ds.shm_perm.mode = mode;
    shmctl(shmid, IPC_SET(&ds)).expect("IPC_SET");
}

fn remove(shmid: c_int) {
    shmctl(shmid, IPC_RMID).expect("IPC_RMID");
}

/// Returns an address at which the segment was attached a moment ago, and which is free now.
fn free_address(shmid: c_int) -> usize {
    attach(shmid).address()
}

fn at(address: usize) -> Option<NonZeroUsize> {
    NonZeroUsize::new(address)
}

fn page() -> usize {
    // SAFETY: the call only returns a number.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).expect("a size")
}

/// Returns whether the kernel supports huge pages. Says so if it does not.
fn huge_pages() -> bool {
    let has = std::fs::exists("/proc/sys/vm/nr_hugepages").unwrap_or(false);
    if !has {
        skip("this kernel has no huge pages");
    }
    has
}

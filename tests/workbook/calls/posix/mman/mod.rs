//! `<sys/mman.h>`, and `ftruncate`.

mod listener;
mod mapping;
mod object;

use super::*;
use ipc_workbook::mman::*;
use libc::{MAP_FIXED, MAP_PRIVATE, MAP_SHARED, O_RDONLY, O_TRUNC, O_WRONLY, PROT_READ, PROT_WRITE};
use nix::fcntl::SealFlag;
use nix::mount::MsFlags;
use nix::sys::stat::fstat;
use nix::sys::wait::WaitStatus;
use std::ffi::CStr;
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const M: &CStr = c"/m";
const FILE: &str = "/dev/shm/m";
const PAGE: usize = 4096;

/// Creates an object of one page.
fn object() -> OwnedFd {
    let fd = shm_open(M, O_CREAT | O_EXCL | O_RDWR, 0o600).expect("shm_open");
    ftruncate(&fd, 4096).expect("ftruncate");
    fd
}

fn unlink() {
    shm_unlink(M).expect("shm_unlink");
}

fn size(fd: &OwnedFd) -> i64 {
    fstat(fd).expect("fstat").st_size
}

fn map(fd: &OwnedFd) -> Mapping {
    mmap(None, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0).expect("mmap")
}

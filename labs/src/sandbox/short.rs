//! Survives mappings of objects that a submission has truncated.
//!
//! A grader maps objects, such as a semaphore, and the program may truncate them. The kernel then sends
//! SIGBUS to a process that touches the mapping. A check beforehand would not help: the program may truncate
//! the object just after it.

use nix::errno::Errno;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use std::ffi::c_void;

/// Installs a handler, so that the missing part of a truncated object reads as zeros in this process.
#[allow(unsafe_code)]
pub(crate) fn survive_short_mappings() -> Result<(), Errno> {
    let action = SigAction::new(SigHandler::SigAction(fill_in), SaFlags::SA_SIGINFO, SigSet::empty());
    // SAFETY: the handler makes one system call.
    unsafe { sigaction(Signal::SIGBUS, &action) }.map(drop)
}

/// Maps a page of zeros where one is missing. The kernel then repeats the access.
#[allow(unsafe_code)]
extern "C" fn fill_in(_: libc::c_int, info: *mut libc::siginfo_t, _: *mut c_void) {
    // SAFETY: the kernel passes an address inside a mapping whose page has no memory, so no data can be lost
    // there.
    unsafe {
        let size = usize::try_from(libc::sysconf(libc::_SC_PAGESIZE)).unwrap_or(4096);
        let page = (*info).si_addr().map_addr(|address| address & !(size - 1));
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
        if libc::mmap(page, size, protection, flags, -1, 0) == libc::MAP_FAILED {
            libc::abort();
        }
    }
}

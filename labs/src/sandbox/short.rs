//! Mappings of objects that a submission has made shorter.
//!
//! A grader maps objects, a semaphore for instance, and the program may truncate them. Then the kernel
//! sends SIGBUS to whoever touches the mapping, and no check beforehand is in time.

use nix::errno::Errno;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use std::ffi::c_void;

/// From now on what is missing behind such an object reads as zeros in this process.
#[allow(unsafe_code)]
pub(crate) fn survive_short_mappings() -> Result<(), Errno> {
    let action = SigAction::new(SigHandler::SigAction(fill_in), SaFlags::SA_SIGINFO, SigSet::empty());
    // SAFETY: the handler makes one system call.
    unsafe { sigaction(Signal::SIGBUS, &action) }.map(drop)
}

/// Puts a page of zeros where one was missing; the access is tried again then.
#[allow(unsafe_code)]
extern "C" fn fill_in(_: libc::c_int, info: *mut libc::siginfo_t, _: *mut c_void) {
    // SAFETY: the kernel passes an address inside a mapping, of which the page has no memory. Nobody has
    // anything in it that could be lost.
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

//! `<stdlib.h>`: the ways out of a process.
#![allow(unsafe_code)]

use crate::call::{Errno, Result, report};

/// `int atexit(void (*function)(void));`
///
/// Has `function` called when the process ends by `exit` or by the return of `main`.
///
/// | errno | when |
/// | --- | --- |
/// | `ENOMEM` | no memory for another entry |
///
/// Manual page: [atexit(3)](https://man7.org/linux/man-pages/man3/atexit.3.html).
pub fn atexit(function: extern "C" fn()) -> Result<()> {
    // SAFETY: the function lives as long as the program.
    let failed = unsafe { libc::atexit(function) };
    let result = if failed == 0 { Ok(()) } else { Err(Errno::ENOMEM) };
    report("atexit", &result, || "function".into());
    result
}

/// `void exit(int status);`
///
/// Runs what [`atexit`] registered, flushes what stdio holds, and ends the
/// process. Nothing is dropped. Manual page: [exit(3)](https://man7.org/linux/man-pages/man3/exit.3.html).
pub fn exit(status: i32) -> ! {
    std::process::exit(status)
}

/// `void abort(void);`
///
/// Ends the process by `SIGABRT`, which runs nothing.
/// Manual page: [abort(3)](https://man7.org/linux/man-pages/man3/abort.3.html).
pub fn abort() -> ! {
    std::process::abort()
}

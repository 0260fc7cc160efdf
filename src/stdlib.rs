//! `<stdlib.h>`: the ways to end a process.
#![allow(unsafe_code)]

use crate::call::{Errno, Result, report};

/// `int atexit(void (*function)(void));`
///
/// Registers `function`, which is called when the process ends by `exit` or by returning from `main`.
///
/// | errno | when |
/// | --- | --- |
/// | `ENOMEM` | not enough memory for another entry |
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
/// Runs the functions of [`atexit`], flushes the buffers of stdio, and ends the process. No Rust value is
/// dropped. Manual page: [exit(3)](https://man7.org/linux/man-pages/man3/exit.3.html).
pub fn exit(status: i32) -> ! {
    std::process::exit(status)
}

/// `void abort(void);`
///
/// Ends the process by `SIGABRT`. No function of [`atexit`] runs.
/// Manual page: [abort(3)](https://man7.org/linux/man-pages/man3/abort.3.html).
pub fn abort() -> ! {
    std::process::abort()
}

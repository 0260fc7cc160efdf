//! Waiting for something that another process or the kernel does: the check is repeated, up to a
//! time limit.

use std::time::{Duration, Instant};

/// No lesson takes a second, but a debug build on a busy machine may take a few.
pub const LIMIT: Duration = Duration::from_secs(20);

/// Calls `ask` until it returns a value, and returns that value. Panics after [`LIMIT`].
pub fn until<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    until_within(LIMIT, ask).unwrap_or_else(|| panic!("still no {what} after {LIMIT:?}"))
}

/// Calls `is_so` until it returns true. Panics after [`LIMIT`].
pub fn until_so(what: &str, is_so: impl FnMut() -> bool) {
    until_so_within(LIMIT, what, is_so);
}

/// Calls `is_so` until it returns true. Panics after `limit`.
pub fn until_so_within(limit: Duration, what: &str, mut is_so: impl FnMut() -> bool) {
    let come = until_within(limit, || is_so().then_some(()));
    assert!(come.is_some(), "still no {what} after {limit:?}");
}

/// Calls `ask` until it returns a value. Returns `None` if there is none within the limit.
pub fn until_within<T>(limit: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if Instant::now() > deadline {
            return None;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

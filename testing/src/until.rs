//! Waiting for something that another process or the kernel brings about: asked for again and
//! again, and never for ever.

use std::time::{Duration, Instant};

/// No lesson takes a second; a debug build on a busy machine may take a few.
pub const LIMIT: Duration = Duration::from_secs(20);

/// Asks until there is an answer, which must come within [`LIMIT`].
pub fn until<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    until_within(LIMIT, ask).unwrap_or_else(|| panic!("after {LIMIT:?} there is still no {what}"))
}

/// Asks until it is so, which it must be within [`LIMIT`].
pub fn until_so(what: &str, is_so: impl FnMut() -> bool) {
    until_so_within(LIMIT, what, is_so);
}

/// Asks until it is so, which it must be within the limit.
pub fn until_so_within(limit: Duration, what: &str, mut is_so: impl FnMut() -> bool) {
    let come = until_within(limit, || is_so().then_some(()));
    assert!(come.is_some(), "after {limit:?} there is still no {what}");
}

/// Asks until there is an answer; `None` if there is none within the limit.
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

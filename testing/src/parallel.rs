//! Work that several threads share.

use std::sync::{Mutex, PoisonError};

/// Calls `work` with each item, in their order, with so many at a time. The thread of the caller works, too: with one at
/// a time there is no other thread, and a process with one thread can enter a user namespace.
pub fn each<T: Send>(items: Vec<T>, at_a_time: usize, work: impl Fn(T) + Sync) {
    let waiting = Mutex::new(items.into_iter());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work_on_all = || {
        while let Some(item) = next() {
            work(item);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..at_a_time {
            scope.spawn(work_on_all);
        }
        work_on_all();
    });
}

//! Ends a traced command that takes too long or no longer makes progress.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a command may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the whole command.
    pub whole: Duration,
    /// Without an event in any of its processes.
    pub still: Duration,
}

/// What the watchdog's thread and the tracer share.
#[derive(Default)]
struct Shared {
    pids: Mutex<BTreeSet<i32>>,
    news: AtomicU64,
    has_bitten: AtomicBool,
}

impl Shared {
    fn kill_all(&self) {
        // A pid stays in the list until its process is reaped, so no other process can have it.
        for pid in self.pids.lock().expect("no panic").iter() {
            let _ = kill(Pid::from_raw(*pid), Signal::SIGKILL);
        }
    }
}

pub(super) struct Watchdog {
    shared: Arc<Shared>,
    /// The thread ends when this sender is dropped.
    leash: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watchdog {
    pub(super) fn start(patience: Patience, leader: i32) -> Self {
        let shared = Arc::new(Shared::default());
        let (leash, end) = mpsc::channel();
        let of_thread = Arc::clone(&shared);
        let watchdog = Watchdog {
            shared,
            leash: Some(leash),
            thread: Some(std::thread::spawn(move || of_thread.watch(patience, &end))),
        };
        watchdog.watch(leader);
        watchdog
    }

    pub(super) fn watch(&self, pid: i32) {
        self.shared.pids.lock().expect("no panic").insert(pid);
    }

    pub(super) fn forget(&self, pid: i32) {
        self.shared.pids.lock().expect("no panic").remove(&pid);
    }

    pub(super) fn something_moved(&self) {
        self.shared.news.fetch_add(1, SeqCst);
    }

    pub(super) fn kill_the_rest(&self) {
        self.shared.kill_all();
    }

    pub(super) fn has_bitten(&self) -> bool {
        self.shared.has_bitten.load(SeqCst)
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.leash.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn watch(&self, patience: Patience, end: &mpsc::Receiver<()>) {
        let start = Instant::now();
        let (mut news, mut since) = (self.news.load(SeqCst), start);
        while end.recv_timeout(Duration::from_millis(50)) == Err(mpsc::RecvTimeoutError::Timeout) {
            let now = self.news.load(SeqCst);
            if now != news {
                (news, since) = (now, Instant::now());
            }
            if since.elapsed() > patience.still || start.elapsed() > patience.whole {
                self.has_bitten.store(true, SeqCst);
                self.kill_all();
            }
        }
    }
}

//! Calls that threads are about to make.

use crate::sandbox::{Clock, Does, Meeting, Notice, Reach};
use std::fmt;
use std::time::Duration;

/// A call that a thread is about to make. The thread makes it when the scheduler lets it.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    /// The number of the scheduled program, in the order in which they started. Processes that it forks have
    /// the same number.
    pub(crate) program: usize,
    /// The process and the thread.
    pub(crate) pid: i32,
    pub(crate) tid: i32,
    /// The system call's name. The C library decides whether semop makes `semop` or `semtimedop`.
    pub(crate) name: String,
    /// Its arguments as the kernel receives them: flags, identifiers, commands.
    pub(crate) args: [u64; 6],
    /// When it was announced, by the sandbox's clock.
    pub(crate) since: Duration,
    /// For a pause: when it ends by the sandbox's clock, and how long it is.
    pause: Option<(Duration, Duration)>,
    /// How many times all threads had come to rest before it was announced.
    rest: usize,
    /// What its path or its descriptor refers to, if it has one.
    reach: Option<Reach>,
    notice: Notice,
}

impl Pending {
    pub(super) fn new(
        program: usize,
        rest: usize,
        notice: Notice,
        reach: Option<Reach>,
        clock: &Clock,
    ) -> Self {
        let pause = match notice.does() {
            Does::Sleep(_) => notice.wait().map(|(_, time)| (clock.end_of(time), clock.length_of(time))),
            _ => None,
        };
        Pending {
            program,
            pid: notice.process().unwrap_or(notice.tid),
            tid: notice.tid,
            name: notice.name(),
            args: notice.args,
            since: clock.now(),
            pause,
            rest,
            reach,
            notice,
        }
    }

    /// Returns the sort key of the calls that a schedule chooses from.
    pub(super) fn order(&self) -> (usize, usize, i32) {
        (self.program, self.rest, self.tid)
    }

    /// Whether it is a call with this name.
    pub(crate) fn is(&self, call: &str) -> bool {
        self.name == call
    }

    /// Whether it may create an object, or enlarge one. A file elsewhere is no object: the runtime of a sanitizer,
    /// for example, creates one for itself.
    pub(crate) fn may_create(&self) -> bool {
        let creates = match self.name.as_str() {
            "mq_open" | "open" | "openat" | "openat2" => {
                self.notice.open_flags().is_some_and(|flags| flags & libc::O_CREAT != 0)
            }
            "creat" | "mknod" | "mknodat" | "ftruncate" | "truncate" | "fallocate" | "write" | "pwrite64" => {
                true
            }
            _ => false,
        };
        creates && self.reach.is_none_or(|reach| reach == Reach::Object)
    }

    /// Whether it is a msgsnd or msgrcv without IPC_NOWAIT, which may wait.
    pub(crate) fn may_wait(&self) -> bool {
        let flags = match self.name.as_str() {
            "msgsnd" => self.args[3],
            "msgrcv" => self.args[4],
            _ => return false,
        };
        flags & u64::from(libc::IPC_NOWAIT.cast_unsigned()) == 0
    }

    /// Whether it is a semop that decrements semaphore 0, and waits until that is possible.
    pub(crate) fn waits_for_semaphore_0(&self) -> bool {
        const SEMBUF: usize = size_of::<libc::sembuf>();
        if !self.is("semop") && !self.is("semtimedop") {
            return false;
        }
        let count = usize::try_from(self.args[2]).unwrap_or(0).min(16);
        let Some(operations) = self.memory(1, count * SEMBUF) else { return false };
        let number = |operation: &[u8], at: usize| i16::from_ne_bytes([operation[at], operation[at + 1]]);
        operations.chunks_exact(SEMBUF).any(|operation| {
            let [semaphore, change, flags] = [0, 2, 4].map(|at| number(operation, at));
            semaphore == 0 && change < 0 && i32::from(flags) & libc::IPC_NOWAIT == 0
        })
    }

    /// Returns how long it pauses, if it is a pause. A pause until a moment may be shorter than the program
    /// wanted, since time passes between its look at the clock and the call.
    pub(crate) fn sleeps_for(&self) -> Option<Duration> {
        self.pause.map(|(_, length)| length)
    }

    /// Returns when its pause ends.
    pub(super) fn end_of_pause(&self) -> Option<Duration> {
        self.pause.map(|(end, _)| end)
    }

    /// Returns the `struct timespec` that an argument points to.
    pub(crate) fn timespec(&self, arg: usize) -> Option<Duration> {
        self.notice.timespec(arg)
    }

    /// Reads `length` bytes of the memory that an argument points to.
    pub(crate) fn memory(&self, arg: usize, length: usize) -> Option<Vec<u8>> {
        self.notice.memory(arg, length)
    }

    pub(super) fn notice(&self) -> &Notice {
        &self.notice
    }

    /// Returns the path of a call that takes one; the first if it takes two.
    fn path(&self) -> Option<String> {
        let arg = match self.notice.does() {
            Does::ActAt(paths) => paths.first()?.path,
            _ => match self.name.as_str() {
                "unlink" | "link" | "rename" => 0,
                "unlinkat" | "linkat" | "renameat" | "renameat2" => 1,
                _ => return None,
            },
        };
        Some(String::from_utf8_lossy(&self.notice.string(arg)).into_owned())
    }
}

impl fmt::Display for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path() {
            Some(path) => write!(f, "{} of {path}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// Whether another program may notice an announced call that refers to this. Opening a library or a locale goes unnoticed.
pub(super) fn is_noticed(notice: &Notice, reach: Option<Reach>) -> bool {
    // A process that sends itself a signal does not affect another one.
    if let Does::Signal(process) = notice.does() {
        return notice.process_named_by(process) != notice.process();
    }
    match reach {
        None | Some(Reach::Object) => true,
        // Reading a file is harmless; creating or changing one is not.
        Some(Reach::SharedFile) => !notice.only_reads(),
        Some(Reach::Elsewhere) => false,
    }
}

/// Returns what the path or the descriptor of an announced call refers to; `None` if it has neither.
pub(super) fn reach(notice: &Notice, meeting: &Meeting) -> Option<Reach> {
    match notice.does() {
        Does::ActAt(paths) => {
            let reach = paths.iter().map(|path| {
                let folder = path.folder.map(|folder| notice.args[folder]);
                meeting.along(notice.tid, folder, &notice.string(path.path))
            });
            Some(reach.min().unwrap_or(Reach::Elsewhere))
        }
        Does::ActOn(fd) => Some(meeting.behind(notice.tid, notice.args[fd])),
        _ => None,
    }
}

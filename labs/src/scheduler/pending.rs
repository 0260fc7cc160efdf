//! A call that is announced before it is made.

use crate::sandbox::{Clock, Does, Meeting, Notice, Reach};
use std::fmt;
use std::time::Duration;

/// A call that a thread is about to make, and makes when it is let go on.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    /// Which of the scheduled programs, in the order of their start. (What a program forks
    /// counts as itself.)
    pub(crate) program: usize,
    /// The process, and the thread.
    pub(crate) pid: i32,
    pub(crate) tid: i32,
    /// The system call's name; `semop` is `semop` or `semtimedop`, as the C library likes.
    pub(crate) name: String,
    /// Its arguments, as the kernel is given them: flags, identifiers, commands.
    pub(crate) args: [u64; 6],
    /// For a pause: when it is over, by the sandbox's clock, and how long that is.
    pause: Option<(Duration, Duration)>,
    /// How often nothing had moved before it was announced.
    rest: usize,
    notice: Notice,
}

impl Pending {
    pub(super) fn new(program: usize, rest: usize, notice: Notice, clock: &Clock) -> Self {
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
            pause,
            rest,
            notice,
        }
    }

    /// By this the calls are ordered from which a schedule chooses.
    pub(super) fn order(&self) -> (usize, usize, i32) {
        (self.program, self.rest, self.tid)
    }

    /// Whether it is this call.
    pub(crate) fn is(&self, call: &str) -> bool {
        self.name == call
    }

    /// Whether it may create an object, or make it larger.
    pub(crate) fn may_create(&self) -> bool {
        match self.name.as_str() {
            "mq_open" | "open" | "openat" | "openat2" => {
                self.notice.open_flags().is_some_and(|flags| flags & libc::O_CREAT != 0)
            }
            "creat" | "mknod" | "mknodat" | "ftruncate" | "truncate" | "fallocate" | "write" | "pwrite64" => {
                true
            }
            _ => false,
        }
    }

    /// Whether it is a msgsnd or msgrcv that waits if it has to: without IPC_NOWAIT.
    pub(crate) fn may_wait(&self) -> bool {
        let flags = match self.name.as_str() {
            "msgsnd" => self.args[3],
            "msgrcv" => self.args[4],
            _ => return false,
        };
        flags & u64::from(libc::IPC_NOWAIT.cast_unsigned()) == 0
    }

    /// Whether it is a semop that takes from semaphore 0, and waits until that is possible.
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

    /// How long it pauses, if it does nothing else.
    pub(crate) fn sleeps_for(&self) -> Option<Duration> {
        self.pause.map(|(_, length)| length)
    }

    /// When its pause is over.
    pub(super) fn end_of_pause(&self) -> Option<Duration> {
        self.pause.map(|(end, _)| end)
    }

    /// The `struct timespec` that an argument points to: seconds and nanoseconds.
    pub(crate) fn timespec(&self, arg: usize) -> Option<Duration> {
        self.notice.timespec(arg)
    }

    /// So many bytes of what an argument points to.
    pub(crate) fn memory(&self, arg: usize, length: usize) -> Option<Vec<u8>> {
        self.notice.memory(arg, length)
    }

    pub(super) fn notice(&self) -> &Notice {
        &self.notice
    }

    /// For calls that take a path, the path; of those that take two, the first.
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

/// Whether another program may notice an announced call: not so the opening of a library, or of a locale.
pub(super) fn is_noticed(notice: &Notice, meeting: &Meeting) -> bool {
    let reach = match notice.does() {
        Does::ActAt(paths) => {
            let reach = paths.iter().map(|path| {
                let folder = path.folder.map(|folder| notice.args[folder]);
                meeting.along(notice.tid, folder, &notice.string(path.path))
            });
            reach.min().unwrap_or(Reach::Elsewhere)
        }
        Does::ActOn(fd) => meeting.behind(notice.tid, notice.args[fd]),
        // A thread that sends itself a signal tells nobody else.
        Does::Signal(process) => return notice.process_named_by(process) != notice.process(),
        _ => return true,
    };
    match reach {
        Reach::Object => true,
        // To look into a file is harmless; to make one, or to change it, is not.
        Reach::SharedFile => !notice.only_reads(),
        Reach::Elsewhere => false,
    }
}
